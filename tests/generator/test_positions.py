"""One schema in several positions: what is printed once, what twice, and under which names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

FREE = {"type": "object", "properties": {"name": {"type": "string"}, "more": {}}}


def module() -> str:
    return Path("generated/accounts_client/things.py").read_text(encoding="utf-8")


def add_filter(spec: dict[str, Any], schema: dict[str, Any]) -> None:
    """Use a schema as a query option, too."""
    option = {"name": "only", "in": "query", "style": "deepObject", "schema": schema}
    spec["paths"]["/things/{id}"]["patch"]["parameters"].append(option)


def test_a_schema_in_a_body_and_a_query_is_one_class(spec: dict[str, Any], run: Callable[..., str]) -> None:
    add_filter(spec, {"$ref": "#/components/schemas/Change"})
    run({"things.yaml": spec})
    assert module().count("class Change(TypedDict, total=False):") == 1
    assert "only: Change" in module()


def test_a_schema_that_differs_in_a_body_and_a_query_is_refused(spec: dict[str, Any], run: Callable[..., str]) -> None:
    spec["components"]["schemas"]["Change"] = FREE
    add_filter(spec, {"$ref": "#/components/schemas/Change"})
    place = "specs/things.yaml: #/components/schemas/Change"
    assert run({"things.yaml": spec}, status=1) == f"{place}: is used in bodies and in queries and differs there\n"


def test_a_schema_in_all_positions_is_a_class_and_a_dictionary(spec: dict[str, Any], run: Callable[..., str]) -> None:
    spec["components"]["schemas"]["Change"] = {"$ref": "#/components/schemas/Thing"}
    add_filter(spec, {"$ref": "#/components/schemas/Thing"})
    run({"things.yaml": spec})
    assert "class Thing:" in module()
    assert module().count("class ThingInput(TypedDict, total=False):") == 1
    assert "body: ThingInput | None = None" in module()
    assert "only: ThingInput" in module()


def test_a_schema_that_has_the_name_of_an_input_is_refused(spec: dict[str, Any], run: Callable[..., str]) -> None:
    spec["components"]["schemas"]["ThingInput"] = FREE
    spec["components"]["schemas"]["Thing"]["properties"]["more"] = {"$ref": "#/components/schemas/ThingInput"}
    spec["components"]["schemas"]["Change"] = {"$ref": "#/components/schemas/Thing"}
    assert "would be called ThingInput, which is taken by" in run({"things.yaml": spec}, status=1)


def test_schemas_that_no_operation_reaches_are_left_out(spec: dict[str, Any], run: Callable[..., str]) -> None:
    spec["components"]["schemas"]["Request"] = FREE
    spec["paths"]["/things/{id}"]["patch"]["responses"]["404"] = {
        "description": "None.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Request"}}},
    }
    run({"things.yaml": spec})
    assert "class Request" not in module()


def test_an_enumeration_whose_name_is_taken_is_named_after_its_owner(
    spec: dict[str, Any], run: Callable[..., str]
) -> None:
    choices = {"type": "string", "enum": ["a value that is long", "enough to give the type a name"]}
    spec["components"]["schemas"]["Thing"]["properties"]["thing"] = choices
    run({"things.yaml": spec})
    assert 'ThingThing: TypeAlias = Literal["a value that is long", "enough to give the type a name"]' in module()
    assert "thing: ThingThing | str | None = None" in module()
