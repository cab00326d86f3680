"""Spec files as checked documents: references to other files are put in, and nothing is left that is not known."""

from __future__ import annotations

import keyword
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import unquote, urlsplit

from attrs import define, evolve, field, frozen

from . import grammar, openapi
from .names import operation_name, unused
from .nodes import JSONValue, Location, Node, SpecError
from .reading import read
from .vocabulary import METHODS, VALUE, Grammar, Rule, one

MAXIMUM_DEPTH: Final = 100
MAXIMUM_VALUES: Final = 3_000_000

SCHEMAS: Final = "#/components/schemas/"
"""How the references of a bundled document begin."""

Owner: TypeAlias = tuple[str, ...]
"""What a fault makes unusable: `paths`, path and method of an operation, `schemas` and a name, or nothing for all."""

_MODULE: Final = re.compile(r"[a-z][a-z0-9_]*")
_SCHEMA_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")


@frozen
class Route:
    """One operation of a document, with where it is reached."""

    name: str
    """The operationId."""
    path: str
    method: str
    """In lower case, as the document has it."""
    node: Node
    parameters: Mapping[tuple[str, str], Node]
    """Its own parameters and those of its path, by place (`path`, `query`, `header`) and name."""
    servers: Node | None = None
    """Where it is reached, if that is said of it or of its path."""


@define(slots=False)
class Document:
    """One spec, bundled: of `components` it holds the schemas, under their own names; other references are put in."""

    module: str
    """Name of the module it becomes: the file's name."""
    root: Node
    is_strict: bool = True
    """Whether it is a spec of this project, which says everything in one way."""
    faults: Mapping[Owner, Sequence[SpecError]] = field(factory=dict[Owner, Sequence[SpecError]])
    """What cannot be read, by what it makes unusable; a strict document has no faults."""

    @property
    def schemas(self) -> Node:
        """Schemas that have a name."""
        return self.root["components"]["schemas"]

    @cached_property
    def routes(self) -> Sequence[Route]:
        """The operations, in the order of the document."""
        routes: list[Route] = []
        for path, item in self.root["paths"].fields.items():
            for method, node in item.fields.items():
                faulty = {("paths", path), ("paths", path, method)} & self.faults.keys()
                if method in METHODS and not faulty:
                    name = operation_name(node.text_at("operationId"), method, path)
                    if not self.is_strict:
                        name = unused(name, [route.name for route in routes])
                    parameters = _parameters(item, self.is_strict) | _parameters(node, self.is_strict)
                    servers = node.get("servers") or item.get("servers")
                    routes.append(Route(name, path, method, node, parameters, servers))
        return routes


def load(folder: Path) -> Sequence[Document]:
    """Return the documents of a folder, by name; subfolders hold what they share.

    Raises:
        SpecError: A file cannot be read, or says something that is invalid or not supported.
    """
    location = Location(str(folder))
    if not folder.is_dir():
        raise SpecError(location, "is not a folder")
    files = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml", ".json"))
    if not files:
        raise SpecError(location, "holds no spec")
    library = _Library(folder)
    return [_load_document(library, path) for path in files]


def load_any(file: Path) -> Document:
    """Return any OpenAPI document; it may refer to files in its own folder and below.

    Raises:
        SpecError: The file cannot be read, or is no OpenAPI document.
    """
    library = _Library(file.parent)
    place = Location(file.as_posix())
    bundler = _Bundler(library, openapi.GRAMMAR)
    root = bundler.bundle(library.content(place), place)
    return Document(file.stem, root, is_strict=False, faults=bundler.faults)


def _load_document(library: _Library, path: Path) -> Document:
    place = Location(path.as_posix())
    if path.suffix != ".yaml" or not _MODULE.fullmatch(path.stem) or keyword.iskeyword(path.stem):
        raise SpecError(place, "must be named like a Python module in lower case, with the ending .yaml")
    return Document(path.stem, _Bundler(library, grammar.GRAMMAR).bundle(library.content(place), place))


def _parameters(holder: Node, is_strict: bool) -> dict[tuple[str, str], Node]:
    """Return the parameters of an operation or a path, by place and name."""
    found: dict[tuple[str, str], Node] = {}
    for node in holder.items_at("parameters"):
        key = node["in"].text, node["name"].text
        if key in found and is_strict:
            raise node.refuse(f"the {key[0]} parameter {key[1]} is there twice")
        found.setdefault(key, node)
    return found


@frozen
class _Library:
    """The files below the specs folder; each is read once."""

    folder: Path
    _contents: dict[str, JSONValue] = field(factory=dict[str, JSONValue])

    def content(self, place: Location) -> JSONValue:
        if place.file not in self._contents:
            self._contents[place.file] = read(Path(place.file), place.file)
        return self._contents[place.file]

    def resolve(self, reference: str, place: Location) -> tuple[JSONValue, Location]:
        """Return what a `$ref` that stands in `place` refers to, and where that is."""
        try:
            parts = urlsplit(reference)
            if parts.scheme or parts.netloc:
                raise SpecError(place, f"{reference!r} is not a file: references to the network are not followed")
            target = self._file_of(parts.path, place) if parts.path else Location(place.file)
        except (OSError, RuntimeError, ValueError):
            raise SpecError(place, f"{reference!r} is not a reference") from None
        value = self.content(target)
        if parts.fragment and not parts.fragment.startswith("/"):
            raise SpecError(place, f"{reference!r} does not end in a JSON pointer")
        for key in unquote(parts.fragment).split("/")[1:]:
            key = key.replace("~1", "/").replace("~0", "~")
            if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
                value = value[int(key)]
            elif isinstance(value, dict) and key in value:
                value = value[key]
            else:
                raise SpecError(place, f"{reference!r} refers to nothing")
            target = target.below(key)
        return value, target

    def _file_of(self, path: str, place: Location) -> Location:
        root = self.folder.resolve()
        file = (Path(place.file).parent / unquote(path)).resolve()
        if not file.is_relative_to(root):
            raise SpecError(place, f"{path!r} is outside the specs folder")
        if not file.is_file():
            raise SpecError(place, f"{path!r} does not exist")
        return Location((self.folder / file.relative_to(root)).as_posix())


class _Bundler:
    """Copies one document, checks it against a grammar, and puts in what its references refer to."""

    def __init__(self, library: _Library, grammar: Grammar) -> None:
        self.faults: dict[Owner, list[SpecError]] = {}
        self._library = library
        self._grammar = grammar
        self._owner: Owner = ()
        self._trail: list[Location] = []
        self._depth = 0
        self._values = 0
        self._names: dict[Location, str] = {}
        self._schemas: dict[str, Node] = {}
        self._waiting: list[tuple[str, JSONValue, Location]] = []

    def bundle(self, content: JSONValue, place: Location) -> Node:
        """Return the bundled document."""
        root = self._object(content, place, "document")
        while self._waiting:
            name, schema, origin = self._waiting.pop(0)
            with self._faults_of(("schemas", name)):
                self._schemas[name] = Node({}, origin)
                self._schemas[name] = self._object(schema, origin, "schema")
        components = place.below("components")
        schemas = Node(self._schemas, components.below("schemas"))
        kept = {key: node for key, node in root.fields_at("components").items() if key == "securitySchemes"}
        return evolve(root, value={**root.fields, "components": Node({"schemas": schemas, **kept}, components)})

    @contextmanager
    def _faults_of(self, owner: Owner) -> Generator[None]:
        """Keep the faults that come up inside, and say what they make unusable; in a strict document they end all."""
        before, self._owner = self._owner, owner
        try:
            yield
        except SpecError as error:
            if self._grammar.is_strict or not owner:
                raise
            self.faults.setdefault(owner, []).append(error)
        finally:
            self._owner = before

    def _take(self, value: JSONValue, place: Location, rule: Rule) -> Node:
        self._values += 1
        if self._values > MAXIMUM_VALUES:
            raise SpecError(place, f"the document with its references put in holds more than {MAXIMUM_VALUES:,} values")
        match rule.form:
            case "one":
                return self._object(value, place, rule.kind)
            case "one or flag":
                return Node(value, place) if isinstance(value, bool) else self._object(value, place, rule.kind)
            case "list":
                if not isinstance(value, list):
                    raise SpecError(place, "must be an array")
                return self._list(value, place, one(rule.kind))
            case "map":
                if not isinstance(value, dict):
                    raise SpecError(place, "must be an object")
                return Node(self._map(value, place, rule.kind), place)
            case "text":
                if not isinstance(value, str):
                    raise SpecError(place, "must be a string")
                return Node(value, place)
            case "words":
                return Node(value if isinstance(value, str) else "", place)
            case "flag":
                if not isinstance(value, bool):
                    raise SpecError(place, "must be true or false")
                return Node(value, place)
            case "values by name":
                if not isinstance(value, dict):
                    raise SpecError(place, "must be an object")
                return Node(
                    {key: self._values_of(entry, place.below(key), VALUE) for key, entry in value.items()}, place
                )
            case "any value":
                return _node_of(value, place)
            case "schemas by name":
                if not isinstance(value, dict):
                    raise SpecError(place, "must be an object")
                return Node({key: self._schema_named(entry, place.below(key)) for key, entry in value.items()}, place)
            case "texts" | "value" | "documentation":
                return self._values_of(value, place, rule)

    def _values_of(self, value: JSONValue, place: Location, rule: Rule) -> Node:
        """Return a scalar or an array of scalars as a node."""
        if isinstance(value, dict):
            raise SpecError(place, "must not be an object")
        if isinstance(value, list):
            return self._list(value, place, rule)
        if rule.form == "texts" and not isinstance(value, str):
            raise SpecError(place, "must hold strings")
        return Node(value, place)

    def _list(self, value: list[JSONValue], place: Location, rule: Rule) -> Node:
        return Node(tuple(self._take(entry, place.below(str(i)), rule) for i, entry in enumerate(value)), place)

    def _map(self, value: dict[str, JSONValue], place: Location, kind: str) -> dict[str, Node]:
        if kind == "schema" and place.keys == ("components", "schemas"):
            for name, schema in value.items():
                with self._faults_of(("schemas", name)):
                    self._schema_reference(schema, place.below(name))
            return {}
        is_component = place.keys[:1] == ("components",) and len(place.keys) == 2
        if is_component and kind != "security scheme" and not self._grammar.is_strict:
            return {}  # put in where something refers to it
        entries: dict[str, Node] = {}
        for key, entry in value.items():
            if kind == "path item" and key.startswith("x-"):
                continue
            with self._faults_of(("paths", key) if kind == "path item" and not self._owner else self._owner):
                if kind == "path item":
                    self._grammar.check("path", Node(key, place.below(key)))
                entries[key] = self._take(entry, place.below(key), one(kind))
        return entries

    def _object(self, value: JSONValue, place: Location, kind: str) -> Node:
        if isinstance(value, bool) and kind == "schema" and not self._grammar.is_strict:
            return Node({} if value else {"never": Node(True, place)}, place)
        if not isinstance(value, dict):
            raise SpecError(place, "must be an object")
        self._depth += 1
        try:
            if self._depth > MAXIMUM_DEPTH:
                raise SpecError(place, f"is nested deeper than {MAXIMUM_DEPTH} levels, references put in")
            refers = "$ref" in value and kind != "document"
            return self._reference(value, place, kind) if refers else self._keys(value, place, kind)
        finally:
            self._depth -= 1

    def _keys(self, value: dict[str, JSONValue], place: Location, kind: str) -> Node:
        known = self._grammar.kinds[kind]
        for key in known.required:
            if key not in value:
                raise SpecError(place, f"`{key}` is missing")
        fields: dict[str, Node] = {}
        for key, entry in value.items():
            rule = known.keys.get(key)
            if rule is None:
                if known.is_open or (key.startswith("x-") and not self._grammar.is_strict):
                    continue
                self._refuse(SpecError(place, f"`{key}` is not supported"))
            elif rule.form != "documentation" or not isinstance(entry, (dict, list)):
                is_operation = kind == "path item" and key in METHODS
                with self._faults_of((*self._owner[:2], key) if is_operation else self._owner):
                    fields[key] = self._take(entry, place.below(key), rule)
        node = Node(fields, place)
        if fields.keys() >= {*known.required}:  # what is wrong with one that is not there is known by now
            with self._faults_of(self._owner):
                self._grammar.check(kind, node)
        return node

    def _refuse(self, error: SpecError) -> None:
        with self._faults_of(self._owner):
            raise error

    def _reference(self, value: dict[str, JSONValue], place: Location, kind: str) -> Node:
        rules = self._grammar.kinds[kind].keys
        allowed = self._grammar.beside_reference.get(kind, frozenset({"description", "summary"})) & rules.keys()
        beside = {key: entry for key, entry in value.items() if key != "$ref"}
        for key in [key for key in beside if key not in allowed]:
            if self._grammar.is_strict:
                raise SpecError(place, f"`{key}` beside $ref is not supported")
            del beside[key]  # as OpenAPI says
        more = {
            key: self._take(entry, place.below(key), rules[key])
            for key, entry in beside.items()
            if rules[key].form != "documentation" or not isinstance(entry, (dict, list))
        }
        if kind == "schema" and (name := self._schema_reference({"$ref": value["$ref"]}, place)):
            return Node({"$ref": Node(SCHEMAS + name, place), **more}, place)
        content, target = self._library.resolve(_reference_of(value, place), place)
        if target in self._trail:
            raise SpecError(place, "refers to itself")
        self._trail.append(target)
        try:
            node = self._object(content, target, kind)
        finally:
            self._trail.pop()
        return evolve(node, value={**node.fields, **more}) if more else node

    def _schema_reference(self, schema: JSONValue, place: Location) -> str | None:
        """Note a named schema for import and return its name; references to references lead to the last one."""
        seen = [place]
        while isinstance(schema, dict) and "$ref" in schema:
            if len(schema) > 1:
                if self._grammar.is_strict:
                    raise SpecError(place, "a named schema that is a $ref cannot say more")
                break
            schema, place = self._library.resolve(_reference_of(schema, place), place)
            if place in seen:
                raise SpecError(seen[0], "refers to itself")
            seen.append(place)
        is_component = place.keys[:2] == ("components", "schemas") and len(place.keys) == 3
        if not is_component and self._grammar.is_strict:
            return None
        if place not in self._names:
            self._names[place] = name = self._schema_name(place)
            self._waiting.append((name, schema, place))
        return self._names[place]

    def _schema_named(self, value: JSONValue, place: Location) -> Node:
        """Return the name of a schema that is given by its own name, or by a reference."""
        if not isinstance(value, str):
            raise SpecError(place, "must be a string")
        reference = value if "/" in value or value.endswith((".yaml", ".yml", ".json")) else SCHEMAS + value
        name = self._schema_reference({"$ref": reference}, place)
        if name is None:
            raise SpecError(place, f"{value!r} is no schema with a name")
        return Node(name, place)

    def _schema_name(self, place: Location) -> str:
        """Return the name of a schema in the bundled document; a second one of its name gets a number."""
        name = place.keys[-1] if place.keys else Path(place.file).stem
        if not self._grammar.is_strict:
            words = [key for key in place.keys[-3:] if name.isdecimal()] or [name]
            return unused(re.sub(r"[^\w.-]+", "_", "_".join(words)), self._names.values())
        if not _SCHEMA_NAME.fullmatch(name):
            raise SpecError(place, "a schema is named with letters, digits, points, dashes and underscores")
        for other, taken in self._names.items():
            if taken == name:
                raise SpecError(place, f"has the name of {other}")
        return name


def _node_of(value: JSONValue, place: Location) -> Node:
    """Return any value as a node."""
    if isinstance(value, dict):
        return Node({key: _node_of(entry, place.below(key)) for key, entry in value.items()}, place)
    if isinstance(value, list):
        return Node(tuple(_node_of(entry, place.below(str(index))) for index, entry in enumerate(value)), place)
    return Node(value, place)


def _reference_of(value: dict[str, JSONValue], place: Location) -> str:
    reference = value["$ref"]
    if not isinstance(reference, str):
        raise SpecError(place.below("$ref"), "must be a string")
    return reference
