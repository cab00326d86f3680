"""Names: what modules import and hand on is there, and field names are what Python takes."""

from __future__ import annotations

import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

import accounts_client_runtime
from generator.names import EXPORTS, IMPORTS, Namespace, field_name
from generator.nodes import Location, SpecError

HERE = Location("specs/things.yaml")


@pytest.mark.parametrize("source", IMPORTS)
def test_what_modules_import_is_there(source: str) -> None:
    module = importlib.import_module(source)
    assert [name for name in IMPORTS[source] if not hasattr(module, name)] == []


def test_what_the_package_hands_on_is_public_in_the_runtime() -> None:
    assert set(EXPORTS) <= set(accounts_client_runtime.__all__)


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("id", "id"),
        ("type", "type"),
        ("createdAt", "created_at"),
        ("HTTPStatus", "http_status"),
        ("street_1", "street_1"),
        ("e-mail", "e_mail"),
        ("class", "class_"),
        ("list", "list_"),
        ("self", "self_"),
        ("__init__", "init__"),
        ("2fa", "field_2fa"),
        ("größe", "größe"),
        ("ﬁeld", "field_"),
    ],
)
def test_names_in_a_spec_become_names_in_python(wire: str, name: str) -> None:
    assert field_name(wire, HERE) == name


@given(wire=st.text())
def test_any_name_becomes_a_name_or_a_printable_error(wire: str) -> None:
    name, refusal = "", ""
    try:
        name = field_name(wire, HERE)
    except SpecError as error:
        refusal = str(error)
    # The compiler folds identifiers, so only a folded name is found again under its own spelling.
    namespace: dict[str, object] = {}
    exec(f"{name} = 1" if name else "", namespace)
    assert namespace.get(name) == (1 if name else None)
    assert not name.startswith("_")
    assert refusal.isprintable()


def test_a_name_is_given_once() -> None:
    namespace = Namespace(["Request"])
    assert namespace.give("Thing", HERE) == "Thing"
    for name in ("Thing", "Request", "class", "no name"):
        with pytest.raises(SpecError, match=rf"^specs/things\.yaml: would be called .?{name}"):
            namespace.give(name, HERE)
