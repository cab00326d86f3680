"""Writes the package `accounts_client` from OpenAPI specs: `python -m generator`.

A run goes through these modules in order. `documents`, with `reading` and `grammar`, turns spec files into checked
documents. `parser` hands each to openapi-python-client and reads what that made of it as `shapes`. From both, `build`
makes the `model` of each module, with `support` for what the pages say about integrations. `render` prints it with the
templates, and `output` puts the files in place.
"""
