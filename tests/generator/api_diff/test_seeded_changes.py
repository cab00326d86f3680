"""Changes of a spec whose meaning for users is known: the annotations say it, and the programs say the same."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from generator.__main__ import generate
from generator.api_diff.changes import Level, compare
from generator.api_diff.corpus import Corpus, Program, failing, write_corpus
from generator.api_diff.surface import PACKAGE, Surface, read_surface
from generator.api_diff.verdict import settle
from generator.nodes import JSONValue

ROOT: Final = Path(__file__).parents[3]
MODULE: Final = "crm_users"

Document = dict[str, Any]
Edit = Callable[[Document], object]


def schema(document: Document, name: str) -> Document:
    found: Document = document["components"]["schemas"][name]
    return found


def fields(document: Document, name: str) -> Document:
    found: Document = schema(document, name)["properties"]
    return found


def option(document: Document, name: str) -> Document:
    options: list[Document] = listing(document)["parameters"]
    (found,) = [entry for entry in options if entry.get("name") == name]
    return found


def listing(document: Document) -> Document:
    found: Document = document["paths"]["/unified/crm/users"]["get"]
    return found


def one(document: Document) -> Document:
    found: Document = document["paths"]["/unified/crm/users/{id}"]
    return found


def without_support(value: JSONValue) -> JSONValue:
    """Return a document without what it says of integrations, which would have to change with it."""
    if isinstance(value, dict):
        return {key: without_support(item) for key, item in value.items() if key != "x-support"}
    return [without_support(item) for item in value] if isinstance(value, list) else value


def rename(entries: Document, before: str, after: str) -> None:
    entries[after] = entries.pop(before)


def rename_schema(document: Document, before: str, after: str) -> None:
    rename(document["components"]["schemas"], before, after)
    text = yaml.safe_dump(document, sort_keys=False)
    document.clear()
    document.update(yaml.safe_load(re.sub(rf"#/components/schemas/{before}\b", f"#/components/schemas/{after}", text)))


TEXT: Final = {"type": ["string", "null"], "description": "A text."}
GIVEN: Final = {"type": "string", "description": "A text."}
SUPER: Final = {
    "name": "region",
    "in": "query",
    "description": "A region.",
    "schema": {"type": "string", "enum": ["apac", "wnam"]},
}

CHANGES: Final[Mapping[str, tuple[Level | None, Edit]]] = {
    "an answer loses a field": ("breaking", lambda d: fields(d, "User").pop("email")),
    "an answer gets a field": ("additive", lambda d: fields(d, "User").update(nickname=TEXT)),
    "a field of an answer is renamed": ("breaking", lambda d: rename(fields(d, "User"), "email", "mail")),
    "a field of an answer is of another type": (
        "breaking",
        lambda d: fields(d, "User")["email"].update(type=["integer", "null"]),
    ),
    "a field of an answer becomes a date": (
        "breaking",
        lambda d: fields(d, "User")["email"].update(format="date-time"),
    ),
    "a field of an answer always comes now": (
        "additive",
        lambda d: (fields(d, "User")["name"].update(type="string"), schema(d, "User")["required"].append("name")),
    ),
    "a field of an answer may lack now": ("breaking", lambda d: schema(d, "User").update(required=[])),
    "an answer's text gets known values": (
        "additive",
        lambda d: fields(d, "Url")["type"].update(enum=["work", "home", None]),
    ),
    "a nested answer gets a field": ("additive", lambda d: fields(d, "Url").update(label=TEXT)),
    "a nested answer loses a field": ("breaking", lambda d: fields(d, "Url").pop("type")),
    "a list of an answer holds something else": (
        "breaking",
        lambda d: fields(d, "User")["urls"].update(items={"type": "string"}),
    ),
    "an answer is of a class with another name": ("breaking", lambda d: rename_schema(d, "User", "Person")),
    "a body loses a key": ("breaking", lambda d: fields(d, "UserCreate").pop("email")),
    "a body gets a key": ("additive", lambda d: fields(d, "UserCreate").update(nickname=GIVEN)),
    "a body gets a key that must be given": (
        "breaking",
        lambda d: (
            fields(d, "UserCreate").update(nickname=GIVEN),
            schema(d, "UserCreate").update(required=["nickname"]),
        ),
    ),
    "a key of a body must be given now": ("breaking", lambda d: schema(d, "UserCreate").update(required=["email"])),
    "a key of a query object need not be given any more": (
        "additive",
        lambda d: schema(d, "Workspace").pop("required"),
    ),
    "a key of a body takes null as well": (
        "additive",
        lambda d: fields(d, "UserCreate")["email"].update(type=["string", "null"]),
    ),
    "a key of a body takes no null any more": (
        "breaking",
        lambda d: fields(d, "UserUpdate")["email"].update(type="string"),
    ),
    "a key of a body takes known values only": (
        "breaking",
        lambda d: fields(d, "UserCreate")["email"].update(enum=["a@example.com", "b@example.com"]),
    ),
    "a key of a body takes anything": ("additive", lambda d: fields(d, "UserCreate")["email"].pop("type")),
    "a query option is gone": ("breaking", lambda d: listing(d)["parameters"].remove(option(d, "email"))),
    "a query option is new": ("additive", lambda d: listing(d)["parameters"].append(SUPER)),
    "a query option must be given now": ("breaking", lambda d: option(d, "email").update(required=True)),
    "a query option is of another type": (
        "breaking",
        lambda d: option(d, "email").update(schema={"type": "integer"}),
    ),
    "a query option takes one value more": (
        "additive",
        lambda d: (
            fields(d, "UserSort")["name"].update({"$ref": "#/components/schemas/Direction"})
            or d["components"]["schemas"].update(
                Direction={"type": "string", "enum": ["asc", "desc", "natural"], "description": "A direction."}
            )
        ),
    ),
    "a query option takes one value less": (
        "breaking",
        lambda d: (
            fields(d, "UserSort")["name"].update({"$ref": "#/components/schemas/Direction"})
            or d["components"]["schemas"].update(
                Direction={"type": "string", "enum": ["asc"], "description": "A direction."}
            )
        ),
    ),
    "an operation is gone": ("breaking", lambda d: one(d).pop("delete")),
    "an operation is renamed": ("breaking", lambda d: one(d)["delete"].update(operationId="remove_user")),
    "a method is renamed": ("breaking", lambda d: one(d)["delete"].update({"x-method": "remove"})),
    "an operation answers nothing now": (
        "breaking",
        lambda d: one(d)["patch"].update(responses={"204": {"description": "Done."}}),
    ),
    "an argument is renamed": (
        "breaking",
        lambda d: d["components"]["parameters"]["UserId"].update({"x-python-name": "identifier"}),
    ),
    "a description is worded anew": (
        None,
        lambda d: fields(d, "User")["email"].update(description="The mail address."),
    ),
    "the order of the fields changes": (
        None,
        lambda d: schema(d, "User").update(properties=dict(reversed(fields(d, "User").items()))),
    ),
}


def surface_of(package: Path) -> Surface:
    return read_surface(package.parent, ROOT / "overrides")


@pytest.fixture(scope="module")
def variants(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Return the folder of the package after each change; the unchanged one stands under the empty name."""
    folder = tmp_path_factory.mktemp("variants")
    packages: dict[str, Path] = {}
    edits: dict[str, Edit] = {"": lambda d: None, **{name: edit for name, (_, edit) in CHANGES.items()}}
    for number, (name, edit) in enumerate(edits.items()):
        specs = folder / f"specs_{number}"
        shutil.copytree(ROOT / "specs", specs)
        for other in specs.glob("*.yaml"):
            if other.stem != MODULE:
                other.unlink()
        document = without_support(yaml.safe_load((specs / f"{MODULE}.yaml").read_text()))
        assert isinstance(document, dict)
        edit(document)
        (specs / f"{MODULE}.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
        packages[name] = folder / f"package_{number}" / PACKAGE
        packages[name].mkdir(parents=True)
        for file, text in generate(specs).items():
            (packages[name] / file).write_text(text)
    return packages


@pytest.fixture(scope="module")
def broken(
    variants: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Mapping[Program, str]]:
    """Return the programs that do not pass any more after each change: one run of mypy for all of them."""
    together = tmp_path_factory.mktemp("together")
    names = {name: f"changed_{number}" for number, name in enumerate(variants)}
    for name, package in variants.items():
        (together / names[name]).mkdir()
        for file in package.iterdir():
            text = re.sub(rf"\b{PACKAGE}\b", names[name], file.read_text())
            (together / names[name] / file.name).write_text(text)
    whole = write_corpus(surface_of(variants[""]))
    users = tuple(program for program in whole.programs if any(path.startswith(MODULE) for path in program.uses))
    results = failing(Corpus(users, whole.modules), [together, ROOT / "overrides"], *names.values())
    return dict(zip(names, results, strict=True))


def test_the_programs_pass_under_their_own_version(broken: Mapping[str, Mapping[Program, str]]) -> None:
    assert broken[""] == {}


@pytest.mark.parametrize("change", CHANGES)
def test_annotations_and_programs_agree_about_a_change(
    change: str, variants: Mapping[str, Path], broken: Mapping[str, Mapping[Program, str]]
) -> None:
    expected = CHANGES[change][0]
    found = compare(surface_of(variants[""]), surface_of(variants[change]))
    levels = {entry.level for entry in found}
    assert ("breaking" if "breaking" in levels else "additive" if levels else None) == expected, found
    assert bool(broken[change]) == (expected == "breaking"), broken[change]
    assert settle(found, broken[change]) == (tuple(found), ())
