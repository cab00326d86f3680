"""What a client must know about the service it talks to, apart from its operations."""

from __future__ import annotations

from collections.abc import Mapping

from .budget import Limit
from .schemes import Scheme
from .types import Value


class Service(Value, frozen=True, kw_only=True):
    """Where a service is, how it knows its callers, and which of its conventions the client takes care of."""

    name: str
    """Name for messages."""
    base_url: str
    """Where the paths of the operations begin; empty where every caller has to say."""
    base_url_environment: str = ""
    """Environment variable that names another address, such as that of a test double; empty for none."""
    schemes: Mapping[str, Scheme] = {}
    """How it knows its callers, by the name of the client's argument for the token, key or login."""
    security: tuple[tuple[str, ...], ...] = ((),)
    """Which schemes a call needs unless its operation says otherwise: alternatives, each of schemes needed together."""
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
    def secret_headers(self) -> frozenset[str]:
        """Headers that carry secrets, in lower case."""
        return frozenset(
            "cookie" if scheme.place == "cookie" else scheme.name.lower()
            for scheme in self.schemes.values()
            if scheme.place != "query"
        )

    @property
    def bound_options(self) -> frozenset[str]:
        """Query options that only the client sets."""
        return frozenset(filter(None, (self.tenant_option, self.format_option)))
