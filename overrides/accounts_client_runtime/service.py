"""What a client must know about the service it talks to, apart from its operations."""

from __future__ import annotations

from .budget import Limit
from .types import Value


class Service(Value, frozen=True, kw_only=True):
    """Where a service is, how it knows its callers, and which of its conventions the client takes care of."""

    name: str
    """Name for messages."""
    base_url: str
    """Where the paths of the operations begin."""
    base_url_environment: str
    """Environment variable that names another address, such as that of a test double."""
    token_argument: str
    """Name of the client's argument for the token or key."""
    token_environment: str
    """Environment variable that is read where the argument is not given."""
    token_header: str
    """Header that carries the token."""
    token_prefix: str = ""
    """What stands before the token in the header."""
    tenant_option: str = ""
    """Query option that names the integrated account; empty where a service has no tenants."""
    tenant_environment: str = ""
    """Environment variable that is read where no tenant is given."""
    format_option: str = ""
    """Query option that chooses the form of the answer; empty where there is one form."""
    idempotency_header: str = ""
    """Header that makes a repeated write safe; empty where the service documents none."""
    never_excluded: frozenset[str] = frozenset()
    """Fields that must not be excluded from an answer, since a record is nothing without them."""
    exclude_option: str = ""
    """Query option that excludes fields from an answer."""

    token_limits: tuple[Limit, ...] = ()
    """Documented limits for all requests of a token."""
    account_limits: tuple[Limit, ...] = ()
    """Documented limits for the requests of one integrated account."""

    @property
    def bound_options(self) -> frozenset[str]:
        """Query options that only the client sets."""
        return frozenset(filter(None, (self.tenant_option, self.format_option)))
