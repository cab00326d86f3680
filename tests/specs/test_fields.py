"""What a primary page says of its fields is in the spec: names, types, formats, enums, required marks and defaults."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
from attrs import frozen

from tests.specs.documents import CATEGORIES, Place, needs_pages, page, spec

TYPES = {
    None: set[str](),
    "array": {"array"},
    "boolean": {"boolean"},
    "enum or null": {"string", "null"},
    "integer": {"integer"},
    "list of objects": {"array"},
    "list of strings": {"array"},
    "map from strings to any": {"object"},
    "object": {"object"},
    "object[]": {"array"},
    "Record<string, any>": {"object"},
    "string": {"string"},
    "string or null": {"string", "null"},
    "string[]": {"array"},
}
ITEMS = {"list of objects": "object", "list of strings": "string", "object[]": "object", "string[]": "string"}

# Where another source adds to what the page says, or the page prints no type and another one does.
FURTHER_TYPES = {
    # The page prints no type; that of the create page of CRM accounts is taken.
    ("crm-accounts-update", "body", "custom_fields"): {"object"},
    ("crm-users-update", "body", "custom_fields"): {"object"},
    ("ticketing-accounts-update", "body", "custom_fields"): {"object"},
    # The current form of contacts is a list of ids, or null.
    ("coperniq-accounts-update", "body", "contacts"): {"null"},
}
FURTHER_FIELDS = {
    # The create page has them.
    ("crm-accounts-update", "body"): {"created_at", "tags", "urls"},
    ("crm-accounts-update", "answer"): {"custom_fields"},
    # Other pages have them for writes.
    ("crm-accounts-update", "query"): {"truto_body_passthrough"},
    ("crm-users-update", "query"): {"truto_body_passthrough"},
    ("ticketing-accounts-update", "query"): {"truto_body_passthrough"},
    # Only the newest export of the vendor's documentation has them.
    ("coperniq-accounts-update", "answer"): {"createdBy", "updatedBy"},
}
# Nobody says it, but a record without an id cannot be told from another.
FURTHER_REQUIRED = {("coperniq-accounts-update", "answer"): ["id"]}


@frozen
class Row:
    """One field as a page prints it."""

    side: str
    name: str
    type: str | None
    format: str | None
    required: bool


def rows_of_bulleted_page(text: str) -> Iterator[Row]:
    """Read the layout in which name, type and description stand on lines of their own."""
    for side, lines in sections(text):
        for name, type_, note in zip(lines, lines[1:], [*lines[2:], ""], strict=False):
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                continue
            if printed := re.fullmatch(r"(string|integer|boolean|object\[\]|object|array)(?:\s·\s(\S+))?", type_):
                yield Row(side, name, printed[1], printed[2], note.startswith("REQUIRED"))
            elif type_ == "Supported in":
                yield Row(side, name, None, None, required=False)


def rows_of_joined_page(text: str) -> Iterator[Row]:
    """Read the layout in which name and type are one word."""
    for side, lines in sections(text.partition("\ncurl ")[0]):
        for line, note in zip(lines, [*lines[1:], ""], strict=True):
            types = r"string\[\]|object\[\]|string|boolean|Record<string, any>"
            if printed := re.fullmatch(rf"([a-z][a-z0-9_]*?)({types})(?:\s·\s(\S+))?", line):
                yield Row(side, printed[1], printed[2], printed[3], note == "required·")
            elif re.fullmatch(r"[a-z][a-z0-9_]*", line) and re.match(r"\d+ supported", note):
                yield Row(side, line, None, None, required=False)


def rows_of_coperniq_page(text: str) -> Iterator[Row]:
    """Read the layout in which name, type and marks are one word, with types in English."""
    types = "string or null|enum or null|map from strings to any|list of strings|list of objects|string|integer|boolean"
    marks = r'(Required|Optional)?(?:Defaults to \w+)?(?:format: "(\S+)")?'
    for side, lines in sections(text):
        for line in lines:
            if printed := re.fullmatch(rf"([A-Za-z_]+?)({types}){marks}", line):
                yield Row(side, printed[1], printed[2], printed[4], printed[3] == "Required")


def sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the parts of a page that list fields, without empty lines."""
    titles = {
        "path parameters": "path",
        "query parameters": "query",
        "request body": "body",
        "request": "body",
        "response body": "answer",
        "response": "answer",
        "errors": "",
    }
    side, found = "", list[str]()
    for line in [*filter(None, map(str.strip, text.splitlines())), "errors"]:
        if line.lower() in titles:
            if side:
                yield side, found
            side, found = titles[line.lower()], []
        else:
            found.append(line)


LAYOUTS: dict[str, tuple[str, Callable[[str], Iterator[Row]]]] = {
    "crm-accounts-update": ("crm_accounts", rows_of_bulleted_page),
    "crm-users-update": ("crm_users", rows_of_joined_page),
    "ticketing-accounts-update": ("ticketing_accounts", rows_of_joined_page),
    "coperniq-accounts-update": ("coperniq_accounts", rows_of_coperniq_page),
}
# How many fields a reader counts on each page, nested ones included: a layout that is misread would find fewer.
COUNTS = {
    "crm-accounts-update": {"path": 1, "query": 5, "body": 22, "answer": 31},
    "crm-users-update": {"path": 1, "query": 5, "body": 7, "answer": 10},
    "ticketing-accounts-update": {"path": 1, "query": 5, "body": 7, "answer": 7},
    "coperniq-accounts-update": {"path": 1, "query": 1, "body": 13, "answer": 13},
}


def update_operation(category: str) -> Place:
    (operation,) = (place for name, place in spec(category).operations().items() if name.startswith("update_"))
    return operation


def schemas(operation: Place, side: str) -> dict[str, Place]:
    """Return the schemas of an operation's parameters, of its body's fields or of its answer's."""
    if side in ("path", "query"):
        parameters = (parameter.target for parameter in operation.at("parameters").items)
        return {
            parameter.at("name").text.removesuffix("[]"): parameter.at("schema")
            for parameter in parameters
            if parameter.at("in").text == side
        }
    return dict(component(operation, side).at("properties").fields)


def component(operation: Place, side: str) -> Place:
    holder = operation.at("requestBody") if side == "body" else operation.at("responses", "200")
    return holder.at("content", "application/json", "schema")


def required(operation: Place, side: str) -> list[str]:
    if side in ("path", "query"):
        parameters = (parameter.target for parameter in operation.at("parameters").items)
        return [
            parameter.at("name").text
            for parameter in parameters
            if parameter.at("in").text == side and parameter.at("required").value is True
        ]
    return component(operation, side).at("required").texts


def nested(schema: Place) -> dict[str, Place]:
    """Return the fields of an object, or of the objects in an array."""
    parts = [schema.target, schema.at("items"), *(part.target for part in schema.at("anyOf").items)]
    return {name: field for part in parts for name, field in part.at("properties").fields.items()}


def placed(operation: Place, rows: list[Row]) -> Iterator[tuple[Row, Place | None, bool]]:
    """Yield each row with its schema and whether it stands at the top.

    The text of a page does not show nesting: a row belongs to the object before it if that has such a field, once.
    """
    inner: dict[str, Place] = {}
    for row in rows:
        if row.name in inner:
            yield row, inner.pop(row.name), False
            continue
        schema = schemas(operation, row.side).get(row.name)
        inner = nested(schema) if schema is not None else {}
        yield row, schema, True


def formats(schema: Place) -> set[str | None]:
    parts = [schema.target, *(part.target for part in schema.at("anyOf").items)]
    return {part.at("format").text for part in parts if part.at("format").value is not None} or {None}


def rows_of(name: str) -> list[Row]:
    return list(LAYOUTS[name][1](page(name)))


@needs_pages
@pytest.mark.parametrize("name", LAYOUTS)
def test_all_fields_of_the_page_are_read(name: str) -> None:
    rows = rows_of(name)
    assert {side: sum(row.side == side for row in rows) for side in COUNTS[name]} == COUNTS[name]


@needs_pages
@pytest.mark.parametrize("name", LAYOUTS)
def test_fields_have_the_types_and_formats_of_the_page(name: str) -> None:
    for row, schema, top in placed(update_operation(LAYOUTS[name][0]), rows_of(name)):
        assert schema is not None, row
        further = FURTHER_TYPES.get((name, row.side, row.name), set[str]()) if top else set[str]()
        nullable = row.side == "answer" or (row.side == "body" and "coperniq" not in name)
        expected = TYPES[row.type] | further
        assert schema.types | ({"null"} if nullable else set()) == expected | ({"null"} if nullable else set()), row
        assert formats(schema) == {row.format}, row
        if row.type in ITEMS:
            lists = [part for part in [schema.target, *schema.at("anyOf").items] if "array" in part.types]
            assert any(ITEMS[row.type] in part.at("items").types for part in lists), row
        if row.type == "enum or null":
            assert any(part.target.at("enum").texts for part in schema.at("anyOf").items), row
        if row.type in ("Record<string, any>", "map from strings to any"):
            assert schema.at("additionalProperties").value is True, row


@needs_pages
@pytest.mark.parametrize("name", LAYOUTS)
def test_the_spec_has_no_field_that_the_page_does_not_name(name: str) -> None:
    operation = update_operation(LAYOUTS[name][0])
    for side in ("path", "query", "body", "answer"):
        on_page = {row.name for row, _, top in placed(operation, rows_of(name)) if row.side == side and top}
        assert set(schemas(operation, side)) - on_page == FURTHER_FIELDS.get((name, side), set())


@needs_pages
@pytest.mark.parametrize("name", LAYOUTS)
def test_required_marks_are_those_of_the_page(name: str) -> None:
    operation = update_operation(LAYOUTS[name][0])
    for side in ("path", "query", "body", "answer"):
        marked = [row.name for row in rows_of(name) if row.side == side and row.required]
        assert required(operation, side) == marked + FURTHER_REQUIRED.get((name, side), [])


@needs_pages
def test_a_truto_update_takes_null_in_every_field_and_coperniq_where_its_page_says_so() -> None:
    for name, (category, _) in LAYOUTS.items():
        fields = schemas(update_operation(category), "body")
        takes_null = {field for field, schema in fields.items() if not schema.types or "null" in schema.types}
        if category == "coperniq_accounts":
            printed = {row.name for row in rows_of(name) if row.side == "body" and str(row.type).endswith("or null")}
            assert takes_null == printed | {"contacts"}
        else:
            assert takes_null == set(fields)


@needs_pages
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("crm-accounts-update", ["unified", "raw", "normalized"]),
        ("crm-accounts-create", ["unified", "raw", "normalized", "stream"]),
        ("crm-users-update", ["unified", "raw", "normalized", "stream"]),
        ("ticketing-accounts-update", ["unified", "raw", "normalized", "stream", "debug"]),
    ],
)
def test_response_formats_are_the_union_of_the_pages(name: str, values: list[str]) -> None:
    text = page(name)
    assert "".join(values) in re.sub(r"All possible enum values:|[\s•]", "", text)
    category = LAYOUTS[name][0] if name in LAYOUTS else "crm_accounts"
    schema = schemas(update_operation(category), "query")["truto_response_format"]
    known = [value for part in schema.at("anyOf").items for value in part.at("enum").texts]
    assert known[: len(values)] == values
    assert len(known) == 5
    assert schema.at("default").value == "unified"
    assert re.search("Defaults to `?unified`?", text)


@needs_pages
def test_the_default_that_coperniq_prints() -> None:
    assert "allow_new_optionsbooleanOptionalDefaults to false" in page("coperniq-accounts-update")
    schema = schemas(update_operation("coperniq_accounts"), "query")["allow_new_options"]
    assert schema.at("default").value is False


@needs_pages
def test_the_sample_of_the_create_page_names_the_fields_of_a_create() -> None:
    """The page lost the names of its fields; its sample body has them."""
    sample = re.search(r"-d '(\{.*?\n\})'", page("crm-accounts-create"), re.DOTALL)
    assert sample is not None
    body = json.loads(sample[1])
    fields = schemas(spec("crm_accounts").operations()["create_account"], "body")
    assert set(body) == set(fields)
    types = {str: "string", int: "integer", list: "array", dict: "object"}
    for field, value in body.items():
        # The sample holds a JSON text where the description gives an object.
        expected = "object" if field == "custom_fields" else types[type(value)]
        assert fields[field].types == {expected}, field


@needs_pages
def test_the_types_of_phone_numbers_on_the_create_page() -> None:
    fields = schemas(spec("crm_accounts").operations()["create_account"], "body")
    kinds = nested(fields["phone_numbers"])["type"].at("anyOf").items
    (printed,) = (part.at("enum").texts for part in kinds if part.at("enum").texts)
    assert printed == ["work", "mobile", "fax"]
    assert "\nworkmobilefax\n" in page("crm-accounts-create")
    assert any(part.types >= {"string"} and not part.at("enum").texts for part in kinds)


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_operation_names_its_page(category: str) -> None:
    for name, operation in spec(category).operations().items():
        url = operation.at("externalDocs", "url").text
        host = "docs.coperniq.io" if category == "coperniq_accounts" else "truto.one"
        assert re.fullmatch(rf"https://{host}/[a-z0-9/-]+", url), name


@pytest.mark.parametrize("name", [*CATEGORIES, "shared/truto", "shared/coperniq"])
def test_everything_is_described_in_one_line(name: str) -> None:
    for keys, place in spec(name).everywhere():
        if not isinstance(place.value, dict) or "x-support" in keys:
            continue
        text = place.fields.get("summary", place.fields.get("description"))
        if keys[-2:-1] in [("properties",), ("schemas",)] or "operationId" in place.fields or "in" in place.fields:
            assert text is not None, keys
            sentence, dot, _ = text.text.partition(".")
            assert dot, keys
            assert len(sentence) < 100, keys
            assert "\n" not in text.text.strip(), keys
