"""One module a subject: how it decodes a page, gets a record, follows a listing, writes a body.

A module defines the functions of `worker.TASKS` that its library has an answer to, each returning what is to be called
again and again. Modules are loaded by name in the environment of their library, so that nothing else needs it.
"""
