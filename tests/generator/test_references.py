"""References between files: what they refer to is put in, under its own name or in place, and errors name its file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator import documents
from generator.documents import load
from generator.nodes import JSONValue, SpecError

Files = dict[str, Any]


@pytest.fixture
def files(spec: dict[str, Any]) -> Files:
    """A spec whose property `size` refers to another file, which each test writes."""
    document = spec
    document["components"] = {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string"},
                    "size": {"$ref": "shared/sizes.yaml#/components/schemas/Size"},
                },
            },
            "Change": {"type": "object", "properties": {"name": {"type": "string"}}},
        }
    }
    return {"things.yaml": document}


def shared(schemas: JSONValue) -> dict[str, Any]:
    return {"components": {"schemas": schemas}}


def module(name: str = "things") -> str:
    return Path(f"generated/accounts_client/{name}.py").read_text(encoding="utf-8")


def test_a_schema_of_another_file_keeps_its_name(files: Files, run: Callable[..., str]) -> None:
    files["shared/sizes.yaml"] = shared({"Size": {"type": "object", "properties": {"width": {"type": "integer"}}}})
    run(files)
    assert "class Size:" in module()
    assert "size: Size | None = None" in module()


def test_a_schema_of_another_file_may_refer_to_its_neighbors_and_back(files: Files, run: Callable[..., str]) -> None:
    files["shared/sizes.yaml"] = shared(
        {
            "Size": {"type": "object", "properties": {"unit": {"$ref": "#/components/schemas/Unit"}}},
            "Unit": {"type": "object", "properties": {"thing": {"$ref": "../things.yaml#/components/schemas/Thing"}}},
        }
    )
    run(files)
    assert "unit: Unit | None = None" in module()
    assert "thing: Thing | None = None" in module()


def test_a_schema_that_is_a_reference_stands_for_what_it_refers_to(files: Files, run: Callable[..., str]) -> None:
    files["shared/sizes.yaml"] = shared(
        {
            "Size": {"$ref": "units.yaml#/components/schemas/Unit"},
        }
    )
    files["shared/units.yaml"] = shared({"Unit": {"type": "object", "properties": {"name": {"type": "string"}}}})
    run(files)
    assert "size: Unit | None = None" in module()


def test_two_schemas_of_one_name_are_refused(files: Files, run: Callable[..., str]) -> None:
    files["shared/sizes.yaml"] = shared({"Size": {"$ref": "#/components/schemas/Thing"}, "Thing": {"type": "string"}})
    place = "#/components/schemas/Thing"
    assert run(files, status=1) == f"specs/shared/sizes.yaml: {place}: has the name of specs/things.yaml: {place}\n"


def test_an_error_names_the_file_it_is_in(files: Files, run: Callable[..., str]) -> None:
    files["shared/sizes.yaml"] = shared({"Size": {"type": "object", "patternProperties": {}}})
    assert run(files, status=1) == (
        "specs/shared/sizes.yaml: #/components/schemas/Size: `patternProperties` is not supported\n"
    )


def test_what_is_no_named_schema_is_put_in_place(files: Files, run: Callable[..., str]) -> None:
    files["shared/sizes.yaml"] = shared({"Size": {"$ref": "#/sizes/1"}})
    files["shared/sizes.yaml"]["sizes"] = [{"type": "string"}, {"type": "integer"}]
    run(files)
    assert "size: int | None = None" in module()


def test_references_in_place_that_loop_are_refused(files: Files, run: Callable[..., str]) -> None:
    files["shared/sizes.yaml"] = {
        "components": {"schemas": {"Size": {"$ref": "#/a"}}},
        "a": {"items": {"$ref": "#/b"}, "type": "array"},
        "b": {"type": "array", "items": {"$ref": "#/a"}},
    }
    assert run(files, status=1) == "specs/shared/sizes.yaml: #/b/items: refers to itself\n"


def test_references_in_place_that_multiply_are_refused(
    files: Files, run: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MAXIMUM_VALUES", 10_000)
    content: Files = {"components": {"schemas": {"Size": {"$ref": "#/a9"}}}, "a0": {"type": "string"}}
    for number in range(1, 10):
        content[f"a{number}"] = {"anyOf": [{"$ref": f"#/a{number - 1}"}] * 10}
    files["shared/sizes.yaml"] = content
    assert "the document with its references put in holds more than 10,000 values" in run(files, status=1)


def test_a_link_out_of_the_specs_folder_is_refused(files: Files, run: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("components: {schemas: {Size: {type: string}}}")
    (tmp_path / "specs" / "shared").mkdir(parents=True)
    (tmp_path / "specs" / "shared" / "sizes.yaml").symlink_to(tmp_path / "secret.yaml")
    assert "'shared/sizes.yaml' is outside the specs folder" in run(files, status=1)


def test_references_with_escaped_keys_are_followed(files: Files, run: Callable[..., str]) -> None:
    files["shared/sizes.yaml"] = {
        "components": {"schemas": {"Size": {"$ref": "#/a~1b%20c~0"}}},
        "a/b c~": {"type": "boolean"},
    }
    run(files)
    assert "size: bool | None = None" in module()


def test_the_words_beside_a_reference_go_before_those_it_leads_to(files: Files, run: Callable[..., str]) -> None:
    files["shared/sizes.yaml"] = shared(
        {"Size": {"type": "string", "description": "A size."}, "Other": {"type": "string", "description": "Another."}}
    )
    files["things.yaml"]["components"] = {
        "schemas": {
            "Thing": {
                "type": "object",
                "properties": {
                    "size": {"$ref": "shared/sizes.yaml#/components/schemas/Size", "description": "How large it is."},
                    "other": {"$ref": "shared/sizes.yaml#/components/schemas/Other"},
                },
            },
            "Change": {"type": "object", "additionalProperties": True},
        }
    }
    run(files)
    assert 'size: str | None = None\n    """How large it is."""' in module()
    assert 'other: str | None = None\n    """Another."""' in module()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Things.yaml", "specs/Things.yaml: must be named like a Python module in lower case, with the ending .yaml"),
        ("class.yaml", "specs/class.yaml: must be named like a Python module in lower case, with the ending .yaml"),
        ("things.yml", "specs/things.yml: must be named like a Python module in lower case, with the ending .yaml"),
        ("things.json", "specs/things.json: must be named like a Python module in lower case, with the ending .yaml"),
    ],
)
def test_a_spec_needs_a_name_that_can_be_a_module(
    spec: dict[str, Any], run: Callable[..., str], name: str, message: str
) -> None:
    assert run({name: spec}, status=1) == f"{message}\n"


@pytest.mark.parametrize("name", ["decode", "testing"])
def test_a_spec_cannot_take_the_name_of_something_else(
    spec: dict[str, Any], run: Callable[..., str], name: str
) -> None:
    assert f"would be called {name}, which is taken" in run({f"{name}.yaml": spec}, status=1)


def test_a_folder_without_specs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="holds no spec"):
        load(tmp_path)
    with pytest.raises(SpecError, match="is not a folder"):
        load(tmp_path / "none")


def test_two_specs_of_one_client_must_agree_on_it(spec: dict[str, Any], run: Callable[..., str]) -> None:
    other = {**spec, "servers": [{"url": "https://elsewhere.example.com"}]}
    assert run({"a.yaml": spec, "b.yaml": other}, status=1) == (
        "specs/b.yaml: #/servers: differs from specs/a.yaml: #/servers for the same client\n"
    )
    assert run({"a.yaml": spec, "b.yaml": spec}, status=1) == (
        "specs/b.yaml: #/x-resource/attribute: Example has things already\n"
    )
