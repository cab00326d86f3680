"""Benchmarks: what the library costs, side by side with plain parsing and with other clients.

`python -m benchmarks decode` answers one question, `python -m benchmarks` all of them. No figure is a time: each is a
ratio of processor time to that of the plain way, measured in turns in one process on the same bytes.

What is imported into the environments of the other clients (`records`, `server`, `subjects`, `worker`) needs nothing
but the standard library.
"""
