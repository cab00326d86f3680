"""What a connected account can do by the service's own answer, which is newer than the pages.

The operation is written here and not in a spec: it belongs to no category, its path holds the account that a client is
bound to, and none of the pages that the specs follow describes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Final

from attrs import define, evolve, field

from .decoding import decode
from .request import Operation, Request
from .results import One
from .support import Fact, FieldSupport, OperationSupport, Support, SupportTables, Verdict, same_name
from .types import JSON

PAGE: Final = "integrated-account/{id}/capabilities"
"""What stands in place of a page in facts of such an answer."""


@define(kw_only=True)
class CapableIntegration:
    """The integration behind an account."""

    id: str | None = None
    """The service's id of the integration."""
    name: str | None = None
    """Its name in addresses, such as `hubspot`."""
    label: str | None = None
    """Its name for people, such as `HubSpot`."""
    category: str | None = None
    """What it is, such as `crm`."""
    extra: dict[str, JSON] = field(factory=dict[str, JSON])
    """What the answer held beyond the fields above, by wire name."""


@define(kw_only=True)
class CapableResource:
    """A resource of a unified model, as far as the account has it."""

    model: str | None = None
    """The unified model, such as `crm`."""
    resource: str | None = None
    """The resource of the model, such as `accounts`."""
    methods: list[str] | None = None
    """What can be called: `list`, `get`, `create`, `update`, `delete`, and custom methods."""
    env_overridden: bool | None = None
    """Whether the environment has a mapping of its own, so that the pages tell nothing about fields."""
    extra: dict[str, JSON] = field(factory=dict[str, JSON])
    """What the answer held beyond the fields above, by wire name."""


@define(kw_only=True)
class CapableAccount:
    """State of the account."""

    id: str | None = None
    """Its id."""
    status: str | None = None
    """Such as `active`."""
    authentication_method: str | None = None
    """How it was connected."""
    is_blocked: bool | None = None
    """Whether calls about it are refused."""
    extra: dict[str, JSON] = field(factory=dict[str, JSON])
    """What the answer held beyond the fields above, by wire name."""


@define(kw_only=True)
class Capabilities:
    """The answer about one account; `extra` holds what it says of the proxy API and of the connection."""

    integration: CapableIntegration | None = None
    """The integration behind the account."""
    unified: list[CapableResource] | None = None
    """The resources that the account has."""
    account: CapableAccount | None = None
    """State of the account."""
    extra: dict[str, JSON] = field(factory=dict[str, JSON])
    """What the answer held beyond the fields above, by wire name."""


GET_CAPABILITIES: Final = Operation(
    "capabilities.get",
    "GET",
    "/integrated-account/{id}/capabilities",
    One(Capabilities),
    names_tenant=False,  # the path does
)


def get_capabilities(integrated_account_id: str) -> Request[Capabilities]:
    """Build the request for the unified capabilities of an account."""
    return Request(GET_CAPABILITIES, path={"id": integrated_account_id}, query={"type": "unified"})


def narrowed(tables: SupportTables, answer: Capabilities | JSON | bytes, *, is_whole: bool) -> Support:
    """Return what the pages say about the integration of an answer, narrowed to what the answer says.

    Raises:
        DecodeError: The answer is not JSON, or no object.
    """
    capabilities = answer if isinstance(answer, Capabilities) else decode(Capabilities, answer)
    integration = capabilities.integration or CapableIntegration()
    names = [name for name in (integration.label, integration.name) if name]
    pages = next((found for name in names if (found := tables.known(name))), None)
    if pages is None:
        pages = Support(next(iter(names), ""), tables, is_known=False)
    return LiveSupport(pages, tables, capabilities.unified or [], is_whole=is_whole)


class LiveSupport(Support):
    """What an answer and the pages say together about the integration of one account."""

    def __init__(
        self, pages: Support, tables: SupportTables, resources: list[CapableResource], *, is_whole: bool
    ) -> None:
        super().__init__(pages.integration, tables, is_known=pages.is_known)
        self._pages = pages
        self._resources = resources
        self._is_whole = is_whole

    @cached_property
    def operations(self) -> Mapping[str, OperationSupport]:
        """What is known about each operation, by its name, such as `crm_accounts.update`."""
        return {name: self._narrowed(name, support) for name, support in self._pages.operations.items()}

    def _narrowed(self, name: str, pages: OperationSupport) -> OperationSupport:
        path = self._tables.operations[name].operation.path
        entries = [entry for entry in self._resources if path.split("/")[2:4] == [entry.model, entry.resource]]
        if not entries and not self._is_whole:
            return pages
        method = name.rpartition(".")[2]
        has_it = any(same_name(method, known) for entry in entries for known in entry.methods or ())
        verdict: Verdict = "supported" if has_it else "not_listed"
        fact = Fact(
            "operation",
            page=PAGE,
            integrations=(self.integration,) if has_it else (),
            without=() if has_it else (self.integration,),
        )
        narrow = evolve(pages, verdict=verdict, facts=(*pages.facts, fact))
        if not has_it or (pages.verdict == "supported" and not any(entry.env_overridden for entry in entries)):
            return narrow
        # The pages do not speak of this mapping.
        return evolve(
            narrow,
            is_partial=False,
            query=_unknown(pages.query),
            body=_unknown(pages.body),
            answer=_unknown(pages.answer),
        )


def _unknown(fields: Mapping[str, FieldSupport]) -> Mapping[str, FieldSupport]:
    return {name: evolve(support, verdict="unknown", values=None, max_items=None) for name, support in fields.items()}
