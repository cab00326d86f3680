"""Packages of random documents: they import, have the types that they say, and lose nothing on the way in and out."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts_client_runtime import Headers, Operation, Reply, Request, to_json
from accounts_client_runtime.types import is_list, is_mapping
from generator.project import package_of
from generator.render import printed
from tests.generator.any_document.documents import documents, instances

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
HEADERS = Headers({"content-type": "application/json"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the packages of all examples are; it can be imported from."""
    folder = tmp_path_factory.mktemp("packages")
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def count(pytestconfig: pytest.Config) -> int:
    return int(str(pytestconfig.getoption("documents")))


def test_random_documents_become_packages_that_lose_nothing(folder: Path, count: int) -> None:
    number = iter(range(count * 10))

    # To make an example smaller takes minutes, as each try is a package of its own.
    @settings(max_examples=count, suppress_health_check=SLOW, phases=[Phase.generate])
    @given(document=documents(), data=st.data())
    def check(document: dict[str, Any], data: st.DataObject) -> None:
        name = f"package{next(number)}"
        (folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
        by_path = operations_of(name, folder)
        for path, item in document["paths"].items():
            for method, described in item.items():
                if method != "parameters":
                    exchange(by_path[method, path], described, document["components"]["schemas"], data)

    check()


def operations_of(name: str, folder: Path) -> dict[tuple[str, str], Operation[object]]:
    """Make a package of the document with its name, import it, and return its operations by method and path."""
    package, skipped = package_of(folder / f"{name}.json", name)
    assert skipped == []
    (folder / name).mkdir()
    for file, text in printed(package, name).items():
        (folder / name / file).write_text(text, encoding="utf-8")
    importlib.invalidate_caches()
    importlib.import_module(name)
    return {
        (operation.method.lower(), operation.path): operation
        for module in package.categories
        for operation in importlib.import_module(f"{name}.{module.name}").OPERATIONS
    }


def exchange(
    operation: Operation[object], described: dict[str, Any], components: dict[str, Any], data: st.DataObject
) -> None:
    """Read an answer and write a body."""
    schema = described["responses"]["200"]["content"]["application/json"]["schema"]
    answer = data.draw(instances(schema, components, "writeOnly"))
    request = Request(operation, path={"id": "1"})
    value, deviations = operation.result.read(request, Reply(200, HEADERS, json.dumps(answer).encode()), tenant="")
    assert deviations == ()
    assert without_nulls(written(value)) == without_nulls(answer)
    if "204" in described["responses"]:
        assert operation.result.read(request, Reply(204, Headers(), b""), tenant="")[0] is None
    content_of_body = described.get("requestBody", {}).get("content", {})
    if "application/json" in content_of_body:
        body = data.draw(instances(content_of_body["application/json"]["schema"], components, "readOnly"))
        content, media_type = operation.content.encode(body, operation.body_names)
        assert (json.loads(content), media_type) == (body, "application/json")


def written(value: object) -> object:
    """Return a value of an answer as JSON."""
    if attrs.has(type(value)):
        return to_json(value)
    if is_list(value):
        return [written(entry) for entry in value]
    if is_mapping(value):
        return {key: written(entry) for key, entry in value.items()}
    return str(value) if isinstance(value, Decimal) else msgspec.to_builtins(value)


def without_nulls(value: object) -> object:
    """Return JSON without the fields that are null: an absent field and one that is null are the same in an answer."""
    if is_mapping(value):
        return {key: without_nulls(entry) for key, entry in value.items() if entry is not None}
    return [without_nulls(entry) for entry in value] if is_list(value) else value


def test_tags_hold_the_names_that_schemas_have_in_their_own_files(folder: Path) -> None:
    pet = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
    other = {"components": {"schemas": {"a cat": pet, "Dog": pet}}}
    members = [{"$ref": f"other.json#/components/schemas/{name}"} for name in ("a%20cat", "Dog")]
    answers: dict[str, Any] = {
        "kept": {"$ref": "#/components/schemas/Dog"},
        "any": {"oneOf": members, "discriminator": {"propertyName": "kind"}},
    }
    content = {
        "openapi": "3.1.0",
        "info": {"title": "Pets"},
        "servers": [{"url": "https://api.example.com"}],
        "paths": {
            f"/{name}": {"get": {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}}}
            for name, schema in answers.items()
        },
        "components": {"schemas": {"Dog": pet}},
    }
    (folder / "other.json").write_text(json.dumps(other), encoding="utf-8")
    (folder / "tagged.json").write_text(json.dumps(content), encoding="utf-8")
    operations = operations_of("tagged", folder)
    for kind in ("a cat", "Dog"):
        operation = operations["get", "/any"]
        reply = Reply(200, HEADERS, json.dumps({"kind": kind}).encode())
        value, deviations = operation.result.read(Request(operation), reply, tenant="")
        assert (written(value), deviations) == ({"kind": kind}, ())


def test_the_packages_have_the_types_that_they_say(folder: Path) -> None:
    packages = sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name.startswith("package"))
    assert packages
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", f"--cache-dir={folder / 'cache'}"]
    done = subprocess.run([*command, *packages], cwd=folder, capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == ""
