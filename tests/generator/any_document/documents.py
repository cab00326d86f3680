"""Random OpenAPI documents, 3.0 and 3.1, with all that real ones have, and random instances of their schemas."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from attrs import frozen
from hypothesis import strategies as st

JSON: TypeAlias = Any
Schema: TypeAlias = dict[str, Any]

NAMES: Final = (
    "Pet",
    "pet owner",
    "class",
    "list",
    "Page",
    "größe",
    "Node",
    "JSON",
    "9 lives",
    "a-b",
    "A_b",
    "Request",
)
"""Names of schemas: some cannot be names in Python, some are taken, some become the same."""

FIELDS: Final = (
    "id",
    "petName",
    "pet_name",
    "class",
    "@type",
    "str",
    "self",
    "extra",
    "naïve",
    "9",
    "date",
    "$",
    "list",
)
ALIASES: Final = ("Pets", "any pet", "Mood", "mood", "JSONInput", "by name", "Field")
"""Names of schemas of every other kind."""

SCALARS: Final[tuple[Schema, ...]] = (
    {"type": "string"},
    {"type": "integer"},
    {"type": "number"},
    {"type": "boolean"},
    {"type": "string", "format": "date"},
    {"type": "string", "format": "date-time"},
    {"type": "string", "format": "uuid"},
    {"type": "string", "format": "decimal"},
    {"type": "string", "format": "no-such-format", "pattern": "^a*$"},
)
CHOICES: Final[tuple[Schema, ...]] = (
    {"type": "string", "enum": ["a b", "class", '"""', "é"]},
    {"type": "integer", "enum": [1, 2, -3]},
    {"enum": ["a", 1]},
    {"type": "boolean", "enum": [True]},
    {"type": "number", "enum": [1.5, 2]},
)
CONSTANTS: Final[tuple[Schema, ...]] = ({"const": "x"}, {"const": 5})
SECURITY: Final[tuple[list[Schema], ...]] = ([], [{"key": []}], [{"key": [], "login": []}, {}])
FREE: Final[tuple[Schema, ...]] = ({"type": "object"}, {}, {"type": "array", "items": {}})
SOME_TEXT: Final = st.sampled_from(["", "x", "2020-02-30", "null", "a b", "é€", '"\\'])


@frozen
class Dialect:
    """A version of OpenAPI."""

    version: str

    @property
    def has_type_arrays(self) -> bool:
        return self.version.startswith("3.1")

    def nullable(self, schema: Schema) -> Schema:
        """Return a schema that allows null, too."""
        if "$ref" in schema:
            return (
                {"anyOf": [schema, {"type": "null"}]} if self.has_type_arrays else {"allOf": [schema], "nullable": True}
            )
        if not self.has_type_arrays:
            return {**schema, "nullable": True}
        if isinstance(schema.get("type"), str) and "enum" not in schema:
            return {**schema, "type": [schema["type"], "null"]}
        return {"oneOf": [schema, {"type": "null"}]}


@frozen
class Names:
    """The schemas that have a name."""

    objects: tuple[str, ...]
    others: tuple[str, ...]
    """Arrays, maps, unions, enumerations."""


def reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


@st.composite
def schemas(draw: st.DrawFn, dialect: Dialect, names: Names, depth: int = 2) -> Schema:
    """Draw a schema; those that it refers to are objects."""
    kinds = ["scalar", "scalar", "choice", "reference"]
    if depth > 0:
        kinds += ["array", "map", "free", "object", "nullable", "union", "merge"]
    schema = draw(_schemas_of(draw(st.sampled_from(kinds)), dialect, names, depth))
    return {**schema, "description": "Said."} if draw(st.booleans()) and "$ref" not in schema else schema


@st.composite
def _schemas_of(draw: st.DrawFn, kind: str, dialect: Dialect, names: Names, depth: int) -> Schema:
    inner = schemas(dialect, names, depth - 1)
    match kind:
        case "scalar":
            return draw(st.sampled_from(SCALARS))
        case "choice":
            return draw(st.sampled_from(CHOICES + (CONSTANTS if dialect.has_type_arrays else ())))
        case "reference":
            return reference(draw(st.sampled_from(names.objects + names.others)))
        case "array":
            return {"type": "array", "items": draw(inner)}
        case "map":
            return {"type": "object", "additionalProperties": draw(inner)}
        case "free":
            return draw(st.sampled_from(FREE))
        case "object":
            return draw(objects(dialect, names, depth - 1))
        case "nullable":
            return dialect.nullable(draw(inner))
        case "union":
            # Members that no value is of both at once: which of them a value is can be told.
            texts: Schema = {"type": "string"}
            lists: Schema = {"type": "array", "items": draw(inner)}
            numbers: Schema = {"type": "integer"}
            flags: Schema = {"type": "boolean"}
            record = draw(objects(dialect, names, 0))
            members = [draw(st.sampled_from([texts, lists])), draw(st.sampled_from([numbers, flags, record]))]
            return {draw(st.sampled_from(["oneOf", "anyOf"])): members}
        case _:
            more = draw(objects(dialect, names, 0, prefix="more "))
            return {"allOf": [reference(draw(st.sampled_from(names.objects))), more], "description": "A merge."}


@st.composite
def objects(draw: st.DrawFn, dialect: Dialect, names: Names, depth: int, prefix: str = "") -> Schema:
    """Draw an object with fields; only optional ones refer to others, so that instances end."""
    fields = draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=4, unique=True))
    required = draw(st.lists(st.sampled_from(fields), unique=True))
    properties: Schema = {}
    for field in fields:
        is_required = field in required
        kind = draw(st.sampled_from(SCALARS) if is_required else schemas(dialect, names, depth))
        mark = draw(st.sampled_from(["", "", "", "readOnly", "writeOnly"]))
        properties[prefix + field] = {**kind, mark: True} if mark and "$ref" not in kind else kind
    schema: Schema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = [prefix + field for field in required]
    if draw(st.booleans()):
        more: list[bool | Schema] = [True, False, {"type": "string"}]
        schema["additionalProperties"] = draw(st.sampled_from(more))
    return schema


@st.composite
def aliases(draw: st.DrawFn, name: str, dialect: Dialect, names: Names) -> dict[str, Schema]:
    """Draw a schema that has a name and is no object with fields, and those that it needs to itself."""
    inner = schemas(dialect, Names(names.objects, names.objects), 1)
    match draw(st.sampled_from(["choice", "array", "map", "nested array", "nested map", "tagged", "inherited"])):
        case "choice":
            return {name: draw(st.sampled_from(CHOICES))}
        case "array":
            return {name: {"type": "array", "items": draw(inner)}}
        case "map":
            return {name: {"type": "object", "additionalProperties": draw(inner)}}
        case "nested array":
            return {name: {"type": "array", "items": reference(name)}}
        case "nested map":
            return {name: {"type": "object", "additionalProperties": reference(name)}}
        case kind:
            return draw(_tagged(name, dialect, names, is_inherited=kind == "inherited"))


@st.composite
def _tagged(draw: st.DrawFn, name: str, dialect: Dialect, names: Names, *, is_inherited: bool) -> dict[str, Schema]:
    """Draw a schema whose values say by a tag which of two objects they are."""
    members = {f"{name}{number}": draw(objects(dialect, names, 0)) for number in (1, 2)}
    tag: Schema = {"propertyName": "kind"}
    values = [*members]
    if draw(st.booleans()):
        values = ["first kind", "2"]
        full = draw(st.booleans())
        tag["mapping"] = {
            value: reference(member)["$ref"] if full else member for value, member in zip(values, members, strict=True)
        }
    common: Schema = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
    for value, member in zip(values, members, strict=True):
        own: Schema = {"required": ["kind"], "properties": {"kind": {"type": "string", "enum": [value]}}}
        parts = [reference(name)] if is_inherited else [common]
        members[member] = {"allOf": [*parts, members[member], own]}
    if is_inherited:
        return {name: {**common, "discriminator": tag}, **members}
    return {name: {"oneOf": [reference(member) for member in members], "discriminator": tag}, **members}


@st.composite
def documents(draw: st.DrawFn) -> Schema:
    """Draw a document."""
    dialect = Dialect(draw(st.sampled_from(["3.0.3", "3.1.0"])))
    objects_with_names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=5, unique=True))
    others = draw(st.lists(st.sampled_from(ALIASES), min_size=1, max_size=3, unique=True))
    names = Names(tuple(objects_with_names), tuple(others))
    components = {name: draw(objects(dialect, names, 2)) for name in names.objects}
    for name in names.others:
        components |= draw(aliases(name, dialect, names))
    return {
        "openapi": dialect.version,
        "info": {"title": "Random", "version": "1"},
        "servers": [{"url": "https://{place}.example/v1", "variables": {"place": {"default": "api"}}}],
        "security": draw(st.sampled_from(SECURITY)),
        "paths": {f"/things{number}/{{id}}": draw(paths(dialect, names)) for number in range(draw(st.integers(1, 2)))},
        "components": {
            "schemas": components,
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
                "login": {"type": "http", "scheme": "basic"},
            },
        },
    }


@st.composite
def paths(draw: st.DrawFn, dialect: Dialect, names: Names) -> Schema:
    """Draw a path item."""
    shared = {"name": "id", "in": "path", "required": True, "schema": draw(st.sampled_from(SCALARS))}
    methods = draw(
        st.lists(st.sampled_from(["get", "post", "put", "patch", "delete"]), min_size=1, max_size=2, unique=True)
    )
    return {"parameters": [shared], **{method: draw(operations(dialect, names, method)) for method in methods}}


@st.composite
def operations(draw: st.DrawFn, dialect: Dialect, names: Names, method: str) -> Schema:
    """Draw an operation."""
    operation: Schema = {
        "tags": draw(st.sampled_from([[], ["pets"], ["class"], ["Models", "pets"]])),
        "deprecated": draw(st.booleans()),
        "parameters": draw(st.lists(parameters(), max_size=3, unique_by=lambda entry: (entry["in"], entry["name"]))),
        "responses": {
            "200": {"description": "", "content": {"application/json": {"schema": draw(schemas(dialect, names, 2))}}},
            "default": {"description": "", "content": {"application/json": {"schema": {}}}},
        },
    }
    if draw(st.booleans()):
        operation["operationId"] = draw(
            st.sampled_from(["listPets", "class", "pets/list", "get-it", "request", "List"])
        )
    others: list[Schema] = [
        {"204": {}},
        {"202": {"content": {"text/plain": {}}}},
        {"2XX": {"content": {"image/png": {}}}},
    ]
    for status, response in draw(st.sampled_from([{}, *others])).items():
        operation["responses"][status] = {"description": "", **response}
    if method in ("post", "put", "patch"):
        content = draw(st.one_of(_json(dialect, names), _json(dialect, names), _other_contents(dialect, names)))
        operation["requestBody"] = {"required": draw(st.booleans()), "content": content}
    return operation


def _json(dialect: Dialect, names: Names) -> st.SearchStrategy[Schema]:
    return schemas(dialect, names, 2).map(lambda schema: {"application/json": {"schema": schema}})


@st.composite
def _other_contents(draw: st.DrawFn, dialect: Dialect, names: Names) -> Schema:
    fields = draw(objects(dialect, names, 1))
    file: Schema = {"type": "string", "format": "binary"}
    files = {**fields, "properties": {**fields["properties"], "file": file, "files": {"type": "array", "items": file}}}
    contents: list[Schema] = [
        {"application/x-www-form-urlencoded": {"schema": fields}},
        {"application/x-www-form-urlencoded": {"schema": reference(draw(st.sampled_from(names.objects)))}},
        {"multipart/form-data": {"schema": files, "encoding": {"file": {"contentType": "image/png"}}}},
        {"text/plain": {"schema": {"type": "string"}}},
        {"application/octet-stream": {"schema": file}},
        {"application/zip": {}},
    ]
    return draw(st.sampled_from(contents))


@st.composite
def parameters(draw: st.DrawFn) -> Schema:
    """Draw a parameter of a place that is not the path."""
    place = draw(st.sampled_from(["query", "header", "cookie"]))
    name = draw(st.sampled_from(["limit", "page[size]", "body", "X-Trace", "class", "ids", "self"]))
    if place != "query" and "[" in name:
        name = "id"
    schema = draw(st.sampled_from([*SCALARS, *CHOICES, {"type": "array", "items": {"type": "string"}}]))
    parameter: Schema = {"name": name, "in": place, "schema": schema, "required": draw(st.booleans())}
    if place == "query" and schema.get("type") == "array":
        parameter["style"] = draw(st.sampled_from(["form", "pipeDelimited", "spaceDelimited"]))
        parameter["explode"] = draw(st.booleans())
    return parameter


@st.composite
def instances(draw: st.DrawFn, schema: Schema, components: dict[str, Schema], other: str, depth: int = 4) -> JSON:
    """Draw an instance of a schema.

    Args:
        draw: Given by Hypothesis.
        schema: The schema.
        components: Those that it may refer to.
        other: Mark of the fields that only the other way has: `writeOnly` for an answer, `readOnly` for a body.
        depth: How deep it may go before optional fields and entries end.
    """

    def inner(entry: Schema, depth: int) -> JSON:
        return draw(instances(entry, components, other, depth))

    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return inner(_chosen(draw, name, components), depth - 1)
    if "allOf" in schema and len(schema["allOf"]) == 1:
        return inner(schema["allOf"][0], depth)
    if "allOf" in schema:
        merged: dict[str, JSON] = {}
        for part in schema["allOf"]:
            # What a merge refers to is meant without the heirs that its tag tells apart.
            is_tagged = "discriminator" in (of := components.get(part.get("$ref", "").rpartition("/")[2], {}))
            merged |= inner(of if is_tagged else part, depth)
        return merged
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return inner(draw(st.sampled_from(schema[key])), depth)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]))
    stated: str | list[str] = schema.get("type", "object" if "properties" in schema else "anything")
    match stated if isinstance(stated, str) else draw(st.sampled_from(stated)):
        case "null":
            return None
        case "integer":
            return draw(st.integers(-(2**70), 2**70))
        case "number":
            return draw(st.sampled_from([0.5, -1.25, 3, 1e20]))
        case "boolean":
            return draw(st.booleans())
        case "string":
            return draw(_texts(schema.get("format", "")))
        case "array":
            size = draw(st.integers(0, 2 if depth > 0 else 0))
            return [inner(schema["items"], depth - 1) for _ in range(size)]
        case "object":
            return draw(_objects(schema, components, other, depth))
        case _:
            free: list[JSON] = [{"any": [1, None]}, "x", [True], 7]
            return draw(st.sampled_from(free))


@st.composite
def _objects(draw: st.DrawFn, schema: Schema, components: dict[str, Schema], other: str, depth: int) -> JSON:
    required: list[str] = schema.get("required", [])
    properties: Schema = schema.get("properties", {})
    found = {
        name: draw(instances(entry, components, other, depth - 1))
        for name, entry in properties.items()
        if other not in entry and (name in required or (depth > 0 and draw(st.booleans())))
    }
    more: Schema | bool = schema.get("additionalProperties", True)
    if not isinstance(more, bool) and not properties and depth > 0 and draw(st.booleans()):
        found["some key"] = draw(instances(more, components, other, depth - 1))
    return found


def _chosen(draw: st.DrawFn, name: str, components: dict[str, Schema]) -> Schema:
    """Return the schema of a name, or one of its heirs if a tag tells them apart."""
    if "discriminator" in components[name] and "oneOf" not in components[name]:
        return components[name + draw(st.sampled_from(["1", "2"]))]
    return components[name]


def _texts(named: str) -> st.SearchStrategy[str]:
    match named:
        case "date":
            return st.dates().map(lambda day: day.isoformat())
        case "date-time":
            return st.datetimes().map(lambda moment: f"{moment.replace(microsecond=0).isoformat()}Z")
        case "uuid":
            return st.uuids().map(str)
        case "decimal":
            return st.sampled_from(["0.10", "-12.5", "100", "12345678901234567890.123456789"])
        case _:
            return SOME_TEXT
