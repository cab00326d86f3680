"""Any change of any document gives modules that are Python, or clear messages: never another exception."""

from __future__ import annotations

import importlib
import json
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.nodes import JSONValue, SpecError
from generator.project import UnsupportedError, package_of
from generator.reading import read
from generator.render import printed, render_project
from tests.generator.any_document.test_hostile_documents import document
from tests.generator.test_any_change import KEYS, VALUES, changed, put

NUMBERS: Final = count()
PET: JSONValue = {"$ref": "#/components/schemas/Pet"}
MORE_VALUES: list[JSONValue] = [
    *VALUES,
    PET,
    {"$ref": "#/components/schemas/Dog"},
    {"$ref": "#/components/schemas/No"},
    {"nullable": True},
    {"const": 1.5},
    {"enum": [None]},
    {"enum": [[], {}, True, 2.5, "a"]},
    {"type": []},
    {"not": {}},
    {"allOf": [PET, PET, {"required": ["kind", "none"]}]},
    {"oneOf": [{"$ref": "#/components/schemas/Cat"}], "discriminator": {"propertyName": "kind"}},
    {"type": "object", "patternProperties": {"^a": PET}, "additionalProperties": False},
    {"type": "array", "prefixItems": [{"type": "string"}, PET], "items": False},
    {"style": "cursor", "parameter": "mode", "items": ["a"], "next": "b"},
    {"application/x-www-form-urlencoded": {"schema": PET}},
    {"text/csv": {}},
    {"2XX": {"description": "d"}, "default": {"description": "d"}},
    "#/components/schemas/Pet",
    "deepObject",
    "cookie",
    "binary",
    "x" * 300,
    10**30,
]
MORE_KEYS = [
    *KEYS,
    *("nullable", "oneOf", "not", "discriminator", "prefixItems", "additionalProperties", "patternProperties"),
    *("readOnly", "writeOnly", "deprecated", "schema", "content", "style", "explode", "parameters", "requestBody"),
    *("responses", "security", "servers", "tags", "x-pagination", "in", "get"),
]


@cache
def originals() -> list[JSONValue]:
    """Return documents to change: those of the goldens, and one that has a string in each place."""
    folder = Path(__file__).with_name("goldens")
    files = sorted(file for file in folder.rglob("*.yaml") if "openapi:" in file.read_text(encoding="utf-8"))
    assert files
    return [document(), *(read(file, file.name) for file in files)]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_change_gives_modules_or_clear_messages(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = changed(data, originals(), MORE_KEYS, MORE_VALUES)
    file = tmp_path_factory.getbasetemp() / "changed.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    refused = messages_of(file, skip_unsupported=False)
    left_out = messages_of(file, skip_unsupported=True)
    assert bool(refused) == bool(left_out), "a document is either taken whole, or something is said of it both times"


@pytest.mark.parametrize("is_shared", [True, False], ids=["of a path", "of an operation"])
@pytest.mark.parametrize("place", [None, 5, ["query"]])
def test_a_parameter_without_a_place_takes_its_operations_out(
    tmp_path: Path, place: JSONValue, is_shared: bool
) -> None:
    item: dict[str, JSONValue] = {"get": {"responses": {"204": {"description": "Done."}}}}
    parameters: JSONValue = [{"name": "a", "in": place, "schema": {}}]
    faulty = {**item, "parameters": parameters} if is_shared else put(item, ("get", "parameters"), parameters)
    content = {
        "openapi": "3.1.0",
        "info": {"title": "Things"},
        "servers": [{"url": "https://api.example.com"}],
        "paths": {"/faulty": faulty, "/sound": item},
    }
    (tmp_path / "things.json").write_text(json.dumps(content), encoding="utf-8")
    package, skipped = package_of(tmp_path / "things.json", "things", skip_unsupported=True)
    paths = [operation.path.raw for module in package.categories for operation in module.operations]
    assert paths == ["/sound"]
    assert [message.partition(":")[0] for message in skipped] == ["/faulty" if is_shared else "GET /faulty"]


def messages_of(file: Path, *, skip_unsupported: bool) -> list[str]:
    """Return what is said of a document: why it is refused, or why operations of it are left out."""
    try:
        package, messages = package_of(file, "changed", skip_unsupported=skip_unsupported)
        name = f"changed{next(NUMBERS)}"
        imported(name, printed(package, name), file.parent)
        assert tomllib.loads(render_project(package, "changed")["pyproject.toml"])
        assert skip_unsupported or not messages
    except (SpecError, UnsupportedError) as refusal:
        messages = str(refusal).split("\n")
    for message in messages:
        assert message
        assert message.isprintable()
        assert "failed with" not in message
    return list(messages)


def imported(name: str, files: Mapping[str, str], folder: Path) -> None:
    """Import every module of a package, and forget it again."""
    (folder / name).mkdir()
    for file, text in files.items():
        (folder / name / file).write_text(text, encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        importlib.invalidate_caches()
        for file in files:
            module = importlib.import_module(f"{name}.{file.removesuffix('.py')}")
            assert all(operation.path.startswith("/") for operation in getattr(module, "OPERATIONS", ()))
    finally:
        sys.path.remove(str(folder))
        for loaded in [module for module in sys.modules if module == name or module.startswith(f"{name}.")]:
            del sys.modules[loaded]
