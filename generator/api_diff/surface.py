"""What users can name in a version of the package, read with griffe: classes, fields, keys, functions, parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, TypeAlias

import griffe
from attrs import evolve, field, frozen

from .terms import Named, Term, names_in, parse

PACKAGE: Final = "accounts_client"
RUNTIME: Final = "accounts_client_runtime"

_MANAGERS: Final = {
    "contextmanager": "contextlib.AbstractContextManager",
    "asynccontextmanager": "contextlib.AbstractAsyncContextManager",
}

Kind: TypeAlias = Literal["module", "class", "field", "key", "function", "parameter", "result", "name"]

Place: TypeAlias = Literal["in", "out", "both"]
"""Whether users give such a value, get it, or both."""


class SurfaceError(Exception):
    """A version of the package cannot be read; the message says why."""


@frozen(kw_only=True)
class Item:
    """One thing that users can name."""

    path: str
    """Where it stands: `crm_users.User.name`, `crm_users.get_user(user_id)`."""
    kind: Kind
    owner: str = ""
    """Path of the class, or of the function, that it belongs to."""
    name: str = ""
    """Its name in the owner."""
    term: Term = frozenset()
    """Its type; of a function, nothing."""
    place: Place = "both"
    is_required: bool = True
    """Whether users must give it."""
    position: int | None = None
    """Place among the positional parameters, from 0; `None` for what is given by keyword alone."""
    is_options: bool = False
    """Whether it stands for the keys of a `TypedDict`, given by keyword."""
    is_async: bool = False


@frozen
class Surface:
    """Everything that users can name, by path."""

    items: Mapping[str, Item]
    bases: Mapping[str, tuple[str, ...]] = field(repr=False)
    """Complete names of the bases of each class."""
    classes: Mapping[str, str] = field(repr=False)
    """Paths of the classes by complete name."""
    parameters: Mapping[str, tuple[str, ...]] = field(repr=False)
    """Type variables of each class, by path."""
    variables: frozenset[str] = field(repr=False)
    """All type variables."""

    def bases_of(self, name: str) -> tuple[str, ...]:
        """Return the complete names of the bases of a class."""
        return self.bases.get(name, ())

    def members(self, owner: str) -> Sequence[Item]:
        """Return what belongs to a class or function, in the order of the code."""
        return [item for item in self.items.values() if item.owner == owner]


def read_surface(*roots: Path) -> Surface:
    """Return what users can name in the package that the source roots hold.

    Raises:
        SurfaceError: The package is not there or cannot be parsed.
    """
    loader = griffe.GriffeLoader(search_paths=list(roots))
    try:
        package = loader.load(PACKAGE)
        loader.load(RUNTIME)
    except (ImportError, SyntaxError, griffe.GriffeError) as error:
        raise SurfaceError(f"{', '.join(map(str, roots))}: {PACKAGE} cannot be read ({error})") from error
    loader.resolve_aliases(implicit=False, external=False)
    return _Reader(package, loader.modules_collection).read()


class _Reader:
    """Walks the parsed package."""

    def __init__(self, package: griffe.Object | griffe.Alias, modules: griffe.ModulesCollection) -> None:
        self._package = package
        self._modules = modules
        self._items: dict[str, Item] = {}
        self._bases: dict[str, tuple[str, ...]] = {}
        self._parameters: dict[str, tuple[str, ...]] = {}
        self._variables: set[str] = set()
        self._options: list[griffe.Class] = []
        # Users know a class by the place that they import it from, wherever the runtime keeps it.
        self._public: dict[str, str] = {}

    def read(self) -> Surface:
        """Return the surface."""
        found = list(self._public_objects())
        for path, entry in found:
            self._public.setdefault(entry.canonical_path, f"{PACKAGE}.{path}")
        for path, entry in found:
            self._read_object(path, entry)
        for options in self._options:
            # Users give these keys as keywords, also where the class has no public name.
            self._read_class(options.canonical_path, options)
        classes = {self._complete(path): path for path, item in self._items.items() if item.kind == "class"}
        return Surface(
            _placed(self._items, classes), self._bases, classes, self._parameters, frozenset(self._variables)
        )

    def _complete(self, path: str) -> str:
        return path if path.startswith(f"{RUNTIME}.") else f"{PACKAGE}.{path}"

    def _public_objects(self) -> Iterator[tuple[str, griffe.Object]]:
        for name in self._package.exports or ():
            entry = _target(self._package[str(name)])
            yield str(name), entry
        for module in self._package.modules.values():
            if module.is_alias or module.name.startswith("_"):
                continue
            yield module.name, _target(module)
            for name, member in module.members.items():
                if not name.startswith("_") and not member.is_alias:
                    yield f"{module.name}.{name}", _target(member)

    def _read_object(self, path: str, entry: griffe.Object) -> None:
        if isinstance(entry, griffe.Class):
            self._read_class(path, entry)
        elif isinstance(entry, griffe.Function):
            self._read_function(path, entry)
        else:
            self._add(Item(path=path, kind="module" if isinstance(entry, griffe.Module) else "name"))

    def _read_class(self, path: str, entry: griffe.Class) -> None:
        if path in self._items:
            return
        self._items[path] = Item(path=path, kind="class")
        bases = [part for base in entry.bases for part in self._term(base, entry)]
        self._bases[self._complete(path)] = tuple(part.name for part in bases)
        arguments = [inner.name for part in bases for argument in part.arguments for inner in argument]
        self._parameters[path] = tuple(dict.fromkeys(name for name in arguments if name in self._variables))
        is_dictionary = _is_typed_dict(entry)
        for name, member in {**entry.inherited_members, **entry.members}.items():
            target = _target(member)
            if isinstance(target, griffe.Function) and (not name.startswith("_") or name == "__init__"):
                self._read_function(f"{path}.{name}", target, owner=path)
            elif isinstance(target, griffe.Attribute) and not name.startswith("_") and target.annotation:
                self._read_attribute(path, target, is_key=is_dictionary)

    def _read_attribute(self, owner: str, attribute: griffe.Attribute, *, is_key: bool) -> None:
        annotation = str(attribute.annotation)
        is_required = attribute.value is None and "property" not in attribute.labels
        if is_key:
            is_total = _keywords(attribute).get("total") != "False"
            is_required = (is_total or "Required[" in annotation) and "NotRequired[" not in annotation
        self._add(
            Item(
                path=f"{owner}.{attribute.name}",
                kind="key" if is_key else "field",
                owner=owner,
                name=attribute.name,
                term=self._term(annotation, attribute),
                place="in" if is_key else "out",
                is_required=is_required,
            )
        )

    def _read_function(self, path: str, entry: griffe.Function, *, owner: str = "") -> None:
        # The first of several signatures stands for all of them.
        signature = entry.overloads[0] if entry.overloads else entry
        managers = [_MANAGERS[name] for each in entry.decorators if (name := str(each.value)) in _MANAGERS]
        is_async = "async" in signature.labels and not managers
        self._add(Item(path=path, kind="function", owner=owner, name=entry.name, is_async=is_async))
        parameters = [each for each in signature.parameters if not (owner and each.name in ("self", "cls"))]
        for position, parameter in enumerate(parameters):
            self._read_parameter(path, entry, parameter, position)
        returned = self._term(signature.returns or "None", entry)
        for manager in managers:
            # What the function yields is what `with` gives.
            returned = frozenset({Named(manager, next(iter(returned)).arguments[:1])})
        if owner:
            own = Named(self._complete(owner), tuple(frozenset({Named(name)}) for name in self._parameters[owner]))
            returned = frozenset(own if part.name == "typing.Self" else part for part in returned)
        if entry.name != "__init__":
            self._add(Item(path=f"{path} ->", kind="result", owner=path, term=returned, place="out"))

    def _read_parameter(self, path: str, scope: griffe.Function, parameter: griffe.Parameter, position: int) -> None:
        kind = parameter.kind
        annotation = str(parameter.annotation or "object")
        options = annotation[len("Unpack[") : -1] if annotation.startswith("Unpack[") else ""
        if options:
            found = _target(self._modules[scope.resolve(options)])
            if isinstance(found, griffe.Class) and found.canonical_path not in self._public:
                self._options.append(found)
        is_positional = kind in (griffe.ParameterKind.positional_only, griffe.ParameterKind.positional_or_keyword)
        is_variadic = kind in (griffe.ParameterKind.var_positional, griffe.ParameterKind.var_keyword)
        self._add(
            Item(
                path=f"{path}({parameter.name})",
                kind="parameter",
                owner=path,
                name=parameter.name,
                term=self._term(options or annotation, scope),
                place="in",
                is_required=parameter.default is None and not is_variadic,
                position=position if is_positional else None,
                is_options=bool(options),
            )
        )

    def _add(self, item: Item) -> None:
        self._items.setdefault(item.path, item)

    def _term(self, annotation: object, scope: griffe.Object) -> Term:
        return parse(str(annotation), lambda name: self._resolve(name, scope))

    def _resolve(self, name: str, scope: griffe.Object) -> str | Term:
        try:
            path = scope.resolve(name)
        except griffe.NameResolutionError:
            return name
        try:
            target = _target(self._modules[path])
        except (KeyError, griffe.AliasResolutionError):
            return path
        value = str(target.value) if isinstance(target, griffe.Attribute) else ""
        if not isinstance(target, griffe.Attribute) or value.startswith("TypeVar("):
            if value:
                self._variables.add(name)
            return name if value else self._name_of(target.canonical_path)
        if target.name in value.strip("'\"").replace("[", " ").replace("]", " ").replace(",", " ").split():
            # A type that holds itself is known by its name.
            return self._name_of(target.canonical_path)
        meaning = self._term(value, target)
        # A generic alias keeps its name, with its arguments behind it.
        is_generic = any(name in self._variables for name in names_in(meaning))
        return self._name_of(target.canonical_path) if is_generic else meaning

    def _name_of(self, canonical: str) -> str:
        return self._public.get(canonical, canonical)


def _target(entry: griffe.Object | griffe.Alias) -> griffe.Object:
    return entry.final_target if isinstance(entry, griffe.Alias) else entry


def _is_typed_dict(entry: griffe.Class) -> bool:
    return any(str(base) == "TypedDict" for base in entry.bases) or any(
        isinstance(base, griffe.Class) and _is_typed_dict(base) for base in entry.resolved_bases
    )


def _keywords(attribute: griffe.Attribute) -> Mapping[str, str]:
    owner = attribute.parent
    return {name: str(value) for name, value in owner.keywords.items()} if isinstance(owner, griffe.Class) else {}


def _placed(items: Mapping[str, Item], classes: Mapping[str, str]) -> Mapping[str, Item]:
    """Return the items with the fields of classes that users give, and not only get, marked as both."""
    given: set[str] = set()
    pending = [item.term for item in items.values() if item.kind == "parameter"]
    while pending:
        for part in pending.pop():
            pending.extend(part.arguments)
            path = classes.get(part.name)
            if path is not None and path not in given:
                given.add(path)
                pending.extend(
                    item.term for item in items.values() if item.owner == path and item.kind in ("field", "key")
                )
    return {
        path: evolve(item, place="both") if item.kind == "field" and item.owner in given else item
        for path, item in items.items()
    }
