"""The engine of the test doubles: services in memory that know no category.

`accounts_client.testing` hands it the operations of the specs; users import from there. Nothing is imported here, so
that the pytest plugin beside this file costs nothing where it is not used.
"""
