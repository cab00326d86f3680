"""Schemas of any wording in the few words that the parser reads without loss, and everything with a name apart.

OpenAPI says most things in several ways: null by `nullable` or by a type, a merge by `allOf` or beside a `$ref`, a
constant as an enumeration of one. Here each becomes one form:

- a scalar by its `type`, and its `format` where that decides its type in Python;
- an array with `items`, an empty object for anything;
- `oneOf` for one of several forms, flat but for those that a tag tells apart;
- a reference to a component, for each object with fields, each object with keys of any name, and each enumeration.

What only narrows a type is left to the service. A named schema that is none of the three is put in where it is used.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Final, Literal, TypeAlias

from attrs import define, evolve, field, frozen

from .documents import SCHEMAS, Document
from .merging import Keywords, merged
from .names import EXPORTS, RESERVED, class_name, unused
from .nodes import JSONValue, Location, Node, SpecError
from .shapes import documented
from .text import Text
from .vocabulary import is_true, types_of

Form: TypeAlias = dict[str, JSONValue]
"""A schema in these words. Keys that begin with `x-` are for the reader, and unknown to the parser."""

MOST_COMBINATIONS: Final = 100
MOST_COMPONENTS: Final = 50_000

_UNIONS: Final = ("oneOf", "anyOf")
_STRUCTURAL: Final = frozenset(
    {
        *("type", "enum", "const", "properties", "required", "additionalProperties", "patternProperties", "items"),
        *("prefixItems", "allOf", *_UNIONS, "$ref", "never"),
    }
)
"""Keys that say what a value may be; others describe it, or narrow it further."""

_TEXT_FORMATS: Final = ("date", "date-time", "uuid")
_OWN_FORMATS: Final = ("binary", "decimal")
_NULL: Final[Form] = {"type": "null"}
_OF_PYTHON: Final[Mapping[type, str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
}


@frozen
class Member:
    """A field of an object."""

    wire: str
    form: Form
    is_required: bool
    doc: Text
    is_read_only: bool
    is_write_only: bool


@define
class Component:
    """What has a name: an object with fields, one with keys of any name, or an enumeration."""

    kind: Literal["object", "map", "choice"]
    name: str
    """Name for its class."""
    is_own: bool
    """Whether the document gave the name."""
    doc: Text
    location: Location
    members: tuple[Member, ...] = ()
    item: Form = field(factory=dict[str, JSONValue])
    """What stands under each key of a map."""
    values: tuple[str | int, ...] = ()
    """Members of an enumeration."""
    fault: SpecError | None = None
    """Why it cannot be used."""

    @property
    def plain(self) -> Form:
        """The component as a schema."""
        if self.kind == "choice":
            return {"type": "string" if isinstance(self.values[0], str) else "integer", "enum": [*self.values]}
        if self.kind == "map":
            return {"type": "object", "additionalProperties": visible(self.item)}
        return {
            "type": "object",
            "properties": {property_name(i): visible(member.form) for i, member in enumerate(self.members)},
            "required": [property_name(i) for i, member in enumerate(self.members) if member.is_required],
        }

    @property
    def forms(self) -> Sequence[Form]:
        """The forms that stand in it."""
        return [self.item] if self.kind == "map" else [member.form for member in self.members]


class Canonicaliser:
    """Brings the schemas of one document into their canonical forms."""

    def __init__(self, document: Document) -> None:
        self.components: dict[str, Component] = {}
        """By handle."""
        self._is_strict = document.is_strict
        self._schemas = document.schemas.fields
        self._faults = {owner[1]: errors[0] for owner, errors in document.faults.items() if owner[:1] == ("schemas",)}
        self._places = {node.location: name for name, node in self._schemas.items()}
        self._class_names: dict[str, str] = {}
        for name, node in self._schemas.items():
            self._class_names[name] = self._name_of_class(name, node)
        self._forms: dict[str, Form] = {}
        self._handles: dict[tuple[Location, str, str, tuple[str | int, ...]], str] = {}
        self._active: list[str] = []
        self._pending: list[tuple[Component, Keywords]] = []
        self._heirs = self._find_heirs()

    def form(self, node: Node, name: str) -> Form:
        """Return the form of a schema; objects in it that have no name get this one.

        Raises:
            SpecError: It contradicts itself, or leads to what does.
        """
        form = self._form(node, name)
        while self._pending:
            component, keywords = self._pending.pop(0)
            try:
                self._fill(component, keywords)
            except SpecError as error:
                component.fault = error
        self._refuse_faults(form)
        return form

    def _refuse_faults(self, form: Form) -> None:
        """Raise the fault of the first component that a form leads to and that cannot be used."""
        seen: set[str] = set()
        waiting = [form]
        while waiting:
            for handle in handles(waiting.pop()):
                if handle not in seen:
                    seen.add(handle)
                    component = self.components[handle]
                    if component.fault is not None:
                        raise component.fault
                    waiting += component.forms

    def _name_of_class(self, name: str, node: Node) -> str:
        wanted = class_name(name)
        if wanted in self._class_names.values() and self._is_strict:
            raise node.refuse(f"would be called {wanted}, which another schema is called")
        if not self._is_strict and wanted in (*RESERVED, *EXPORTS):
            wanted += "Model"
        return unused(wanted, self._class_names.values())

    def _find_heirs(self) -> Mapping[str, Sequence[str]]:
        """Return which schemas say that they are another one and more, by that other one."""
        heirs: dict[str, list[str]] = {}
        for name, node in self._schemas.items():
            for part in node.items_at("allOf"):
                if "$ref" in part.fields:
                    heirs.setdefault(_target(part), []).append(name)
        return heirs

    def _form(self, node: Node, name: str) -> Form:
        keywords = node.fields
        said = _STRUCTURAL & keywords.keys()
        if {*said} == {"$ref"}:
            form = self._named(_target(node))
        elif "allOf" in said or "$ref" in said or _is_union_beside_more(keywords):
            parts = [part for part in _parts(node) if _STRUCTURAL & part.fields.keys()]
            if len(parts) == 1 and "$ref" in parts[0].fields:
                form = self._form(parts[0], name)
            else:
                form = self._combined([*self._expanded(node, ())], node, name)
        else:
            form = self._plain(keywords, node, name)
        return union([form, _NULL]) if is_true(node, "nullable") else form

    def _named(self, name: str) -> Form:
        """Return the form of a schema that has a name, where something refers to it."""
        if name in self._faults:
            raise self._faults[name]
        if name not in self._forms:
            if name in self._active:
                # An array or a union that holds itself: a type without a name cannot say so, but any JSON is right.
                return {}
            self._active.append(name)
            try:
                node = self._schemas[name]
                tagged = self._heirs_of(name, node)
                self._forms[name] = tagged or self._form(node, self._class_names[name])
            finally:
                self._active.pop()
        return self._forms[name]

    def _heirs_of(self, name: str, node: Node) -> Form | None:
        """Return the form of a schema that says by a tag which of its heirs a value is."""
        tag = node.get("discriminator")
        if tag is None or _STRUCTURAL & {*_UNIONS} & node.fields.keys() or name not in self._heirs:
            return None
        named = _values_of(tag) or {self._key_of(heir): heir for heir in self._all_heirs(name)}
        forms = {
            value: self._form(node, self._class_names[name]) if heir == name else self._named(heir)
            for value, heir in named.items()
        }
        return self._tagged(tag, list(forms.values()), forms, f"Any{self._class_names[name]}")

    def _key_of(self, name: str) -> str:
        """Return the name that a schema has where it stands: tags hold it, whatever another file has of that name."""
        location = self._schemas[name].location
        return location.keys[-1] if location.keys else name

    def _all_heirs(self, name: str) -> Sequence[str]:
        found: list[str] = []
        waiting = [name]
        while waiting:
            new = [heir for heir in self._heirs.get(waiting.pop(0), ()) if heir not in found and heir != name]
            found += new
            waiting += new
        return found

    def _tagged(self, tag: Node, forms: Sequence[Form], by_value: Mapping[str, Form], name: str) -> Form:
        """Return a union whose members a tag tells apart, if each of them is one object."""
        members = union(forms)
        classes = {value: next(handles(form), "") for value, form in by_value.items() if "$ref" in form}
        kinds = {self.components[handle].kind for handle in classes.values()}
        if len(classes) < len(by_value) or kinds != {"object"} or "oneOf" not in members:
            return members
        return {**members, "x-tag": {"name": name, "property": tag["propertyName"].text, "classes": {**classes}}}

    def _union(self, keywords: Keywords, name: str) -> Form:
        """Return the form of a union that stands alone."""
        (key,) = [key for key in _UNIONS if key in keywords]
        members = [member for member in keywords[key].items if "never" not in member.fields]
        forms = [self._form(member, _name_of_member(member, name)) for member in members]
        tag = keywords.get("discriminator")
        if tag is None or "propertyName" not in tag.fields:
            return union(forms)
        by_name = {
            _target(member): form for member, form in zip(members, forms, strict=True) if "$ref" in member.fields
        }
        named = _values_of(tag) or {self._key_of(member): member for member in by_name}
        by_name |= {heir: self._named(heir) for heir in named.values() if heir not in by_name}
        return self._tagged(tag, forms, {value: by_name[heir] for value, heir in named.items()}, name)

    def _expanded(self, node: Node, trail: tuple[str, ...]) -> Iterator[Keywords]:
        """Yield what a schema says, part by part, its references and merges put in."""
        for part in _parts(node):
            if "$ref" not in part.fields:
                yield from self._expanded(part, trail) if "allOf" in part.fields else (part.fields,)
                continue
            name = _target(part)
            if name in self._faults:
                raise self._faults[name]
            if name in trail:
                raise node.refuse("is merged with itself")
            yield from self._expanded(self._schemas[name], (*trail, name))

    def _combined(self, said: Sequence[Keywords], node: Node, name: str) -> Form:
        """Return the form of what several parts say together."""
        unions = [
            (part, part[key].items) for part in said for key in _UNIONS if key in part and not _is_condition(part[key])
        ]
        plain = [{key: value for key, value in part.items() if key not in _UNIONS} for part in said]
        if not unions:
            return self._plain(merged(plain, node), node, name)
        is_alone = not any(_STRUCTURAL & part.keys() - {"type"} for part in plain)
        if len(unions) == 1 and is_alone:
            return self._union({**unions[0][0]}, name)
        if prod(len(members) for _, members in unions) > MOST_COMBINATIONS:
            raise node.refuse(f"combines unions in more than {MOST_COMBINATIONS} ways")
        return union(
            self._combined(
                [*plain, *(keywords for member in chosen for keywords in self._expanded(member, ()))],
                node,
                class_name(name, *(_name_of_member(member, "") for member in chosen)),
            )
            for chosen in product(*(members for _, members in unions))
        )

    def _plain(self, keywords: Keywords, node: Node, name: str) -> Form:
        """Return the form of a schema without references and merges."""
        if any(key in keywords and not _is_condition(keywords[key]) for key in _UNIONS):
            return self._union(keywords, name)
        types = _types(keywords)
        if "enum" in keywords or "const" in keywords:
            return self._choice(keywords, types, node, name)
        return union([self._typed(type_, keywords, node, name) for type_ in types] or [{}])

    def _typed(self, type_: str, keywords: Keywords, node: Node, name: str) -> Form:
        match type_:
            case "object":
                return self._object(keywords, node, name)
            case "array":
                return {"type": "array", "items": self._items(keywords, node, name)}
            case "string":
                return _text_form(keywords)
            case _:
                return {"type": type_}

    def _items(self, keywords: Keywords, node: Node, name: str) -> Form:
        first = prefix.items if (prefix := keywords.get("prefixItems")) else ()
        others = keywords.get("items")
        if self._is_strict and others is None:
            raise node.refuse("an array without `items` is not supported")
        forms = [self._form(entry, f"{name}Item") for entry in first]
        if others is None or others.value is True or (first and others.value is not False):
            forms.append({} if others is None or isinstance(others.value, bool) else self._form(others, f"{name}Item"))
        elif isinstance(others.value, Mapping):
            forms.append(self._form(others, f"{name}Item"))
        return union(forms or [{}])

    def _choice(self, keywords: Keywords, types: Sequence[str], node: Node, name: str) -> Form:
        """Return the form of an enumeration: type by type, since Python has no literals of some."""
        entries = keywords["enum"].items if "enum" in keywords else (keywords["const"],)
        allowed = {*types} if "type" in keywords else {*_OF_PYTHON.values(), "array", "object"}
        values: dict[str, list[str | int]] = {}
        for entry in entries:
            kind = "array" if isinstance(entry.value, tuple) else _OF_PYTHON.get(type(entry.value), "object")
            if kind in allowed or (kind == "integer" and "number" in allowed):
                values.setdefault(kind, []).append(entry.value if isinstance(entry.value, (str, int)) else 0)
        if not values:
            raise node.refuse("`enum` holds nothing of the type that `type` says")
        if "number" in values:
            values.pop("integer", None)
        forms = [self._choice_of(kind, [*dict.fromkeys(found)], node, name) for kind, found in values.items()]
        return union([*forms, *([_NULL] if "type" in keywords and "null" in types else [])])

    def _choice_of(self, kind: str, values: Sequence[str | int], node: Node, name: str) -> Form:
        match kind:
            case "string" | "integer":
                return _reference(self._add("choice", name, node, values=tuple(values)))
            case "boolean":
                return {"type": "boolean", **({"x-value": values[0]} if len(values) == 1 else {})}
            case "number" | "null":
                return {"type": kind}
            case _:
                return {}

    def _object(self, keywords: Keywords, node: Node, name: str) -> Form:
        properties = keywords.get("properties")
        has_fields = properties is not None and any("never" not in entry.fields for entry in properties.fields.values())
        known = len(self.components)
        handle = self._add("object" if has_fields else "map", name, node)
        if len(self.components) > known:
            self._pending.append((self.components[handle], keywords))
        return _reference(handle)

    def _add(
        self, kind: Literal["object", "map", "choice"], name: str, node: Node, values: tuple[str | int, ...] = ()
    ) -> str:
        """Add a component and return its handle; what several schemas inherit is added once."""
        place = node.location, kind, name, values
        if place in self._handles:
            return self._handles[place]
        is_own = self._class_names.get(self._places.get(node.location, "")) == name
        if kind == "object" and not is_own:
            objects = [component.name for component in self.components.values() if component.kind == "object"]
            name = unused(name, [*objects, *([] if self._is_strict else self._class_names.values())])
        if len(self.components) == MOST_COMPONENTS:
            raise node.refuse(f"is one of more than {MOST_COMPONENTS:,} objects and enumerations")
        handle = self._handles[place] = f"S{len(self.components)}"
        doc = documented(node.text_at("description") or "")
        self.components[handle] = Component(kind, name, is_own, doc, node.location, values=values)
        return handle

    def _fill(self, component: Component, keywords: Keywords) -> None:
        """Read what stands in an object."""
        if component.kind == "map":
            component.item = self._values(keywords, component.name)
            return
        required = {entry.text for entry in entries.items} if (entries := keywords.get("required")) else set[str]()
        properties = keywords["properties"].fields
        undescribed = sorted(required - properties.keys())
        if undescribed and self._is_strict:
            reason = f"requires {undescribed[0]!r}, which is not among its properties"
            raise SpecError(component.location, reason)
        component.members = (
            *(
                self._member(component, wire, entry, wire in required)
                for wire, entry in properties.items()
                if "never" not in entry.fields
            ),
            *(self._member(component, wire, Node({}, component.location), True) for wire in undescribed),
        )

    def _values(self, keywords: Keywords, name: str) -> Form:
        others = keywords.get("additionalProperties")
        patterns = keywords.get("patternProperties")
        forms = [self._form(entry, f"{name}Value") for entry in patterns.fields.values()] if patterns else []
        if others is not None and isinstance(others.value, Mapping):
            forms.append(self._form(others, f"{name}Value"))
        elif others is None or others.value is True:
            forms.append({})
        return union(forms or [{}])

    def _member(self, component: Component, wire: str, node: Node, is_required: bool) -> Member:
        default, deprecated = node.get("default"), is_true(node, "deprecated")
        return Member(
            wire,
            self._form(node, class_name(self._owner(node, component), wire)),
            is_required,
            documented(self._description(node), default=default.plain() if default else None, deprecated=deprecated),
            self._is_marked(node, "readOnly"),
            self._is_marked(node, "writeOnly"),
        )

    def _owner(self, node: Node, component: Component) -> str:
        """Return the name of the class that a field belongs to: that of the schema it is inherited from."""
        keys = node.location.keys
        schema = self._places.get(evolve(node.location, keys=keys[:3]), "") if keys[3:4] == ("properties",) else ""
        return self._class_names.get(schema, component.name) if len(keys) == 5 else component.name

    def _description(self, node: Node) -> str:
        """Return what is said about a field: what stands beside a reference goes before what it refers to."""
        texts = (part.text_at("description") for part in (node, *self._referred(node)))
        return next(filter(None, texts), "")

    def _is_marked(self, node: Node, key: str) -> bool:
        return any(is_true(part, key) for part in (node, *self._referred(node)))

    def _referred(self, node: Node) -> Sequence[Node]:
        """Return the parts that a schema is merged of, its references put in."""
        return [self._schemas[_target(part)] if "$ref" in part.fields else part for part in _parts(node)]


def property_name(number: int) -> str:
    """Return what the parser is told a property is called: it refuses two names that are one in Python."""
    return f"p{number}"


def union(forms: Iterable[Form]) -> Form:
    """Return the form of one of several forms: flat, each once, null last; anything, if one of them is."""
    members: list[Form] = []
    for form in forms:
        nested = form["oneOf"] if "oneOf" in form and "x-tag" not in form else [form]
        for member in nested if isinstance(nested, list) else ():
            if isinstance(member, dict) and member not in members:
                members.append(member)
    if {} in members:
        return {}
    members.sort(key=lambda member: member == _NULL)
    return members[0] if len(members) == 1 else {"oneOf": [*members]}


def leaves(form: Form) -> Iterator[Form]:
    """Yield the forms of a union and of those in it; or the form itself."""
    members = form.get("oneOf")
    if isinstance(members, list):
        for member in members:
            if isinstance(member, dict):
                yield from leaves(member)
    else:
        yield form


def visible(form: JSONValue) -> JSONValue:
    """Return a form without what is for the reader."""
    if isinstance(form, dict):
        return {key: visible(entry) for key, entry in form.items() if not key.startswith("x-")}
    return [visible(entry) for entry in form] if isinstance(form, list) else form


def handles(form: JSONValue) -> Iterator[str]:
    """Yield the handles of the components that a form refers to."""
    if isinstance(form, list):
        for entry in form:
            yield from handles(entry)
    elif isinstance(form, dict):
        reference = form.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(SCHEMAS)
        for key, entry in form.items():
            if not key.startswith("x-"):
                yield from handles(entry)


def same(form: Form) -> str:
    """Return a text that is equal for forms between which the parser sees no difference."""
    return json.dumps(visible(form), sort_keys=True)


def _reference(handle: str) -> Form:
    return {"$ref": SCHEMAS + handle}


def _target(node: Node) -> str:
    return node["$ref"].text.removeprefix(SCHEMAS)


def _parts(node: Node) -> Sequence[Node]:
    """Return the parts that a schema is merged of: what it refers to, what it merges, and what it says itself."""
    keywords = node.fields
    referred = [Node({"$ref": keywords["$ref"]}, node.location)] if "$ref" in keywords else []
    merged = keywords["allOf"].items if "allOf" in keywords else ()
    own = {key: value for key, value in keywords.items() if key not in ("$ref", "allOf")}
    return [*referred, *merged, *([Node(own, node.location)] if _STRUCTURAL & own.keys() else [])]


def _values_of(tag: Node) -> Mapping[str, str]:
    """Return the names of schemas by the values of a tag, as far as the document says."""
    return {value: name.text for value, name in tag.fields_at("mapping").items()}


def _is_union_beside_more(keywords: Keywords) -> bool:
    """Whether a union is not all that a schema says."""
    unions = [key for key in _UNIONS if key in keywords and not _is_condition(keywords[key])]
    more = _STRUCTURAL & keywords.keys() - {*_UNIONS, "type"}
    return bool(unions) and bool(more or len(unions) > 1)


def _is_condition(members: Node) -> bool:
    """Whether the members of a union say no more than which fields have to be there."""
    return not any(_STRUCTURAL & member.fields.keys() - {"required"} for member in members.items)


def _name_of_member(member: Node, name: str) -> str:
    """Return a name for a member of a union: that of its schema, its title, or the given one."""
    if "$ref" in member.fields:
        return _target(member)
    title = member.text_at("title")
    return class_name(title) if title else name


def _types(keywords: Keywords) -> Sequence[str]:
    """Return the types that a schema names, or else those that its other keys are about."""
    node = keywords.get("type")
    if node is not None:
        return types_of(Node({"type": node}, node.location))
    if keywords.keys() & {"properties", "additionalProperties", "patternProperties"}:
        return ("object",)
    if keywords.keys() & {"items", "prefixItems"}:
        return ("array",)
    if "required" in keywords and "enum" not in keywords and "const" not in keywords:
        return ("object",)
    form = keywords.get("format")
    return ("string",) if form is not None and form.text in (*_TEXT_FORMATS, *_OWN_FORMATS) else ()


def _text_form(keywords: Keywords) -> Form:
    """Return the form of a text."""
    named = keywords["format"].text if "format" in keywords else ""
    if named in _TEXT_FORMATS:
        return {"type": "string", "format": named}
    is_file = "contentMediaType" in keywords and "contentEncoding" not in keywords
    own = "binary" if is_file and keywords["contentMediaType"].text == "application/octet-stream" else named
    return {"type": "string", "x-format": own} if own in _OWN_FORMATS else {"type": "string"}
