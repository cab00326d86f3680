"""What differs between two surfaces, and whether it breaks the programs of users."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from attrs import frozen

from .surface import Item, Surface
from .terms import Term, change_of, fits

Level: TypeAlias = Literal["breaking", "additive"]


@frozen(order=True)
class Change:
    """One difference that users can notice."""

    level: Level
    path: str
    """What it is about, by the path in the surface."""
    text: str
    """What changed, in one line."""

    def __str__(self) -> str:
        return f"{self.path}: {self.text}"


def compare(old: Surface, new: Surface) -> list[Change]:
    """Return what changed between two versions, in the order of the paths."""
    return sorted({*_removed(old, new), *_added(old, new), *_changed(old, new)}, key=lambda change: change.path)


def _removed(old: Surface, new: Surface) -> Iterator[Change]:
    for path, item in old.items.items():
        # With a class go its members: one line says it.
        if path not in new.items and (not item.owner or item.owner in new.items) and item.kind != "result":
            yield Change("breaking", path, f"the {item.kind} is gone")


def _added(old: Surface, new: Surface) -> Iterator[Change]:
    for path, item in new.items.items():
        if path in old.items or (item.owner and item.owner not in old.items) or item.kind == "result":
            continue
        must_be_given = item.is_required and (item.kind in ("key", "parameter") or _is_built(item))
        owner = f"the {item.kind}"
        if must_be_given:
            yield Change("breaking", path, f"{owner} is new and must be given")
        elif not item.is_options:
            yield Change("additive", path, f"{owner} is new")


def _is_built(item: Item) -> bool:
    """Return whether a field belongs to a class that users make themselves."""
    return item.kind == "field" and item.place == "both"


def _changed(old: Surface, new: Surface) -> Iterator[Change]:
    for path, before in old.items.items():
        after = new.items.get(path)
        if after is None:
            continue
        if before.kind != after.kind:
            yield Change("breaking", path, f"was a {before.kind}, is a {after.kind}")
            continue
        if before.is_async != after.is_async:
            yield Change("breaking", path, f"is {'to be' if after.is_async else 'not to be'} awaited now")
        yield from _changed_requirement(path, before, after)
        if before.is_options or after.is_options:
            yield from _changed_options(path, before, after, old, new)
        elif before.term != after.term:
            yield Change(_level(before, after, new), path, change_of(before.term, after.term))


def _changed_requirement(path: str, before: Item, after: Item) -> Iterator[Change]:
    if before.kind not in ("key", "parameter") and not _is_built(after):
        return
    if before.is_required != after.is_required:
        yield Change(
            "breaking" if after.is_required else "additive",
            path,
            "must be given now" if after.is_required else "need not be given any more",
        )
    if before.position != after.position:
        is_wider = before.position is None
        yield Change(
            "additive" if is_wider else "breaking",
            path,
            "may be given by position now" if is_wider else "has another position, or is given by keyword alone",
        )


def _changed_options(path: str, before: Item, after: Item, old: Surface, new: Surface) -> Iterator[Change]:
    """Yield what changed in the keywords of a function that takes those of another `TypedDict` now."""
    if before.term == after.term:
        return
    given, wanted = _keys(before, old), _keys(after, new)
    for name in sorted(given.keys() - wanted.keys()):
        yield Change("breaking", path, f"{name} is no option any more")
    for name in sorted(wanted.keys() - given.keys()):
        level: Level = "breaking" if wanted[name].is_required else "additive"
        yield Change(level, path, f"{name} is a new option")
    for name in sorted(wanted.keys() & given.keys()):
        one, other = given[name], wanted[name]
        if one.term != other.term:
            yield Change(_level(one, other, new), path, f"{name}: {change_of(one.term, other.term)}")
        if other.is_required and not one.is_required:
            yield Change("breaking", path, f"{name} must be given now")


def _keys(item: Item, surface: Surface) -> dict[str, Item]:
    return {
        key.name: key
        for part in item.term
        for key in surface.members(surface.classes.get(part.name, part.name))
        if key.kind == "key"
    }


def _level(before: Item, after: Item, new: Surface) -> Level:
    """Return whether a changed type breaks: what users get may only be narrowed, what they give only be widened."""
    is_narrower = _fits(after.term, before.term, new)
    is_wider = _fits(before.term, after.term, new)
    allowed = {"out": is_narrower, "in": is_wider, "both": is_narrower and is_wider}[after.place]
    return "additive" if allowed else "breaking"


def _fits(given: Term, wanted: Term, surface: Surface) -> bool:
    return fits(given, wanted, surface.bases_of)
