"""Parameters by OpenAPI's table of styles, and back through readers of their own; what would be lost is refused."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from http.cookies import SimpleCookie
from typing import Final, Literal
from urllib.parse import parse_qsl, unquote
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts_client_runtime import ConfigurationError, InvalidRequestError, Names, Parameter, QueryEncodingError
from accounts_client_runtime.parameters import Place, Style, write_options
from accounts_client_runtime.paths import encode_path
from accounts_client_runtime.types import PathValue, is_list, is_mapping


class Spaced(Enum):
    A = "a b"


LIST: Final = ["blue", "black", "brown"]
OBJECT: Final = {"R": 100, "G": 200, "B": 150}

# The table of https://spec.openapis.org/oas/v3.1.1#style-examples, with the rows for each place that a style may have.
TABLE: Final[list[tuple[Place, Style, bool, object, str]]] = [
    ("path", "matrix", False, "", ";color"),
    ("path", "matrix", False, "blue", ";color=blue"),
    ("path", "matrix", False, LIST, ";color=blue,black,brown"),
    ("path", "matrix", False, OBJECT, ";color=R,100,G,200,B,150"),
    ("path", "matrix", True, "", ";color"),
    ("path", "matrix", True, "blue", ";color=blue"),
    ("path", "matrix", True, LIST, ";color=blue;color=black;color=brown"),
    ("path", "matrix", True, OBJECT, ";R=100;G=200;B=150"),
    ("path", "label", False, "blue", ".blue"),
    ("path", "label", False, LIST, ".blue,black,brown"),
    ("path", "label", False, OBJECT, ".R,100,G,200,B,150"),
    ("path", "label", True, "blue", ".blue"),
    ("path", "label", True, LIST, ".blue.black.brown"),
    ("path", "label", True, OBJECT, ".R=100.G=200.B=150"),
    ("path", "simple", False, "blue", "blue"),
    ("path", "simple", False, LIST, "blue,black,brown"),
    ("path", "simple", False, OBJECT, "R,100,G,200,B,150"),
    ("path", "simple", True, "blue", "blue"),
    ("path", "simple", True, LIST, "blue,black,brown"),
    ("path", "simple", True, OBJECT, "R=100,G=200,B=150"),
    ("query", "form", False, "", "color="),
    ("query", "form", False, "blue", "color=blue"),
    ("query", "form", False, LIST, "color=blue,black,brown"),
    ("query", "form", False, OBJECT, "color=R,100,G,200,B,150"),
    ("query", "form", True, "", "color="),
    ("query", "form", True, "blue", "color=blue"),
    ("query", "form", True, LIST, "color=blue&color=black&color=brown"),
    ("query", "form", True, OBJECT, "R=100&G=200&B=150"),
    ("query", "spaceDelimited", False, LIST, "color=blue%20black%20brown"),
    ("query", "spaceDelimited", False, OBJECT, "color=R%20100%20G%20200%20B%20150"),
    ("query", "pipeDelimited", False, LIST, "color=blue%7Cblack%7Cbrown"),
    ("query", "pipeDelimited", False, OBJECT, "color=R%7C100%7CG%7C200%7CB%7C150"),
    ("query", "deepObject", True, OBJECT, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
    ("query", "json", False, OBJECT, "color=%7B%22R%22%3A100%2C%22G%22%3A200%2C%22B%22%3A150%7D"),
    ("header", "simple", False, "blue", "blue"),
    ("header", "simple", False, LIST, "blue,black,brown"),
    ("header", "simple", False, OBJECT, "R,100,G,200,B,150"),
    ("header", "simple", True, LIST, "blue,black,brown"),
    ("header", "simple", True, OBJECT, "R=100,G=200,B=150"),
    ("header", "simple", False, "", ""),
    ("header", "json", False, {"a": "ü😀"}, '{"a":"\\u00fc\\ud83d\\ude00"}'),
    ("cookie", "form", False, "blue", "color=blue"),
    ("cookie", "form", False, LIST, "color=blue,black,brown"),
    ("cookie", "form", False, OBJECT, "color=R,100,G,200,B,150"),
    ("cookie", "form", True, OBJECT, "R=100; G=200; B=150"),
    ("cookie", "json", False, ["a"], "color=%5B%22a%22%5D"),
]


def written(parameter: Parameter, value: object) -> str | None:
    """Return what a parameter gives at its place."""
    if parameter.place == "path":
        return encode_path("/{x}", {"x": path_value(value)}, parameters={"x": parameter})[1:]
    result = write_options({"option": value}, {"option": parameter}, {})
    if parameter.place == "query":
        return result.query
    if parameter.place == "header":
        return result.headers.get(parameter.name)
    return "; ".join(result.cookies)


def path_value(value: object) -> PathValue:
    """Return a value as one that a path may have."""
    if is_list(value):
        return value
    if is_mapping(value):
        return {str(key): item for key, item in value.items()}
    assert isinstance(value, str)
    return value


@pytest.mark.parametrize(("place", "style", "explode", "value", "expected"), TABLE)
def test_the_table_of_styles(place: Place, style: Style, explode: bool, value: object, expected: str) -> None:
    assert written(Parameter(place, "color", style, explode), value) == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (7, "7"),
        (1.50, "1.5"),
        (2.0, "2"),
        (Decimal("1.50"), "1.50"),
        (date(2024, 5, 1), "2024-05-01"),
        (datetime(2024, 5, 1, 10, tzinfo=UTC), "2024-05-01T10%3A00%3A00Z"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Spaced.A, "a%20b"),
        ("a/b?c#d%&=+", "a%2Fb%3Fc%23d%25%26%3D%2B"),
    ],
    ids=repr,
)
def test_scalars(value: object, text: str) -> None:
    assert Parameter("path", "x", "simple").path_text(value) == text
    assert write_options({"x": value}, {"x": Parameter("query", "x")}, {}).query == f"x={text}"


@pytest.mark.parametrize("place", ["query", "header", "cookie"])
@pytest.mark.parametrize("value", [None, [], {}, {"a": None}], ids=repr)
def test_nothing_is_left_out(place: Place, value: object) -> None:
    parameter = Parameter(place, "x", "simple" if place == "header" else "form")
    result = write_options({"x": value}, {"x": parameter}, {})
    assert (result.query, result.headers, result.cookies) == ("", {}, ())


def test_names_are_encoded_and_keys_renamed() -> None:
    parameters = {
        "size": Parameter("query", "page[size]"),
        "filter_": Parameter("query", "$filter"),
        "where": Parameter("query", "w&w", "deepObject", names=Names({"a_b": "aB"}, {"a_b": Names({"c_d": "cD"})})),
        "flat": Parameter("query", "flat", explode=True, names=Names({"e_f": "eF"})),
    }
    options = {"size": 1, "filter_": "a", "where": {"a_b": {"c_d": 1}}, "plain": [1], "flat": {"e_f": 2}}
    result = write_options(options, parameters, {"plain": "plainOption"})
    assert result.query == "page%5Bsize%5D=1&%24filter=a&w%26w%5BaB%5D%5BcD%5D=1&plainOption%5B%5D=1&eF=2"


def test_reserved_characters_stay_as_they_are_where_they_are_allowed() -> None:
    value = ":/?#[]@!$&'()*+,;=% %3A"
    kept = ":/?%23%5B%5D@!$%26'()*%2B,;=%25%20%253A"
    assert Parameter("query", "x", allow_reserved=True).pairs(value) == [("x", kept)]
    pairs = Parameter("query", "x", "deepObject", allow_reserved=True).pairs({"a": "b/c&d"})
    assert pairs == [("x%5Ba%5D", "b/c%26d")]
    # A comma between items is told from one within.
    assert Parameter("query", "x", allow_reserved=True).pairs(["a,b", "c:d"]) == [("x", "a%2Cb,c:d")]


REFUSED: Final[list[tuple[Parameter, object, str]]] = [
    (Parameter("query", "x", "spaceDelimited"), ["a b"], "x[0]: holds ' '"),
    (Parameter("query", "x", "pipeDelimited"), ["a", "b|c"], "x[1]: holds '|'"),
    (Parameter("query", "x", "pipeDelimited"), {"a": "b|c"}, "x[a]: holds '|'"),
    (Parameter("query", "x"), ["a", ""], "x[1]: is empty"),
    (Parameter("query", "x"), {"a": ""}, "x[a]: is empty"),
    (Parameter("query", "x"), {"a": {"b": 1}}, "x[a]: is nested"),
    (Parameter("query", "x", explode=True), [["a"]], "x[0]: is nested"),
    (Parameter("query", "x", explode=True), ["a", None], "x[1]: is None"),
    (Parameter("query", "x", explode=True), {"": 1}, "x[]: is no name"),
    (Parameter("query", "x", explode=True), {1: 1}, "x[1]: is no name"),
    (Parameter("query", "x"), "\ud800", "lone surrogate"),
    (Parameter("query", "x"), math.nan, "is NaN"),
    (Parameter("query", "x"), b"a", "of type bytes"),
    (Parameter("query", "x"), time(1), "of type time"),
    (Parameter("query", "x"), datetime(2024, 5, 1), "without time zone"),
    (Parameter("query", "x", "json"), {"a": math.nan}, "query parameter x.a is nan"),
    (Parameter("query", "x", names=Names({"a_b": "aB"})), {"a_b": 1, "aB": 2}, "x.aB is given twice"),
    (Parameter("path", "x", "label", explode=True), ["a.b"], "path parameter x[0]: holds '.'"),
    (Parameter("path", "x", "label", explode=True), [1.5], "path parameter x[0]: holds '.'"),
    (Parameter("path", "x", "simple"), "", "path parameter x: is empty"),
    (Parameter("path", "x", "label"), "", "path parameter x: is empty"),
    (Parameter("path", "x", "matrix"), [], "path parameter x: is empty"),
    (Parameter("path", "x", "simple"), {"a": None}, "path parameter x: is empty"),
    (Parameter("path", "x", "simple"), "..", "segment of dots"),
    (Parameter("path", "x", "label"), ".", "segment of dots"),
    (Parameter("header", "x", "simple"), "a\r\nb: c", "header parameter x: holds characters"),
    (Parameter("header", "x", "simple"), "ü", "header parameter x: holds characters"),
    (Parameter("header", "x", "simple"), " a", "header parameter x: holds characters"),
    (Parameter("header", "x", "simple"), ["a,b"], "header parameter x[0]: holds ','"),
    (Parameter("header", "x", "simple"), ["a "], "header parameter x[0]: begins or ends with a space"),
    (Parameter("header", "x", "simple", explode=True), {"a=b": 1}, "header parameter x[a=b]: holds '='"),
    (Parameter("header", "x", "simple"), {"a": {"b": 1}}, "header parameter x[a]: is nested"),
    (Parameter("cookie", "x", explode=True), ["a", "b"], "cookie parameter x: would be several cookies"),
]


@pytest.mark.parametrize(("parameter", "value", "reason"), REFUSED, ids=repr)
def test_what_would_be_lost_is_refused_with_its_place(parameter: Parameter, value: object, reason: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        written(parameter, value)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"a": 1, "flat": {"a": 2}}, "flat: is sent under the same name as a"),
        ({"flat": {"size": 2}, "size_": 1}, "size_: is sent under the same name as flat"),
    ],
    ids=repr,
)
def test_options_of_one_name_are_refused(options: dict[str, object], reason: str) -> None:
    parameters = {"flat": Parameter("query", "flat", explode=True), "size_": Parameter("query", "size")}
    with pytest.raises(QueryEncodingError) as caught:
        write_options(options, parameters, {})
    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize(
    ("place", "name", "style", "reason"),
    [
        ("header", "Authorization", "simple", "set by the client"),
        ("header", "ACCEPT", "simple", "set by the client"),
        ("header", "content-type", "simple", "set by the client"),
        ("header", "cookie", "simple", "set by the client"),
        ("header", "a b", "simple", "no header can have"),
        ("header", "a\r\nb", "simple", "no header can have"),
        ("header", "", "simple", "no header can have"),
        ("cookie", "a;b", "form", "no cookie can have"),
        ("header", "x", "form", "has the style form"),
        ("query", "x", "simple", "has the style simple"),
        ("path", "x", "deepObject", "has the style deepObject"),
        ("cookie", "x", "matrix", "has the style matrix"),
    ],
)
def test_parameters_that_cannot_be(place: Place, name: str, style: Style, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        Parameter(place, name, style)


TEXTS: Final = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
LISTS: Final = st.lists(TEXTS, min_size=1, max_size=4)
OBJECTS: Final = st.dictionaries(TEXTS, TEXTS, min_size=1, max_size=4)
NAMES: Final = st.sampled_from(["color", "page[size]", "$filter", "a&b=c", "ü"])
EXPLODES: Final = st.booleans()


def paired(items: list[str]) -> dict[str, str]:
    return dict(zip(items[::2], items[1::2], strict=True))


@given(NAMES, LISTS, EXPLODES)
def test_lists_of_form_style_come_back(name: str, items: list[str], explode: bool) -> None:
    text = written(Parameter("query", name, "form", explode), items)
    assert text is not None
    if explode:
        assert parse_qsl(text, keep_blank_values=True) == [(name, item) for item in items]
    else:
        raw_name, _, raw = text.partition("=")
        assert unquote(raw_name) == name
        assert [unquote(item) for item in raw.split(",")] == items


@given(NAMES, OBJECTS, EXPLODES)
def test_objects_of_form_style_come_back(name: str, value: dict[str, str], explode: bool) -> None:
    text = written(Parameter("query", name, "form", explode), value)
    assert text is not None
    if explode:
        assert dict(parse_qsl(text, keep_blank_values=True)) == value
    else:
        assert paired([unquote(item) for item in text.partition("=")[2].split(",")]) == value


@given(st.sampled_from(["spaceDelimited", "pipeDelimited"]), LISTS)
def test_delimited_lists_come_back_or_are_refused(
    style: Literal["spaceDelimited", "pipeDelimited"], items: list[str]
) -> None:
    delimiter = " " if style == "spaceDelimited" else "|"
    try:
        text = written(Parameter("query", "x", style), items)
    except QueryEncodingError:
        assert any(delimiter in item for item in items)
        return
    assert text is not None
    assert parse_qsl(text)[0][1].split(delimiter) == items


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), TEXTS, min_size=1, max_size=4))
def test_deep_objects_come_back(value: dict[str, str]) -> None:
    text = written(Parameter("query", "page[size]", "deepObject", explode=True), value)
    assert text is not None
    assert dict(parse_qsl(text)) == {f"page[size][{key}]": item for key, item in value.items()}


@given(st.sampled_from(["simple", "label", "matrix"]), EXPLODES, TEXTS | LISTS | OBJECTS)
def test_paths_come_back_or_are_refused(
    style: Literal["simple", "label", "matrix"], explode: bool, value: str | list[str] | dict[str, str]
) -> None:
    try:
        text = Parameter("path", "x", style, explode).path_text(value)
    except InvalidRequestError:
        texts = [value] if isinstance(value, str) else [*value, *(value.values() if isinstance(value, dict) else ())]
        assert style == "label"
        assert explode
        assert any("." in item for item in texts)
        return
    assert text.isascii()
    assert not set(text) & set("/?#")
    assert read_path(style, explode, text, value) == value


def read_path(
    style: Style, explode: bool, text: str, kind: str | list[str] | dict[str, str]
) -> str | list[str] | dict[str, str]:
    """Return the value of a path segment, read as RFC 6570 describes it, of the kind that is expected."""
    delimiter = ","
    if style == "label":
        assert text.startswith(".")
        text = text[1:]
        delimiter = "." if explode else ","
    elif style == "matrix":
        assert text.startswith(";")
        text = text[1:]
        if not explode or isinstance(kind, str):
            name, _, text = text.partition("=")
            assert name == "x"
        delimiter = ";" if explode else ","
    if isinstance(kind, str):
        return unquote(text)
    items = text.split(delimiter)
    if isinstance(kind, list):
        return [unquote(item.removeprefix("x=") if style == "matrix" and explode else item) for item in items]
    if explode:
        return {unquote(item.partition("=")[0]): unquote(item.partition("=")[2]) for item in items}
    return paired([unquote(item) for item in items])


@given(EXPLODES, TEXTS | LISTS | OBJECTS)
def test_headers_come_back_or_are_refused(explode: bool, value: str | list[str] | dict[str, str]) -> None:
    parameter = Parameter("header", "X-Color", "simple", explode)
    try:
        text = parameter.header_text(value)
    except InvalidRequestError:
        return
    assert text is not None
    assert text.isascii()
    assert text.isprintable()
    if isinstance(value, str):
        assert text == value
    elif isinstance(value, list):
        assert text.split(",") == value
    elif explode:
        assert {item.partition("=")[0]: item.partition("=")[2] for item in text.split(",")} == value
    else:
        assert paired(text.split(",")) == value


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=",="), min_size=1, max_size=6))
def test_plain_header_items_are_not_refused(item: str) -> None:
    assert Parameter("header", "X-Color", "simple").header_text([item, "b"]) == f"{item},b"


@given(TEXTS | LISTS)
def test_cookies_come_back(value: str | list[str]) -> None:
    [pair] = Parameter("cookie", "color").cookies(value)
    raw = SimpleCookie(pair)["color"].value
    assert (unquote(raw) if isinstance(value, str) else [unquote(item) for item in raw.split(",")]) == value


JSON_VALUES: Final[st.SearchStrategy[object]] = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


@given(JSON_VALUES.filter(lambda value: value is not None))
def test_json_comes_back_from_every_place(value: object) -> None:
    assert json.loads(unquote(Parameter("path", "x", "json").path_text(value))) == value
    [(_, text)] = Parameter("query", "x", "json").pairs(value)
    assert json.loads(unquote(text)) == value
    header = Parameter("header", "x", "json").header_text(value)
    assert header is not None
    assert header.isascii()
    assert json.loads(header) == value
    [pair] = Parameter("cookie", "x", "json").cookies(value)
    assert json.loads(unquote(SimpleCookie(pair)["x"].value)) == value


@pytest.mark.parametrize(
    ("template", "values", "path"),
    [
        ("/a/{pet-id}", {"pet-id": 1.5}, "/a/1.5"),
        ("/a/{b}.{c}", {"b": "x", "c": UUID(int=1)}, "/a/x.00000000-0000-0000-0000-000000000001"),
        ("/a/{at}", {"at": datetime(2024, 5, 1, tzinfo=UTC)}, "/a/2024-05-01T00%3A00%3A00Z"),
        ("/a/{on}", {"on": date(2024, 5, 1)}, "/a/2024-05-01"),
        ("/a/{price}", {"price": Decimal("1.50")}, "/a/1.50"),
    ],
)
def test_path_values_of_every_kind(template: str, values: dict[str, str | Decimal], path: str) -> None:
    assert encode_path(template, values) == path


@pytest.mark.parametrize(
    ("template", "values", "reason"),
    [
        ("/{a}{b}", {"a": ".", "b": "x"}, "would address another path"),
        ("/x{a}", {"a": ["b"]}, "of type list"),
        ("/x{a}", {"a": math.inf}, "is Infinity"),
        ("/.{a}/b", {"a": Decimal("NaN")}, "is NaN"),
    ],
)
def test_path_values_that_cannot_be(template: str, values: dict[str, str], reason: str) -> None:
    with pytest.raises(InvalidRequestError, match=reason):
        encode_path(template, values)


def test_two_values_cannot_make_a_segment_of_dots() -> None:
    parameters = {"a": Parameter("path", "a", "label"), "b": Parameter("path", "b", "simple")}
    with pytest.raises(InvalidRequestError, match="segment of dots"):
        encode_path("/{a}", {"a": "."}, parameters=parameters)
