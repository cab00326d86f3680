"""Bodies of every media type, read back by the standard library; hostile names and values stay what they are."""

from __future__ import annotations

import email
import email.message
import email.policy
import json
import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts_client_runtime import (
    BinaryContent,
    Content,
    File,
    FormContent,
    InvalidRequestError,
    JSONContent,
    MultipartContent,
    Names,
    Parameter,
    TextContent,
)

TEXTS: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
HOSTILE: Final = st.sampled_from(
    [
        '"',
        '"; filename="x',
        "\r\n\r\n--b",
        "\r\nContent-Type: text/html",
        "\n",
        "ü",
        "😀",
        "%22",
        "--",
        "--b--",
        " ",
        "a;b",
    ]
)
FILE_NAMES: Final = (HOSTILE | st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)).filter(
    lambda name: "\\" not in name
)


def multipart(content_type: str, body: bytes) -> list[email.message.EmailMessage]:
    """Return the parts of a body, as the standard library reads them."""
    message = email.message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body, policy=POLICY)
    assert message.is_multipart() or body.count(b"\r\n") <= 1
    assert message.defects == []
    return [part for part in message.iter_parts() if isinstance(part, email.message.EmailMessage)]


POLICY: Final = email.policy.HTTP


def as_browsers_do(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


@given(st.binary(max_size=40), FILE_NAMES, FILE_NAMES)
def test_files_come_back_under_any_name(content: bytes, name: str, filename: str) -> None:
    body, content_type = MultipartContent().encode({name: File(content, filename, "image/png")}, None)
    head, _, rest = body.partition(b"\r\n\r\n")
    boundary = content_type.partition("boundary=")[2].encode()
    lines = head.decode().split("\r\n")
    assert lines == [
        f"--{boundary.decode()}",
        f'Content-Disposition: form-data; name="{as_browsers_do(name)}"; filename="{as_browsers_do(filename)}"',
        "Content-Type: image/png",
    ]
    assert rest == content + b"\r\n--" + boundary + b"--\r\n"
    [part] = multipart(content_type, body)
    assert part.get_payload(decode=True) == content


@given(st.lists(st.tuples(st.text("abc", min_size=1, max_size=3), TEXTS | HOSTILE), unique_by=lambda pair: pair[0]))
def test_texts_come_back_whatever_they_hold(pairs: list[tuple[str, str]]) -> None:
    body, content_type = MultipartContent().encode(dict(pairs), None)
    parts = multipart(content_type, body) if pairs else []
    read = [(part.get_param("name", header="content-disposition"), part.get_payload(decode=True)) for part in parts]
    assert read == [(name, text.encode()) for name, text in pairs]


@pytest.mark.parametrize("content", [b"b", b"\r\n--b\r\n", b"--b--", b"bb" * 40, b"\r\n--b"])
def test_no_part_holds_the_boundary(content: bytes) -> None:
    body, content_type = MultipartContent(boundary="b").encode({"x": content, "y": "z"}, None)
    boundary = content_type.partition("boundary=")[2].encode()
    assert boundary.startswith(b"b")
    assert boundary not in content
    first, second = multipart(content_type, body)
    assert first.get_payload(decode=True) == content
    assert second.get_payload(decode=True) == b"z"


def test_a_boundary_of_ones_own_and_random_ones() -> None:
    body, content_type = MultipartContent(boundary="xyz").encode({"a": 1}, None)
    assert content_type == "multipart/form-data; boundary=xyz"
    assert body == b'--xyz\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--xyz--\r\n'
    types = {MultipartContent().encode({"a": 1}, None)[1] for _ in range(10)}
    assert len(types) == 10


def test_parts_of_each_kind() -> None:
    names = Names({"taken_on": "takenOn", "place": "where"}, {"place": Names({"x_y": "xY"})})
    value = {
        "taken_on": date(2024, 5, 1),
        "place": {"x_y": Decimal("1.50")},
        "places": [{"a": 1}, {"b": None}],
        "is_new": True,
        "price": 1.50,
        "files": [b"\x00", File(b"\x01", "b.bin")],
        "empty": [],
        "none": None,
        "note": "ü",
        "csv": "a,b",
    }
    body, content_type = MultipartContent({"csv": "text/csv; charset=latin-1"}).encode(value, names)
    read = [
        (part.get_param("name", header="content-disposition"), part["content-type"], part.get_payload(decode=True))
        for part in multipart(content_type, body)
    ]
    octets = "application/octet-stream"
    assert read == [
        ("takenOn", None, b"2024-05-01"),
        ("where", "application/json", b'{"xY":"1.50"}'),
        ("places", "application/json", b'{"a":1}'),
        ("places", "application/json", b'{"b":null}'),
        ("is_new", None, b"true"),
        ("price", None, b"1.5"),
        ("files", octets, b"\x00"),
        ("files", octets, b"\x01"),
        ("note", 'text/plain; charset="utf-8"', "ü".encode()),
        ("csv", 'text/csv; charset="latin-1"', b"a,b"),
    ]


REFUSED: Final[list[tuple[Content, object, str]]] = [
    (MultipartContent(), ["a"], "of type list, expected an object"),
    (MultipartContent(), "a", "of type str, expected an object"),
    (MultipartContent(), {1: "a"}, "the key 1, expected text"),
    (MultipartContent(), {"a": math.nan}, "body.a is NaN"),
    (MultipartContent(), {"a": [{"b": math.nan}]}, r"body.a\[0\].b is nan"),
    (MultipartContent(), {"a": ...}, "body.a is of type ellipsis"),
    (MultipartContent(), {"a": [None]}, r"body.a\[0\] is of type NoneType"),
    (MultipartContent(), {"a": "\ud800"}, "body.a has characters"),
    (MultipartContent(), {"\ud800": "a"}, "lone surrogate"),
    (MultipartContent(), {"a\x00": "a"}, "control character"),
    (MultipartContent(), {"a": File(b"", "\x0b")}, "control character"),
    (MultipartContent(), {"a": File(b"", "a", "text/plain\r\nX: y")}, "content type that a header cannot carry"),
    (MultipartContent({"a": "x\r\ny"}), {"a": "b"}, "content type that a header cannot carry"),
    (MultipartContent({"a": "text/plain; charset=ascii"}), {"a": "ü"}, "characters that ascii cannot express"),
    (MultipartContent({"a": "text/plain; charset=nope"}), {"a": "ü"}, "characters that nope cannot express"),
    (FormContent(), ["a"], "of type list, expected an object"),
    (FormContent(), {"a": b"x"}, "body a: is of type bytes"),
    (FormContent(), {"a": [1, None]}, r"body a\[1\]: is None"),
    (FormContent(), {"a": math.inf}, "body a: is Infinity"),
    (FormContent({"a": Parameter("query", "b")}), {"a": 1, "b": 2}, "body b: is sent under the same name as a"),
    (TextContent(), b"a", "of type bytes, expected text"),
    (TextContent("text/plain; charset=ascii"), "ü", "characters that ascii cannot express"),
    (TextContent(), "\ud800", "characters that utf-8 cannot express"),
    (BinaryContent(), "a", "of type str, expected bytes or a File"),
    (BinaryContent(), File(b"", content_type="a\nb"), "content type that a header cannot carry"),
    (JSONContent(), ..., "body is of type ellipsis"),
    (JSONContent(), [1, math.nan], r"body\[1\] is nan"),
    (JSONContent(), Decimal("Infinity"), "body is Infinity"),
]


@pytest.mark.parametrize(("content", "body", "reason"), REFUSED, ids=repr)
def test_bodies_that_cannot_be_written(content: Content, body: object, reason: str) -> None:
    with pytest.raises(InvalidRequestError, match=reason):
        content.encode(body, None)


@pytest.mark.parametrize("content", [JSONContent(), FormContent(), MultipartContent()], ids=repr)
def test_a_key_by_both_of_its_names_is_refused(content: Content) -> None:
    with pytest.raises(InvalidRequestError, match=r"body\.aB is given twice"):
        content.encode({"a_b": 1, "aB": 2}, Names({"a_b": "aB"}))
    with pytest.raises(InvalidRequestError, match=r"body\.c\.aB is given twice"):
        content.encode({"c": {"a_b": 1, "aB": 2}}, Names(nested={"c": Names({"a_b": "aB"})}))


@given(st.dictionaries(TEXTS.filter(bool), TEXTS | st.lists(TEXTS, max_size=3), max_size=4))
def test_forms_come_back(value: dict[str, str | list[str]]) -> None:
    body, content_type = FormContent().encode(value, None)
    assert content_type == "application/x-www-form-urlencoded"
    read: dict[str, list[str]] = {}
    for name, text in parse_qsl(body.decode("ascii"), keep_blank_values=True):
        read.setdefault(name, []).append(text)
    assert read == {name: text if isinstance(text, list) else [text] for name, text in value.items() if text != []}


@pytest.mark.parametrize(
    ("value", "body"),
    [
        ({"a": "b c+d%20e"}, b"a=b+c%2Bd%2520e"),
        ({"a": {"b": [1, {"c": "x y"}]}}, b"a%5Bb%5D%5B0%5D=1&a%5Bb%5D%5B1%5D%5Bc%5D=x+y"),
        ({"a": [{"b": 1}, {"b": 2}]}, b"a%5B0%5D%5Bb%5D=1&a%5B1%5D%5Bb%5D=2"),
        ({"a": None, "b": [], "c": {}}, b""),
        ({"words": ["x", "y"], "ids": [1, 2], "deep": {"x": 1}}, b"words=x+y&id=1,2&deep=%7B%22x%22%3A1%7D"),
        ({"a": True, "b": Decimal("1.50"), "c": date(2024, 5, 1)}, b"a=true&b=1.50&c=2024-05-01"),
    ],
    ids=repr,
)
def test_forms(value: Mapping[str, object], body: bytes) -> None:
    fields = {
        "words": Parameter("query", "words", "spaceDelimited"),
        "ids": Parameter("query", "id"),
        "deep": Parameter("query", "deep", "json"),
    }
    assert FormContent(fields).encode(value, None)[0] == body


@given(st.recursive(st.none() | st.booleans() | st.integers() | TEXTS, lambda inner: st.lists(inner, max_size=3)))
def test_json_that_is_no_object_comes_back(value: object) -> None:
    body, content_type = JSONContent("application/merge-patch+json").encode(value, None)
    assert json.loads(body) == value
    assert content_type == "application/merge-patch+json"


def test_renamed_keys_of_a_list_of_objects() -> None:
    assert JSONContent().encode([{"a_b": 1}], Names({"a_b": "aB"}))[0] == b'[{"aB":1}]'


@pytest.mark.parametrize(
    ("content_type", "sent", "body"),
    [
        ("text/plain", "text/plain; charset=utf-8", "ü".encode()),
        ("text/csv; header=present", "text/csv; header=present; charset=utf-8", "ü".encode()),
        ('text/plain; Charset="latin-1"', 'text/plain; Charset="latin-1"', b"\xfc"),
    ],
)
def test_text_is_written_in_the_charset_of_its_type(content_type: str, sent: str, body: bytes) -> None:
    assert TextContent(content_type).encode("ü", None) == (body, sent)


def test_bytes_have_the_most_special_type() -> None:
    assert BinaryContent("image/png").encode(b"x", None) == (b"x", "image/png")
    assert BinaryContent("image/png").encode(File(b"x"), None) == (b"x", "image/png")
    assert BinaryContent("image/png").encode(File(b"x", content_type="image/gif"), None) == (b"x", "image/gif")


def test_a_file_does_not_show_what_it_holds() -> None:
    assert repr(File(b"hidden", "a")) == "File(name='a', content_type='application/octet-stream')"
