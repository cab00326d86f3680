"""Docstrings and literals: any text becomes exactly one string, whatever is in it."""

from __future__ import annotations

import ast
import textwrap

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from generator.text import Text, docstring, literal

TEXTS = st.text() | st.text(st.sampled_from("\"'\\ \n{}#-.a\t\x00\u2028\u202e\ud800"))


def value_of(code: str) -> object:
    (statement,) = ast.parse(code).body
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Constant)
    return statement.value.value


@given(text=TEXTS)
@example(text='"')
@example(text="\\")
@example(text='\\"""')
def test_a_literal_has_the_value_of_the_text(text: str) -> None:
    code = literal(Text(text))
    assert value_of(code) == text
    assert code.isprintable()


@given(text=TEXTS, indent=st.sampled_from([0, 4, 8]), summary=st.booleans())
@example(text='"', indent=4, summary=True)
@example(text='ends in a quote"', indent=4, summary=False)
@example(text="ends in a backslash\\", indent=4, summary=False)
@example(text='"""', indent=4, summary=True)
def test_a_docstring_is_one_string_that_holds_every_visible_word(text: str, indent: int, summary: bool) -> None:
    code = docstring(Text(text), indent, summary=summary)
    value = value_of(code)
    assert isinstance(value, str)
    visible = "".join(char if char.isprintable() else " " for char in text)
    assert value.replace(" ", "").replace("\n", "") == visible.replace(" ", "")
    assert all(line.isprintable() for line in code.split("\n"))


@given(words=st.lists(st.text(st.characters(categories=["L"]), min_size=1, max_size=30), min_size=1))
def test_lines_of_a_docstring_fit_the_width(words: list[str]) -> None:
    code = docstring(Text(" ".join(words)), 8)
    assert all(len(line) <= 120 for line in textwrap.indent(code, " " * 8).split("\n")[:1] + code.split("\n")[1:])


def test_a_short_text_takes_one_line() -> None:
    assert docstring(Text("What it is.\n")) == '"""What it is."""'


def test_a_long_text_begins_with_its_first_sentence() -> None:
    text = Text("What it is. " + "Then more of it. " * 10)
    assert docstring(text, 4, summary=True).startswith('"""What it is.\n\n    Then more of it. Then')


def test_paragraphs_and_lists_stay() -> None:
    text = Text("Two things:\n\n- one,\n  which goes on\n- two\n\nAnd that\nis all.")
    assert docstring(text, 4).split("\n") == [
        '"""Two things:',
        "",
        "    - one, which goes on",
        "    - two",
        "",
        "    And that is all.",
        '    """',
    ]


def test_a_text_cannot_be_printed_by_accident() -> None:
    with pytest.raises(TypeError, match="must be printed by"):
        str(Text("os.abort()"))
    with pytest.raises(TypeError, match="must be printed by"):
        f"{Text('os.abort()')}"
