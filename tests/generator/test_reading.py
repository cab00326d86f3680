"""Files as plain JSON: YAML's core schema, and limits against files that are made to do harm."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import reading
from generator.nodes import JSONValue, SpecError
from generator.reading import read

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
# YAML knows no pairs of surrogates, which JSON writes for characters beyond these.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF))
# A key longer than 1,024 characters on one line is no key in YAML.
KEYS = st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF), max_size=100)
DOCUMENTS = st.recursive(
    SCALARS | TEXTS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5)
)


def read_text(folder: Path, text: str) -> JSONValue:
    (folder / "spec.yaml").write_text(text, encoding="utf-8", newline="")
    return read(folder / "spec.yaml", "spec.yaml")


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(SpecError) as caught:
        read_text(folder, text)
    return str(caught.value)


@given(document=DOCUMENTS)
def test_json_is_read_as_what_it_is(tmp_path_factory: pytest.TempPathFactory, document: JSONValue) -> None:
    assert read_text(tmp_path_factory.getbasetemp(), json.dumps(document)) == document


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("~", None),
        ("", None),
        ("12:30", "12:30"),
        ("2024-01-31", "2024-01-31"),
        ("012", 12),
        ("0o17", 15),
        ("0xff", 255),
        ("1_000", "1_000"),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("'5'", "5"),
        ("True", True),
        ("{200: a, no: b, null: c}", {"200": "a", "no": "b", "null": "c"}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
    ],
)
def test_plain_values_follow_the_core_schema_of_yaml(tmp_path: Path, text: str, value: JSONValue) -> None:
    assert read_text(tmp_path, text) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1", "spec.yaml: is not YAML (line 2: did not find expected ',' or ']')"),
        ("a: 1\na: 2", "spec.yaml: #/a: is a duplicate key"),
        ("a: {b: {c: 1, c: 2}}", "spec.yaml: #/a/b/c: is a duplicate key"),
        ("- 1\n- {[a]: 1}", "spec.yaml: #/1: has a key that is not a string"),
        ("a: &x {b: 1}\nc: {<<: *x}", "spec.yaml: #/c: uses a YAML merge key, which is not supported: use $ref"),
        ("a: &x [*x]", "spec.yaml: #/a/0: uses the anchor 'x' where it is not defined yet"),
        ("a: !!python/object/apply:os.system [ls]", "spec.yaml: #/a: has the YAML tag"),
        ("a: !!str 5", "spec.yaml: #/a: has the YAML tag 'tag:yaml.org,2002:str'; tags are not supported"),
        ("a: .inf", "spec.yaml: #/a: .inf is not a JSON number"),
        ("a: 1e999", "spec.yaml: #/a: is too large a number"),
        ("a\n---\nb", "spec.yaml: holds several YAML documents"),
        ("a: \x07", "spec.yaml: is not YAML (unacceptable character #x0007: control characters are not allowed)"),
    ],
)
def test_what_is_no_plain_json_is_refused(tmp_path: Path, text: str, message: str) -> None:
    assert refusal(tmp_path, text).startswith(message)


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_bytes("größe".encode("latin-1"))
    with pytest.raises(SpecError, match=r"^spec\.yaml: is not UTF-8 text$"):
        read(tmp_path / "spec.yaml", "spec.yaml")


def test_a_missing_file_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"^specs/none\.yaml: cannot be read \(No such file or directory\)$"):
        read(tmp_path / "none.yaml", "specs/none.yaml")


def test_a_large_file_is_refused_before_it_is_read_whole(tmp_path: Path) -> None:
    with (tmp_path / "spec.yaml").open("wb") as file:
        file.truncate(sys.maxsize >> 30)
    with pytest.raises(SpecError, match="is larger than 30,000,000 bytes"):
        read(tmp_path / "spec.yaml", "spec.yaml")


@pytest.mark.parametrize("text", ["[" * 50_000, "{a: " * 50_000, "- " * 50_000])
def test_deep_nesting_is_refused(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path, text) == "spec.yaml: is nested deeper than 100 levels"


def test_aliases_that_multiply_are_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert refusal(tmp_path, "\n".join(lines)) == "spec.yaml: holds more than 1,000,000 values"


def test_many_values_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAXIMUM_VALUES", 10)
    assert read_text(tmp_path, "[1, 2, 3, 4, 5, 6, 7, 8, 9]") == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert refusal(tmp_path, "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]") == "spec.yaml: holds more than 10 values"
