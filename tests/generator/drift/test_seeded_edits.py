"""Every kind of edit that a layout can show is found and classed; what it cannot show is said."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import pytest
from attrs import evolve, frozen

from generator.drift.contracts import Contracts
from generator.drift.coperniq import COPERNIQ
from generator.drift.forms import MAP, Aspect, Layout, Mark, Page, Place
from generator.drift.markdown import MARKDOWN
from generator.drift.report import PageReport, text_of
from generator.drift.truto import COUNTED, JOINED, LISTED
from tests.generator.drift.synthetic import (
    CASE_PAGE,
    TICKET_PAGE,
    add,
    change,
    compared,
    drift_of,
    drop,
    names,
    page_in,
    recorded,
    row,
)
from tests.generator.drift.writer import WRITERS

NAMED = (LISTED, JOINED, MARKDOWN)
Found = tuple[str, str, str]


@frozen
class Seed:
    """An edit, the layouts that show it, and what is to be found."""

    name: str
    edit: Callable[[Page], Page]
    found: Collection[Found]
    layouts: Collection[Layout] = NAMED


def rename(place: Place, old: str, new: str) -> Callable[[Page], Page]:
    return change(place, old, name=new)


LIST_OF_TICKETS = evolve(TICKET_PAGE, path="/unified/desk/orders/{id}")
CREATED = row("created_at", format="date-time", wording="The day it was made.")
PRIORITY = row("priority", "integer", wording="How urgent it is.")
GAMMA = Mark(names("Alpha", "Beta", "Delta"), names("Gamma Desk"), (4, 1))

SEEDS = [
    Seed(
        "rename in the body",
        rename("body", "effort", "hours"),
        [("breaking", "field gone", "body.effort"), ("additive", "new field", "body.hours")],
    ),
    Seed(
        "rename in the answer",
        rename("answer", "effort", "hours"),
        [("breaking", "field gone", "answer.effort"), ("additive", "new field", "answer.hours")],
    ),
    Seed(
        "rename of a field inside an object",
        rename("body", "links.url", "address"),
        [("breaking", "field gone", "body.links.url"), ("additive", "new field", "body.links.address")],
    ),
    Seed(
        "rename in the query",
        rename("query", "order", "sorting"),
        [("breaking", "field gone", "query.order"), ("additive", "new field", "query.sorting")],
    ),
    Seed("retype in the body", change("body", "effort", type="string"), [("breaking", "type", "body.effort")]),
    Seed("retype in the answer", change("answer", "effort", type="string"), [("breaking", "type", "answer.effort")]),
    Seed(
        "retype inside an object", change("body", "links.url", type="object"), [("breaking", "type", "body.links.url")]
    ),
    Seed("retype of items", change("body", "labels", type="array<integer>"), [("breaking", "type", "body.labels")]),
    Seed("list for one value", change("body", "title", type="array<string>"), [("breaking", "type", "body.title")]),
    Seed("retype in the path", change("path", "id", type="integer"), [("breaking", "type", "path.id")]),
    Seed(
        "retype in the query",
        change("query", "tenant", type="integer", format=None),
        [("breaking", "type", "query.tenant")],
    ),
    Seed("unheard-of type", change("body", "effort", type="decimal"), [("breaking", "type", "body.effort")]),
    Seed(
        "required on, in the body", change("body", "effort", required=True), [("breaking", "required", "body.effort")]
    ),
    Seed(
        "required on, in the query", change("query", "order", required=True), [("breaking", "required", "query.order")]
    ),
    Seed(
        "required on, inside",
        change("body", "owner.team", required=True),
        [("breaking", "required", "body.owner.team")],
    ),
    Seed(
        "required on, in the answer",
        change("answer", "title", required=True),
        [("additive", "required", "answer.title")],
    ),
    Seed(
        "required off, in the body", change("body", "state", required=False), [("additive", "required", "body.state")]
    ),
    Seed(
        "required off, in the query",
        change("query", "tenant", required=False),
        [("additive", "required", "query.tenant")],
    ),
    Seed(
        "required off, in the answer", change("answer", "id", required=False), [("breaking", "required", "answer.id")]
    ),
    Seed(
        "value more, in the body",
        change("body", "state", values=("open", "closed", "asleep")),
        [("additive", "new value", "body.state[asleep]")],
    ),
    Seed(
        "value more, in the query",
        change("query", "order", values=("newest", "oldest", "random")),
        [("additive", "new value", "query.order[random]")],
        (*NAMED, COUNTED),
    ),
    Seed(
        "value more, in an open list of the answer",
        change("answer", "severity", values=("low", "high", "vast")),
        [("additive", "new value", "answer.severity[vast]")],
        (*NAMED, COUNTED),
    ),
    Seed(
        "value more, in a closed list of the answer",
        change("answer", "channel", values=("mail", "phone", "fax")),
        [("breaking", "new value", "answer.channel[fax]")],
        (*NAMED, COUNTED),
    ),
    Seed(
        "value less, in the body",
        change("body", "state", values=("open",)),
        [("breaking", "value gone", "body.state[closed]")],
        (*NAMED, COUNTED),
    ),
    Seed(
        "value less, in the answer",
        change("answer", "channel", values=("mail",)),
        [("additive", "value gone", "answer.channel[phone]")],
        (*NAMED, COUNTED),
    ),
    Seed("new field in the body", add("body", PRIORITY, "title"), [("additive", "new field", "body.priority")]),
    Seed(
        "new field in the body, by the sample",
        add("body", PRIORITY, "title"),
        [("additive", "new field", "body.priority"), ("additive", "new field", "body")],
        (COUNTED,),
    ),
    Seed(
        "new field that must be given",
        add("body", evolve(PRIORITY, required=True), "title"),
        [("breaking", "new field", "body.priority")],
    ),
    Seed("new field in the answer", add("answer", CREATED, "id"), [("additive", "new field", "answer.created_at")]),
    Seed(
        "new field in the answer, no name",
        add("answer", CREATED, "id"),
        [("additive", "new field", "answer")],
        (COUNTED,),
    ),
    Seed(
        "new option",
        add("query", row("dry_run", "boolean", wording="Only try."), "order"),
        [("additive", "new field", "query.dry_run")],
    ),
    Seed(
        "new field inside an object",
        add("body", row("owner.email", wording="A mail address."), "owner.id"),
        [("additive", "new field", "body.owner.email")],
    ),
    Seed(
        "new field inside the objects of a list",
        add("body", row("links.title", wording="A title."), "links.url"),
        [("additive", "new field", "body.links.title")],
    ),
    Seed("field less, in the body", drop("body", "effort"), [("breaking", "field gone", "body.effort")], NAMED),
    Seed(
        "field less, in the body, by the sample",
        drop("body", "effort"),
        [("breaking", "field gone", "body.effort"), ("breaking", "field gone", "body.effort")],
        (COUNTED,),
    ),
    Seed(
        "field less, in the answer",
        drop("answer", "effort"),
        [("breaking", "field gone", "answer.effort")],
        (*NAMED, COUNTED),
    ),
    Seed(
        "field less, inside",
        drop("body", "links.kind"),
        [("breaking", "field gone", "body.links.kind")],
        (*NAMED, COUNTED),
    ),
    Seed(
        "format more",
        change("body", "title", format="date-time"),
        [("additive", "format", "body.title")],
        (LISTED, JOINED),
    ),
    Seed(
        "format less", change("body", "due_at", format=None), [("breaking", "format", "body.due_at")], (LISTED, JOINED)
    ),
    Seed(
        "format less, in the answer",
        change("answer", "closed_at", format=None),
        [("breaking", "format", "answer.closed_at")],
        (LISTED, JOINED),
    ),
    Seed(
        "another format",
        change("query", "tenant", format="slug"),
        [("additive", "format", "query.tenant")],
        (LISTED, JOINED),
    ),
    Seed(
        "another default",
        change("query", "order", default="oldest", wording="The way to sort. Defaults to `oldest`."),
        [("breaking", "default", "query.order"), ("wording", "wording", "query.order")],
    ),
    Seed(
        "no default any more",
        change("query", "order", default=None, wording="The way to sort."),
        [("breaking", "default", "query.order"), ("wording", "wording", "query.order")],
    ),
    Seed(
        "other words",
        change("body", "effort", wording="Said otherwise."),
        [("wording", "wording", "body.effort")],
        (*NAMED, COUNTED),
    ),
    Seed(
        "one integration more",
        change("body", "title", mark=GAMMA),
        [("support", "mark", "body.title")],
        (LISTED, JOINED, COUNTED),
    ),
    Seed(
        "one integration less",
        change("body", "note", mark=Mark(names(), names("Beta"), (1, 1))),
        [("support", "mark", "body.note")],
        (LISTED, JOINED),
    ),
    Seed(
        "a mark for the first time",
        change("body", "effort", mark=Mark(names("Alpha"), names(), (1, 0))),
        [("support", "mark", "body.effort")],
        (LISTED, JOINED),
    ),
    Seed(
        "a nameless mark", change("body", "effort", mark=Mark(count=(1, 0))), [("support", "mark", "body")], (COUNTED,)
    ),
    Seed(
        "no mark any more",
        change("answer", "title", mark=None),
        [("support", "mark", "answer.title")],
        (LISTED, JOINED, COUNTED),
    ),
    Seed(
        "an integration has the operation",
        lambda page: evolve(page, integrations=("Alpha", "Beta", "Gamma Desk", "Delta")),
        [("support", "integrations", "operation")],
        (LISTED, MARKDOWN),
    ),
    Seed(
        "an integration lists in part",
        lambda page: evolve(page, partial=("Alpha", "Beta")),
        [("support", "integrations", "operation")],
        (LISTED, MARKDOWN),
    ),
    Seed(
        "the operation is another one",
        lambda page: evolve(page, method="PUT"),
        [("additive", "new operation", "operation")],
        (LISTED, JOINED, COUNTED),
    ),
    Seed(
        "the operation is another one, at a known address",
        lambda page: evolve(page, method="PUT"),
        [("breaking", "operation", "operation")],
        (MARKDOWN,),
    ),
    # The layout of the other vendor, with its own spec.
    Seed("retype", change("body", "effort", type="string"), [("breaking", "type", "body.effort")], (COPERNIQ,)),
    Seed(
        "retype, in the answer",
        change("answer", "effort", type="string"),
        [("breaking", "type", "answer.effort")],
        (COPERNIQ,),
    ),
    Seed(
        "rename",
        rename("body", "effort", "hours"),
        [("breaking", "field gone", "body.effort"), ("additive", "new field", "body.hours")],
        (COPERNIQ,),
    ),
    Seed(
        "null more, in the body",
        change("body", "title", nullable=True),
        [("additive", "null", "body.title")],
        (COPERNIQ,),
    ),
    Seed(
        "null less, in the body",
        change("body", "due_at", nullable=False),
        [("breaking", "null", "body.due_at")],
        (COPERNIQ,),
    ),
    Seed(
        "null more, in the answer",
        change("answer", "id", nullable=True),
        [("breaking", "null", "answer.id")],
        (COPERNIQ,),
    ),
    Seed(
        "null less, in the answer",
        change("answer", "title", nullable=False),
        [("additive", "null", "answer.title")],
        (COPERNIQ,),
    ),
    Seed("required on", change("body", "title", required=True), [("breaking", "required", "body.title")], (COPERNIQ,)),
    Seed(
        "required off", change("body", "state", required=False), [("additive", "required", "body.state")], (COPERNIQ,)
    ),
    Seed(
        "other default",
        change("query", "order", default="oldest"),
        [("breaking", "default", "query.order")],
        (COPERNIQ,),
    ),
    Seed("new field", add("body", PRIORITY, "title"), [("additive", "new field", "body.priority")], (COPERNIQ,)),
    Seed(
        "new field, in the answer",
        add("answer", CREATED, "id"),
        [("additive", "new field", "answer.created_at")],
        (COPERNIQ,),
    ),
    Seed("field gone", drop("answer", "title"), [("breaking", "field gone", "answer.title")], (COPERNIQ,)),
    Seed(
        "format gone",
        change("answer", "closed_at", format=None),
        [("breaking", "format", "answer.closed_at")],
        (COPERNIQ,),
    ),
    Seed("map for an object", change("body", "labels", type=MAP), [("breaking", "type", "body.labels")], (COPERNIQ,)),
    Seed(
        "status more",
        lambda page: evolve(page, statuses=("400", "404", "409")),
        [("additive", "status", "errors.409")],
        (COPERNIQ,),
    ),
    Seed(
        "status less", lambda page: evolve(page, statuses=("400",)), [("additive", "status", "errors.404")], (COPERNIQ,)
    ),
    Seed(
        "another operation",
        lambda page: evolve(page, title="Archive Case"),
        [("additive", "new operation", "operation")],
        (COPERNIQ,),
    ),
]


def other_statuses(page: Page) -> Page:
    return evolve(page, statuses=("400",))


HIDDEN: list[tuple[str, Callable[[Page], Page], Layout, Aspect]] = [
    ("names", rename("answer", "effort", "hours"), COUNTED, "names"),
    ("types", change("answer", "effort", type="string"), COUNTED, "types"),
    ("formats", change("answer", "closed_at", format=None), COUNTED, "formats"),
    ("formats", change("answer", "closed_at", format=None), MARKDOWN, "formats"),
    ("required", change("body", "effort", required=True), COUNTED, "required"),
    ("required answers", change("answer", "effort", required=True), COUNTED, "required answers"),
    ("names of marks", change("body", "note", mark=Mark(names("Alpha"), names(), (1, 0))), COUNTED, "names of marks"),
    ("names of marks", change("body", "note", mark=Mark(names("Alpha"), names(), (1, 0))), MARKDOWN, "names of marks"),
    ("marks", change("body", "note", mark=None), MARKDOWN, "marks"),
    ("integrations", lambda page: evolve(page, integrations=("Alpha",)), JOINED, "integrations"),
    ("integrations", lambda page: evolve(page, integrations=("Alpha",)), COUNTED, "integrations"),
    ("null", change("body", "title", nullable=True), LISTED, "null"),
    ("null", change("body", "title", nullable=True), JOINED, "null"),
    ("null", change("body", "title", nullable=True), COUNTED, "null"),
    ("null", change("body", "title", nullable=True), MARKDOWN, "null"),
    ("statuses", other_statuses, LISTED, "statuses"),
    ("statuses", other_statuses, JOINED, "statuses"),
    ("statuses", other_statuses, COUNTED, "statuses"),
    ("statuses", other_statuses, MARKDOWN, "statuses"),
    ("values", change("body", "state", values=("open",)), COPERNIQ, "values"),
    ("required answers", change("answer", "effort", required=True), COPERNIQ, "required answers"),
    ("nested fields", add("body", row("owner.email"), "owner"), COPERNIQ, "nested fields"),
]


def seeds() -> Iterator[tuple[Seed, Layout]]:
    return ((seed, layout) for seed in SEEDS for layout in seed.layouts)


@pytest.mark.parametrize(
    ("seed", "layout"), list(seeds()), ids=lambda value: value.name if isinstance(value, (Seed, Layout)) else None
)
def test_a_seeded_edit_is_found(seed: Seed, layout: Layout, contracts: Contracts) -> None:
    assert drift_of(seed.edit(page_in(layout)), layout, contracts) == set(seed.found)


def test_there_are_enough_seeds() -> None:
    assert len(list(seeds())) >= 60


@pytest.mark.parametrize(
    ("name", "edit", "layout", "aspect"), HIDDEN, ids=lambda value: value.name if isinstance(value, Layout) else None
)
def test_what_a_layout_does_not_show_is_said(
    name: str, edit: Callable[[Page], Page], layout: Layout, aspect: Aspect, contracts: Contracts
) -> None:
    before = page_in(layout)
    text = WRITERS[layout.name](edit(before))
    comparison = compared(text, contracts, recorded(before))
    assert comparison.drift == []
    page = evolve(before, layout=layout)
    assert f"not shown by this layout: {aspect} (" in text_of([PageReport("page", page, comparison)])


@pytest.mark.parametrize("layout", [LISTED, JOINED], ids=lambda layout: layout.name)
def test_a_field_behind_an_object_may_be_inside_or_not(layout: Layout, contracts: Contracts) -> None:
    page = add("body", row("owner.email", wording="A mail address."), "owner.team")(TICKET_PAGE)
    comparison = compared(WRITERS[layout.name](page), contracts, recorded(TICKET_PAGE))
    (difference,) = comparison.drift
    assert (difference.level, difference.kind, difference.path) == ("additive", "new field", "body.email")
    assert "this layout does not show" in difference.text


def test_counted_children_show_where_an_object_ends(contracts: Contracts) -> None:
    page = add("body", row("owner.email", wording="A mail address."), "owner.team")(TICKET_PAGE)
    page = change("body", "owner", children=3)(page)
    assert drift_of(page, JOINED, contracts) == {("additive", "new field", "body.owner.email")}


def test_a_new_object_brings_its_fields(contracts: Contracts) -> None:
    page = add("body", row("place", "object", wording="Where it is."), "title")(TICKET_PAGE)
    page = add("body", row("place.city", wording="The city."), "place")(page)
    assert drift_of(page, MARKDOWN, contracts) == {("additive", "new field", "body.place")}


def test_the_line_and_the_place_are_told(contracts: Contracts) -> None:
    text = WRITERS[LISTED.name](change("body", "effort", type="string")(TICKET_PAGE))
    (difference,) = compared(text, contracts, recorded(TICKET_PAGE)).drift
    assert text.splitlines()[difference.line - 1] == "effort"
    assert difference.spec.pointer == "#/components/schemas/TicketUpdate/properties/effort"
    assert str(difference) == "body.effort: is string; the spec has integer"


def test_without_recorded_wordings_nameless_fields_are_drift(contracts: Contracts) -> None:
    found = {each.path for each in compared(WRITERS[COUNTED.name](TICKET_PAGE), contracts, {}).drift}
    assert {"query", "body", "answer"} <= found


def test_two_edits_are_two_differences(contracts: Contracts) -> None:
    page = change("body", "effort", type="string")(change("body", "state", required=False)(CASE_PAGE))
    assert drift_of(page, COPERNIQ, contracts) == {
        ("breaking", "type", "body.effort"),
        ("additive", "required", "body.state"),
    }
