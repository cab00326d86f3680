"""Facts about integrations in a spec: where they may stand, what they may say, and what becomes of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from accounts_client.support import TABLES
from accounts_client_runtime.support import SupportTables, Verdict
from generator.build import build_clients, build_modules
from generator.documents import load
from generator.model import Package
from generator.nodes import JSONValue
from generator.render import printed
from generator.text import Text

SPECS = Path(__file__).parents[2] / "specs"
OPERATION = "#/paths/~1things~1{id}/patch/x-support/0"
FIELD = "#/components/schemas/Change/properties/size/x-support/0"
COUNT = "must hold two whole numbers, of which supported includes required"


@pytest.fixture
def fact() -> dict[str, Any]:
    """A fact about a field, fresh for each test."""
    return {
        "operation": "update_thing",
        "in": "body",
        "page": "things/update",
        "supported": ["Aha", "Bitrix"],
        "required": ["Clio"],
        "count": {"supported": 3, "required": 1},
    }


def beside_operation(spec: dict[str, Any], *facts: Mapping[str, JSONValue]) -> dict[str, Any]:
    spec["paths"]["/things/{id}"]["patch"]["x-support"] = [*facts]
    return {"things.yaml": spec}


def beside_field(spec: dict[str, Any], *facts: Mapping[str, JSONValue]) -> dict[str, Any]:
    spec["components"]["schemas"]["Change"]["properties"]["size"]["x-support"] = [*facts]
    return {"things.yaml": spec}


def module() -> str:
    """Return the module of the tables on one line, wherever the formatter breaks it."""
    return " ".join(Path("generated/accounts_client/support.py").read_text(encoding="utf-8").split())


def test_a_fact_is_about_the_field_that_it_stands_beside(
    spec: dict[str, Any], run: Callable[..., str], fact: dict[str, Any]
) -> None:
    run(beside_field(spec, fact))
    assert 'supported=("Aha", "Bitrix"),' in module()
    assert '"body", "size", page="things/update",' in module()
    assert "count=Count(3, 1)" in module()
    assert 'Integration: TypeAlias = Literal["Aha", "Bitrix", "Clio"] | str' in module()


def test_a_fact_beside_a_reference_is_about_the_field_too(
    spec: dict[str, Any], run: Callable[..., str], fact: dict[str, Any]
) -> None:
    spec["components"]["schemas"]["Change"]["properties"]["part"] = {
        "$ref": "#/components/schemas/Thing",
        "x-support": [fact],
    }
    run({"things.yaml": spec})
    assert '"body", "part", page="things/update",' in module()


def test_a_fact_about_a_field_inside_another_names_both(
    spec: dict[str, Any], run: Callable[..., str], fact: dict[str, Any]
) -> None:
    inner = {"type": "array", "items": {"type": "object", "properties": {"id": {"x-support": [fact]}}}}
    spec["components"]["schemas"]["Change"]["properties"]["parts"] = inner
    run({"things.yaml": spec})
    assert '"parts.id",' in module()
    assert 'body=("size", "parts", "parts.id"),' in module()


def test_without_a_name_of_an_integration_there_are_no_tables(spec: dict[str, Any], run: Callable[..., str]) -> None:
    count: dict[str, JSONValue] = {"supported": 3, "required": 1}
    run(beside_field(spec, {"operation": "update_thing", "in": "body", "page": "things/update", "count": count}))
    assert not Path("generated/accounts_client/support.py").exists()
    assert "Integration" not in Path("generated/accounts_client/_clients.py").read_text()


@pytest.mark.parametrize(
    ("key", "value", "place", "reason"),
    [
        ("owner", "me", "", "`owner` is not supported"),
        ("page", 5, "/page", "must be a string"),
        ("operation", "get_thing", "/operation", "'get_thing' is no operation of this spec"),
        ("in", "header", "/in", "'header' is not supported, only operation, query, body and answer"),
        ("in", "operation", "/count", "has no meaning for a fact about the operation"),
        ("in", "query", "", "stands beside no field that calls have in the query"),
        ("in", "answer", "", "stands beside no field that calls have in the answer"),
        ("integrations", ["Aha"], "/integrations", "has no meaning for a fact about the body"),
        ("supported", "Aha", "/supported", "must be an array"),
        ("supported", [1, "Aha"], "/supported/0", "must hold strings"),
        ("supported", ["Aha", "Aha"], "/supported/0", "Aha is there twice"),
        ("supported", ["Aha", " "], "/supported/1", "is no name"),
        ("required", ["Aha"], "/supported/0", "Aha is there twice"),
        ("count", {"supported": 1, "required": 2}, "/count", COUNT),
        ("count", {"supported": "3", "required": 1}, "/count", COUNT),
        ("count", {"supported": 3, "required": 0}, "/count", "counts 3 and 0, but 3 and 1 are named"),
        ("field", None, "", "`field` and `position` stand together"),
        ("position", "last", "", "`field` and `position` stand together"),
        ("values", ["a"], "/values", "must be an object"),
        ("values", {"Aha": {}}, "/values/Aha", "must not be an object"),
        ("values", {"Aha": "a"}, "/values/Aha", "must be an array"),
        ("values", {"Aha": [1]}, "/values/Aha/0", "must be a string"),
        ("max_items", {"Aha": "2"}, "/max_items/Aha", "must be a whole number"),
        ("complete", "no", "/complete", "must be true or false"),
    ],
)
def test_a_fact_that_cannot_be_read_is_refused_by_place_and_reason(
    spec: dict[str, Any],
    run: Callable[..., str],
    fact: dict[str, Any],
    key: str,
    value: JSONValue,
    place: str,
    reason: str,
) -> None:
    said = run(beside_field(spec, {**fact, key: value}), status=1)
    assert said == f"specs/things.yaml: {FIELD}{place}: {reason}\n"


@pytest.mark.parametrize(
    ("more", "place", "reason"),
    [
        ({"in": "operation"}, "", "`integrations` is missing"),
        (
            {"in": "operation", "integrations": ["Aha"], "partial": ["Clio"]},
            "/partial/0",
            "Clio is not among the integ",
        ),
        ({"in": "operation", "integrations": ["Aha"], "without": ["Aha"]}, "/integrations/0", "Aha is there twice"),
        (
            {"in": "body", "field": "size", "position": "last"},
            "/field",
            "must be null: a fact about a field that has a",
        ),
        ({"in": "body"}, "", "stands beside no field that calls have in the body"),
    ],
)
def test_a_fact_about_an_operation_that_cannot_be_read_is_refused(
    spec: dict[str, Any], run: Callable[..., str], more: dict[str, JSONValue], place: str, reason: str
) -> None:
    said = run(beside_operation(spec, {"operation": "update_thing", "page": "things/update", **more}), status=1)
    assert said.startswith(f"specs/things.yaml: {OPERATION}{place}: {reason}")


def test_a_fact_about_an_operation_stands_beside_that_operation(spec: dict[str, Any], run: Callable[..., str]) -> None:
    listed: list[JSONValue] = ["Aha"]
    said = run(
        beside_field(spec, {"operation": "update_thing", "in": "operation", "page": "a", "integrations": listed}),
        status=1,
    )
    assert said == f"specs/things.yaml: {FIELD}: does not stand beside update_thing\n"


def test_a_fact_about_several_fields_is_refused(
    spec: dict[str, Any], run: Callable[..., str], fact: dict[str, Any]
) -> None:
    spec["components"]["schemas"]["Part"] = {"type": "object", "properties": {"size": {"x-support": [fact]}}}
    for name in ("first", "second"):
        spec["components"]["schemas"]["Change"]["properties"][name] = {"$ref": "#/components/schemas/Part"}
    assert run({"things.yaml": spec}, status=1) == (
        "specs/things.yaml: #/components/schemas/Part/properties/size/x-support/0: "
        "stands beside several fields (first.size, second.size) that calls have in the body\n"
    )


def test_a_fact_that_no_call_reaches_is_refused(
    spec: dict[str, Any], run: Callable[..., str], fact: dict[str, Any]
) -> None:
    spec["components"]["schemas"]["Part"] = {"type": "object", "properties": {"size": {"x-support": [fact]}}}
    assert "stands beside no field that calls have in the body" in run({"things.yaml": spec}, status=1)


EMAIL = """supported: [OnePageCRM, Outreach, Pipedrive, Planhat, Wix]
              required: [Salesforce]
              count: {supported: 6, required: 1}
"""
CUSTOM_FIELDS = """supported: [Front, Planhat]
              required: []
              count: {supported: 2, required: 0}
"""
# What stands in a spec, what shall stand there, and the one verdict that follows from it.
CELLS = [
    (
        "crm_users.yaml",
        EMAIL,
        EMAIL.replace(", Wix", "").replace("[Salesforce", "[Salesforce, Wix").replace("required: 1", "required: 2"),
        ("crm_users.update", "body", "email", "Wix", "supported", "required"),
    ),
    (
        "crm_users.yaml",
        EMAIL,
        EMAIL.replace(", Wix", "").replace("supported: 6", "supported: 5"),
        ("crm_users.update", "body", "email", "Wix", "supported", "not_listed"),
    ),
    (
        "crm_users.yaml",
        "[Accelo, Attio, Capsule,",
        "[Attio, Capsule,",
        ("crm_users.list", "query", "created_at", "Accelo", "supported", "not_listed"),
    ),
    (
        "ticketing_accounts.yaml",
        CUSTOM_FIELDS,
        CUSTOM_FIELDS.replace("[Front", "[BMC Helix, Front").replace("supported: 2", "supported: 3"),
        ("ticketing_accounts.update", "body", "custom_fields", "BMC Helix", "not_listed", "supported"),
    ),
    (
        "crm_accounts.yaml",
        "required:\n                [Attio, Capsule,",
        "required:\n                [Capsule,",
        ("crm_accounts.create", "body", "name", "Attio", "required", "unknown"),
    ),
]


@pytest.mark.parametrize(("file", "before", "after", "expected"), CELLS, ids=[str(cell[3]) for cell in CELLS])
def test_changing_one_cell_of_a_spec_changes_one_verdict(
    tmp_path: Path, file: str, before: str, after: str, expected: tuple[str, ...]
) -> None:
    for path in SPECS.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        if path.name == file:
            assert text.count(before) == 1
            text = text.replace(before, after)
        copy = tmp_path / path.relative_to(SPECS)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(text, encoding="utf-8")
    old, new = verdicts(TABLES), verdicts(tables_of(tmp_path))
    changed = [(*cell, old[cell], new[cell]) for cell in old if old[cell] != new[cell]]
    assert old.keys() == new.keys()
    assert changed == [expected]


def tables_of(specs: Path) -> SupportTables:
    """Return the tables that come of a folder of specs, run beside the modules of the package."""
    documents = load(specs)
    modules = [module for document in documents for module in build_modules(document)]
    text = printed(Package(modules, build_clients(documents, modules), Text("specs/")))["support.py"]
    namespace: dict[str, Any] = {"__name__": "accounts_client.other_support", "__package__": "accounts_client"}
    exec(compile(text, "support.py", "exec"), namespace)
    tables = namespace["TABLES"]
    assert isinstance(tables, SupportTables)
    return tables


def verdicts(tables: SupportTables) -> dict[tuple[str, str, str, str], Verdict]:
    """Return every verdict, by operation, place, field and integration."""
    found: dict[tuple[str, str, str, str], Verdict] = {}
    for integration in tables.integrations:
        for name, operation in tables.support(integration).operations.items():
            found[name, "operation", "", integration] = operation.verdict
            for place, fields in (("query", operation.query), ("body", operation.body), ("answer", operation.answer)):
                found |= {(name, place, field, integration): cell.verdict for field, cell in fields.items()}
    return found
