"""Types of users: read from annotations, and compared."""

from __future__ import annotations

import pytest

from generator.api_diff.terms import Term, change_of, fits, parse, text_of

NAMES = {
    "Literal": "typing.Literal",
    "Mapping": "collections.abc.Mapping",
    "Optional": "typing.Optional",
    "Required": "typing.Required",
    "Sequence": "collections.abc.Sequence",
    "Union": "typing.Union",
    "datetime": "datetime.datetime",
    "date": "datetime.date",
}
BASES = {"Dog": ("Animal",)}


def term(annotation: str) -> Term:
    return parse(annotation, lambda name: NAMES.get(name, name))


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        ("str | None", "str | None"),
        ("None | str", "str | None"),
        ("Optional[str]", "str | None"),
        ("Union[int, str]", "int | str"),
        ("'str'", "str"),
        ("Required[str]", "str"),
        ("Literal['b', 'a'] | str", "str | typing.Literal['a'] | typing.Literal['b']"),
        ("Mapping[str, list[datetime]]", "collections.abc.Mapping[str, list[datetime.datetime]]"),
        ("Callable[[], str]", "Callable[[], str]"),
        ("Callable[[int, str], None]", "Callable[[int, str], None]"),
        ("tuple[str, ...]", "tuple[str, ...]"),
    ],
)
def test_an_annotation_is_read_in_one_form(annotation: str, text: str) -> None:
    assert text_of(term(annotation)) == text
    assert term(text) == term(annotation)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("str", "str | None"),
        ("Literal['a']", "str"),
        ("Literal['a']", "Literal['a', 'b']"),
        ("Literal[True]", "int"),
        ("bool", "float"),
        ("datetime", "date"),
        ("list[str]", "Sequence[str]"),
        ("list[str]", "Sequence[str | None]"),
        ("dict[str, int]", "Mapping[str, float]"),
        ("dict[str, int]", "JSON"),
        ("Dog", "Animal"),
        ("list[Dog]", "Sequence[Animal]"),
        ("Dog", "object"),
    ],
)
def test_what_fits_does_not_fit_the_other_way_round(given: str, wanted: str) -> None:
    def bases(name: str) -> tuple[str, ...]:
        return BASES.get(name, ())

    assert fits(term(given), term(wanted), bases)
    assert not fits(term(wanted), term(given), bases)
    assert fits(term(given), term(given), bases)


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ("str | None", "int | None", "str | None became int | None"),
        ("str", "str | None", "str became str | None"),
        ("list[str] | None", "list[int] | None", "in list: str became int"),
        ("dict[str, list[str]]", "dict[str, list[int]]", "in dict: in list: str became int"),
        ("dict[str, str]", "dict[int, int]", "in dict: str became int; in dict: str became int"),
        ("list[str]", "list", "list[str] became list"),
        ("Literal['a'] | str", "Literal['b'] | str", "str | typing.Literal['a'] became str | typing.Literal['b']"),
        ("A | B | C | D", "A | B | C | D | E | F", "E | F came, 4 others stay"),
        (
            "tuple[A | B | C | D | E, ...]",
            "tuple[B | C | D | E | F, ...]",
            "in tuple: A went and F came, 4 others stay",
        ),
    ],
)
def test_a_change_is_told_without_what_stays(before: str, after: str, text: str) -> None:
    assert change_of(term(before), term(after)) == text
