"""What the answers of an operation come to: a page, a record, free JSON or nothing."""

from __future__ import annotations

from collections.abc import Mapping

from .documents import Route
from .model import Result
from .nodes import Node
from .pagination import page_of
from .parser import ParsedAnswer, ParsedOperation
from .shapes import Anything, Fields, ListOf, MapOf, Object, OneOf, Shape
from .text import Text


def result_of(route: Route, parsed: ParsedOperation, objects: Mapping[str, Fields]) -> Result:
    """Return what all the success answers of an operation come to.

    Raises:
        SpecError: There is none, they differ, or one has a form that is not supported.
    """
    responses = route.node["responses"]
    results = [_result(route, answer.shape, responses[status], objects) for status, answer in parsed.answers.items()]
    if not results:
        raise responses.refuse("holds no success")
    for result, status in zip(results, parsed.answers, strict=True):
        if result != results[0]:
            raise responses[status].refuse("holds something else than the other successes, which is not supported")
    return results[0]


def _result(route: Route, shape: Shape | None, response: Node, objects: Mapping[str, Fields]) -> Result:
    if pagination := route.node.get("x-pagination"):
        parameter = pagination["parameter"]
        for name in (parameter, pagination.get("size") or parameter):
            if ("query", name.text) not in route.parameters:
                raise name.refuse(f"{name.text} is no query parameter of the operation")
        paged = _cursor_page if pagination["style"].text == "cursor" else _number_page
        return paged(shape, pagination, response, objects)
    if unwrap := route.node.get("x-unwrap"):
        return _wrapped(shape, unwrap, response, objects)
    match shape:
        case None:
            return Result("nothing")
        case Anything() | MapOf(Anything()):
            return Result("json")
        case Object(record):
            return Result("one", record, _record_id(route, objects[record]))
        case _:
            raise response.refuse("is neither an object with fields, nor free JSON, nor a page, which is not supported")


def _cursor_page(shape: Shape | None, pagination: Node, response: Node, objects: Mapping[str, Fields]) -> Result:
    envelope = objects[shape.name] if isinstance(shape, Object) else None
    if envelope is None:
        raise response.refuse("is not an object, which a page with a cursor must be")
    items = pagination["items"].items
    holder = next((field for name in items if (field := envelope.find(name.text))), None)
    model = _record_in(holder.shape) if holder else None
    if model is None:
        raise pagination["items"].refuse("names no array of objects in the answer")
    texts = {key: pagination[key] for key in ("parameter", "next", "partial") if key in pagination.fields}
    for key in texts.keys() - {"parameter"}:
        if envelope.find(texts[key].text) is None:
            raise texts[key].refuse(f"{texts[key].text} is no field of the answer")
    return Result(
        "cursor", model, {key: Text(node.text) for key, node in texts.items()}, [Text(name.text) for name in items]
    )


def _number_page(shape: Shape | None, pagination: Node, response: Node, objects: Mapping[str, Fields]) -> Result:
    model = _record_in(shape)
    if model is None or isinstance(shape, Object):
        raise response.refuse("is not an array of objects, which a numbered page must be")
    return Result("number", model, {key: Text(pagination[key].text) for key in ("parameter", "size")})


def _wrapped(shape: Shape | None, unwrap: Node, response: Node, objects: Mapping[str, Fields]) -> Result:
    """Return the result of an answer that may come inside an object of one field, or bare."""
    members = shape.members if isinstance(shape, OneOf) else (shape,)
    names = [member.name for member in members if isinstance(member, Object)]
    inner = [field.shape for name in names if (field := objects[name].find(unwrap.text))]
    if len(names) == len(members) and inner and isinstance(inner[0], Object):
        bare = [name for name in names if objects[name].find(unwrap.text) is None]
        if len(inner) == 1 and bare in ([], [inner[0].name]):
            return Result("wrapped", inner[0].name, {"key": Text(unwrap.text)})
    raise response.refuse(f"is neither an object with {unwrap.text}, nor one with and the same without it")


def _record_in(shape: Shape | None) -> str | None:
    """Return the object that an array holds; the array may also come as an object by key."""
    members = shape.members if isinstance(shape, OneOf) else (shape,)
    held = {member.item for member in members if isinstance(member, (ListOf, MapOf))}
    record = held.pop() if len(held) == 1 else None
    return record.name if isinstance(record, Object) else None


def _record_id(route: Route, fields: Fields) -> dict[str, Text]:
    """Return the path parameter that is the id of the record that a write answers with, if there is one."""
    _, _, last = route.path.rpartition("/")
    identity = fields.find("id")
    if route.method in ("put", "patch") and last.startswith("{") and identity and identity.is_required:
        return {"id": Text(last[1:-1])}
    return {}


def any_result_of(route: Route, parsed: ParsedOperation, objects: Mapping[str, Fields]) -> Result:
    """Return what the success answers of an operation of any document come to.

    Raises:
        SpecError: The operation says that its answers are pages, and they are not.
    """
    responses = route.node.get("responses")
    if route.method == "head":
        return Result("nothing")
    cases: list[tuple[str, Result]] = []
    for status, answer in parsed.answers.items():
        paged = page_of(route, answer.shape, responses[status], objects) if responses else None
        cases.append((status, paged or _any_result(answer)))
    results = [result for _, result in cases]
    if any(result.is_paged for result in results):
        return next(result for result in results if result.is_paged)
    if not results:
        return Result("nothing")
    return results[0] if results.count(results[0]) == len(results) else Result("by status", cases=cases)


def _any_result(answer: ParsedAnswer) -> Result:
    match answer.media.kind if answer.media else None, answer.shape:
        case None, _:
            return Result("nothing")
        case "text", _:
            return Result("text", texts={"type": Text(answer.media.type if answer.media else "")})
        case "json", Object(record):
            return Result("one", record)
        case "json", None | Anything() | MapOf(Anything()):
            return Result("json")
        case "json", shape:
            return Result("typed", shape=shape)
        case _:
            return Result("binary", texts={"type": Text(answer.media.type if answer.media else "")})
