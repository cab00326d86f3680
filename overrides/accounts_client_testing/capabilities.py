"""What the fake says an account can do: the answer that `truto.capabilities()` asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from accounts_client_runtime import JSON, FreeJSON, Operation

from .answers import Call
from .personality import Personality

_KINDS = ("all", "unified", "proxy")


def capabilities_of(
    call: Call,
    account: str,
    personality: Personality | None,
    operations: Iterable[Operation[object]],
    methods: Mapping[str, Iterable[str]],
) -> dict[str, JSON]:
    """Return the answer for one account.

    Args:
        call: The request, whose options narrow the answer.
        account: Id of the account.
        personality: What its integration makes of calls.
        operations: Those of all categories.
        methods: Further methods, by category.
    """
    kind = call.choice("type", _KINDS, "all")
    label = personality.integration if personality else "Fake"
    resources: dict[str, dict[str, JSON]] = {}
    for operation in operations:
        category, _, method = operation.name.rpartition(".")
        _, _, model, resource, *_ = operation.path.split("/")
        if kind == "proxy" or call.query.get("resource", resource) != resource:
            continue
        entry = resources.setdefault(
            category,
            {
                "model": model,
                "model_label": f"Unified {model.upper()} API",
                "resource": resource,
                "description": None,
                "docs_url": None,
                "methods": [*methods.get(category, ())],
                "env_overridden": False,
            },
        )
        known = entry["methods"]
        # The operation that calls any custom method is none that an account has.
        is_open = isinstance(operation.result, FreeJSON)
        if isinstance(known, list) and not is_open and (personality is None or personality.has(operation)):
            known.append(method.replace("_", "-"))
    return {
        "integration": {"id": "fake", "name": label.lower().replace(" ", ""), "label": label, "category": "crm"},
        "environment_id": "fake",
        "proxy": [],
        "unified": [entry for entry in resources.values() if entry["methods"]],
        "auth": {"formats": ["oauth2"], "fields": []},
        "account": {"id": account, "status": "active", "authentication_method": "oauth2", "is_blocked": False},
    }
