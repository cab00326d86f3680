"""Types of users: read from annotations, and compared."""

from __future__ import annotations

import pytest

from generator.api_diff.terms import Term, fits, parse, text_of

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
