"""Small programs of users, one for each thing that they can name, type-checked under one version and the other.

Each program uses one item of the old version as its types say: it reads a field, gives a key, calls a function. What
mypy refuses under the new version is what breaks users, whatever a comparison of annotations says.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from .surface import PACKAGE, Item, Surface
from .terms import Named, Term, names_in, text_of, variables_replaced

_ERROR: Final = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+): error: (?P<message>.*)$")

_STANDIN: Final = Named("int")
"""What stands for type variables."""


class CorpusError(Exception):
    """The programs cannot be checked; the message says why."""


@frozen
class Program:
    """A program that uses one thing."""

    code: str
    uses: frozenset[str]
    """What it uses, by the paths in the surface: a key, say, the `TypedDict` of the key, and the function called."""


@frozen
class Corpus:
    """The programs for one version of the package."""

    programs: tuple[Program, ...]
    modules: tuple[str, ...]
    """What they import."""


def write_corpus(surface: Surface) -> Corpus:
    """Return the programs for a version of the package."""
    names = {name for item in surface.items.values() for name in names_in(item.term)}
    modules = {name.rpartition(".")[0] for name in names if name[0].isalpha() and "." in name}
    modules |= {_complete(item.path) for item in surface.items.values() if item.kind == "module"}
    programs = tuple(program for item in surface.items.values() for program in _programs(item, surface))
    return Corpus(programs, tuple(sorted({PACKAGE, *modules})))


def failing(
    corpus: Corpus, roots: Sequence[Path], *packages: str, cache: str = ".mypy_cache"
) -> list[Mapping[Program, str]]:
    """Return the programs that mypy refuses, each with the first complaint, for each version of the package.

    Args:
        corpus: The programs and their imports.
        roots: Source roots of the versions to check under.
        packages: Names under which these versions are to be imported; by default the one name that it has.
        cache: Folder that mypy remembers what it read in, unless `MYPY_CACHE_DIR` names another one.

    Raises:
        CorpusError: mypy cannot check the programs.
    """
    lines = ["from __future__ import annotations", *(f"import {module}" for module in corpus.modules)]
    places: dict[int, Program] = {}
    for number, program in enumerate(corpus.programs):
        for code in program.code.format(number=number).splitlines():
            lines.append(code)
            places[len(lines)] = program
    text = "\n".join(lines) + "\n"
    names = packages or (PACKAGE,)
    found: dict[str, dict[Program, str]] = {name: {} for name in names}
    files = {f"programs_for_{name}.py": re.sub(rf"\b{PACKAGE}\b", name, text) for name in names}
    for file, line, message in _check(files, roots, cache):
        # A module that is gone takes everything with it.
        for program in [places[line]] if line in places else corpus.programs:
            found[file.removeprefix("programs_for_").removesuffix(".py")].setdefault(program, message)
    return list(found.values())


def _check(files: Mapping[str, str], roots: Sequence[Path], cache: str) -> Iterator[tuple[str, int, str]]:
    """Yield file, line and message of each error that mypy finds in the files."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            Path(folder, name).write_text(text)
        finished = subprocess.run(
            [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--config-file=", *files],
            cwd=folder,
            env={
                "MYPY_CACHE_DIR": cache,
                **os.environ,
                "MYPYPATH": os.pathsep.join(str(root.resolve()) for root in roots),
                "NO_COLOR": "1",
            },
            capture_output=True,
            text=True,
            check=False,
        )
    if finished.returncode not in (0, 1):
        raise CorpusError(f"mypy could not check the programs: {finished.stdout}{finished.stderr}")
    for line in finished.stdout.splitlines():
        error = _ERROR.match(line)
        if error and error["file"] in files:
            yield error["file"], int(error["line"]), error["message"]


def _programs(item: Item, surface: Surface) -> Iterator[Program]:
    owner = surface.items.get(item.owner)
    uses = frozenset({item.path, item.owner} - {""})
    if item.kind == "class":
        yield Program(f"def hold_{{number}}(value: {_class(item.path, surface)}) -> None: ...", uses)
    elif item.kind == "field" and owner is not None:
        yield Program(
            f"def read_{{number}}(value: {_class(owner.path, surface)}) -> {_text(item.term, surface)}:\n"
            f"    return value.{item.name}",
            uses,
        )
    elif item.kind == "key" and owner is not None:
        given = [key for key in surface.members(owner.path) if key.kind == "key" and (key.is_required or key == item)]
        entries = ", ".join(f'"{key.name}": {key.name}' for key in given)
        yield Program(
            f"def give_{{number}}({_parameters(given, surface)}) -> {_class(owner.path, surface)}:\n"
            f"    return {{{{{entries}}}}}",
            uses,
        )
    elif item.kind == "function":
        yield from _calls(item, surface)
    elif item.kind == "name":
        yield Program(f"def name_{{number}}() -> object:\n    return {_complete(item.path)}", uses)


def _calls(item: Item, surface: Surface) -> Iterator[Program]:
    """Yield calls with what must be given, by position and by keyword, and with each thing that may be given."""
    parameters: list[Item] = []
    uses = {item.path, f"{item.path} ->", item.owner}
    for entry in surface.members(item.path):
        if entry.is_options:
            options = {surface.classes.get(part.name, part.name) for part in entry.term}
            uses |= options
            parameters += [key for owner in options for key in surface.members(owner) if key.kind == "key"]
        elif entry.kind == "parameter":
            parameters.append(entry)
    required = [entry for entry in parameters if entry.is_required]
    calls = [_call(item, required, surface, by_position=is_positional) for is_positional in (True, False)]
    calls += [
        _call(item, [*required, entry], surface, by_position=False) for entry in parameters if not entry.is_required
    ]
    for call in calls:
        yield evolve(call, uses=(call.uses | uses) - {""})


def _call(item: Item, given: Sequence[Item], surface: Surface, *, by_position: bool) -> Program:
    is_constructor = item.name == "__init__"
    result = surface.items.get(f"{item.path} ->")
    returned = _class(item.owner, surface) if result is None else _text(result.term, surface)
    is_method = bool(item.owner) and not is_constructor
    own = [f"value: {_class(item.owner, surface)}"] if is_method else []
    called = f"value.{item.name}" if is_method else _complete(item.owner if is_constructor else item.path)
    arguments = ", ".join(
        entry.name if by_position and entry.position is not None else f"{entry.name}={entry.name}" for entry in given
    )
    prefix, awaits = ("async ", "await ") if item.is_async else ("", "")
    statement = "" if returned == "None" else "return "
    return Program(
        f"{prefix}def call_{{number}}({', '.join([*own, _parameters(given, surface)])}) -> {returned}:\n"
        f"    {statement}{awaits}{called}({arguments})",
        frozenset(path for entry in given for path in (entry.path, entry.owner)),
    )


def _parameters(items: Sequence[Item], surface: Surface) -> str:
    return ", ".join(f"{item.name}: {_text(item.term, surface)}" for item in items)


def _class(path: str, surface: Surface) -> str:
    parameters = ", ".join(_STANDIN.name for _ in surface.parameters.get(path, ()))
    return f"{_complete(path)}[{parameters}]" if parameters else _complete(path)


def _complete(path: str) -> str:
    return path if path.startswith(f"{PACKAGE}_") else f"{PACKAGE}.{path}"


def _text(term: Term, surface: Surface) -> str:
    text = text_of(variables_replaced(term, surface.variables, _STANDIN))
    return text.replace("{", "{{").replace("}", "}}")
