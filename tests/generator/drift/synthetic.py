"""Two specs of services that do not exist, the pages that say the same, and ways to change these pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import evolve

from generator.drift.compare import Comparison, compare
from generator.drift.contracts import Contracts, read_contracts
from generator.drift.coperniq import COPERNIQ
from generator.drift.forms import MAP, Layout, Mark, Page, Place, Row, digest
from generator.drift.layouts import parse
from generator.drift.lines import lines_of
from generator.drift.markdown import MARKDOWN
from generator.drift.records import Wordings
from generator.drift.truto import COUNTED, JOINED, LISTED
from tests.generator.drift.writer import WRITERS

LAYOUTS = (LISTED, JOINED, COUNTED, MARKDOWN, COPERNIQ)
TRUTO = (LISTED, JOINED, COUNTED, MARKDOWN)

DESK = """\
# What a desk knows of its tickets.
openapi: 3.1.0
info:
  title: Desk tickets
  version: "1"
servers:
  - url: https://api.example.com
x-client:
  name: Desk
  base: TrutoClient
  description: A desk.
x-resource:
  attribute: desk_tickets
  class: DeskTickets
paths:
  /unified/desk/tickets:
    get:
      operationId: list_tickets
      x-method: list
      summary: List the tickets.
      externalDocs:
        url: https://docs.example.com/desk/tickets/list
      responses:
        "200":
          description: The tickets.
          content:
            application/json:
              schema:
                type: array
                items:
                  $ref: "#/components/schemas/Ticket"
  /unified/desk/tickets/{id}:
    parameters:
      - name: id
        in: path
        description: Which ticket.
        required: true
        schema:
          type: string
    patch:
      operationId: update_ticket
      x-method: update
      summary: Change one ticket.
      externalDocs:
        url: https://docs.example.com/desk/tickets/update
      x-support:
        - operation: update_ticket
          in: operation
          page: desk-tickets-update
          integrations: [Alpha, Beta, Gamma Desk]
          partial: [Beta]
        - operation: update_ticket
          in: operation
          page: docs.example.com/desk/tickets/update.md
          integrations: [Alpha, Beta, Gamma Desk]
          partial: [Beta]
      parameters:
        - name: tenant
          in: query
          description: Whose ticket.
          required: true
          schema:
            type: string
            format: uuid
        - name: order
          in: query
          description: How the answer is sorted.
          schema:
            # One list for all pages.
            type: string
            enum: [newest, oldest]
            default: newest
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/TicketUpdate"
      responses:
        "200":
          description: The ticket.
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Ticket"

components:
  schemas:
    TicketUpdate:
      description: What to change.
      type: object
      required: [state]
      properties:
        title:
          description: The title.  # kept as it is
          type: [string, "null"]
          x-support:
            - operation: update_ticket
              in: body
              page: desk-tickets-update
              supported: [Alpha, Beta]
              required: [Gamma Desk]
              count: {supported: 3, required: 1}
        state:
          description: The state.
          type: string
          enum: [open, closed]
        due_at:
          description: When it is due.
          type: [string, "null"]
          format: date-time
        owner:
          description: Whose it is.
          $ref: "#/components/schemas/OwnerInput"
          x-support:
            - {operation: update_ticket, in: body, page: desk-tickets-update, supported: [Alpha], required: []}
        labels:
          description: Words on it.
          type: [array, "null"]
          items:
            type: string
        links:
          description: Where to read on.
          type: [array, "null"]
          items:
            type: object
            properties:
              url:
                description: The address.
                type: string
              kind:
                description: What is there.
                type: string
        effort:
          description: Hours of work.
          type: [integer, "null"]
        more:
          description: Anything else.
          type: [object, "null"]
          additionalProperties: true
        note:
          # Any value: the page prints no type.
          description: A note.
          x-support:
            - operation: update_ticket
              in: body
              page: desk-tickets-update
              supported: [Beta]
              required: []
              count: {supported: 1, required: 0}

    OwnerInput:
      description: Whose a ticket is to be.
      type: object
      required: [id]
      properties:
        id:
          description: The id of the owner.
          type: string
        team:
          description: The team of the owner.
          type: string

    Ticket:
      description: A ticket.
      type: object
      required: [id]
      properties:
        id:
          description: The id.
          type: string
        title:
          description: The title.
          type: [string, "null"]
          x-support:
            - operation: update_ticket
              in: answer
              page: desk-tickets-update
              supported: [Alpha]
              required: []
              count: {supported: 1, required: 0}
        severity:
          description: How bad it is.
          anyOf:
            - type: string
              enum: [low, high]
            - type: [string, "null"]
        channel:
          description: How it came.
          type: [string, "null"]
          enum: [mail, phone, null]
        owner:
          description: Whose it is.
          type: [object, "null"]
          properties:
            id:
              description: The id of the owner.
              type: [string, "null"]
            team:
              description: The team of the owner.
              type: [string, "null"]
        closed_at:
          description: When it was closed.
          type: [string, "null"]
          format: date-time
        effort:
          description: Hours of work.
          type: [integer, "null"]
"""

CASES = """\
# What an office knows of its cases.
openapi: 3.1.0
info:
  title: Cases
  version: "1"
servers:
  - url: https://api.example.com/v1
x-client:
  name: Office
  base: CoperniqClient
  description: An office.
x-resource:
  attribute: cases
  class: Cases
paths:
  /cases/{caseId}:
    patch:
      operationId: update_case
      x-method: update
      summary: Change one case.
      externalDocs:
        url: https://docs.example.org/office/update-case
      parameters:
        - name: caseId
          in: path
          description: Which case.
          required: true
          schema:
            type: integer
        - name: order
          in: query
          description: How the answer is sorted.
          schema:
            type: string
            default: newest
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [state]
              properties:
                title:
                  description: The title.
                  type: string
                state:
                  description: The state.
                  type: string
                due_at:
                  description: When it is due.
                  type: [string, "null"]
                  format: date-time
                owner:
                  description: Whose it is.
                  type: object
                  additionalProperties: true
                labels:
                  description: Words on it.
                  type: array
                  items:
                    type: string
                effort:
                  description: Hours of work.
                  type: integer
                more:
                  description: Anything else.
                  type: object
                  additionalProperties: true
      responses:
        "200":
          description: The case.
          content:
            application/json:
              schema:
                type: object
                properties:
                  id:
                    description: The id.
                    type: integer
                  title:
                    description: The title.
                    type: [string, "null"]
                  severity:
                    description: How bad it is.
                    type: [string, "null"]
                    enum: [low, high, null]
                  closed_at:
                    description: When it was closed.
                    type: [string, "null"]
                    format: date-time
                  effort:
                    description: Hours of work.
                    type: integer
        "400":
          description: Bad input.
        "404":
          description: No such case.
"""


def names(*found: str) -> frozenset[str]:
    return frozenset(found)


def row(name: str, type_: str | None = "string", **values: object) -> Row:
    """Return a row at the top of a section, or below when the name has a point."""
    made = Row(0, name.rpartition(".")[2], type_, depth=name.count("."))
    return evolve(made, **values)  # type: ignore[arg-type]  # the attributes of a row, by name


TICKET_PAGE = Page(
    LISTED,
    0,
    "PATCH",
    "/unified/desk/tickets/{id}",
    title="Update Tickets",
    source="https://docs.example.com/desk/tickets/update/",
    integrations=("Alpha", "Beta", "Gamma Desk"),
    partial=("Beta",),
    rows={
        "path": [row("id", required=True, wording="Which ticket is meant.")],
        "query": [
            row("tenant", required=True, format="uuid", wording="Whose ticket that is."),
            row(
                "order", values=("newest", "oldest"), default="newest", wording="The way to sort. Defaults to `newest`."
            ),
        ],
        "body": [
            row("title", wording="A title for it.", mark=Mark(names("Alpha", "Beta"), names("Gamma Desk"), (3, 1))),
            row("state", required=True, values=("open", "closed"), wording="What became of it."),
            row("due_at", format="date-time", wording="The day it is due."),
            row("owner", "object", wording="Who has it.", mark=Mark(names("Alpha"), names(), (1, 0))),
            row("owner.id", required=True, wording="The owner's id."),
            row("owner.team", wording="The owner's team."),
            row("labels", "array<string>", wording="Some words."),
            row("links", "array<object>", wording="Further reading."),
            row("links.url", wording="The address to open."),
            row("links.kind", wording="The kind of reading."),
            row("effort", "integer", wording="The hours it took."),
            row("more", MAP, wording="All the rest."),
            row("note", None, mark=Mark(names("Beta"), names(), (1, 0))),
        ],
        "answer": [
            row("id", required=True, wording="The ticket's id."),
            row("title", wording="The ticket's title.", mark=Mark(names("Alpha"), names(), (1, 0))),
            row("severity", values=("low", "high"), wording="The harm done."),
            row("channel", values=("mail", "phone"), wording="The way it came."),
            row("owner", "object", wording="Who had it."),
            row("owner.id", wording="That owner's id."),
            row("owner.team", wording="That owner's team."),
            row("closed_at", format="date-time", wording="The day it was closed."),
            row("effort", "integer", wording="The hours it took."),
        ],
    },
)
CASE_PAGE = Page(
    COPERNIQ,
    0,
    None,
    None,
    title="Update Case",
    rows={
        "path": [row("caseId", "integer", required=True, wording="Which case is meant.")],
        "query": [row("order", default="newest", wording="The way to sort.")],
        "body": [
            row("title", wording="A title for it."),
            row("state", required=True, wording="What became of it."),
            row("due_at", format="date-time", nullable=True, wording="The day it is due."),
            row("owner", "object", wording="Who has it."),
            row("labels", "array<string>", wording="Some words."),
            row("effort", "integer", wording="The hours it took."),
            row("more", MAP, wording="All the rest."),
        ],
        "answer": [
            row("id", "integer", wording="The id of the case."),
            row("title", nullable=True, wording="The title it has."),
            row("severity", nullable=True, wording="The harm done."),
            row("closed_at", format="date-time", nullable=True, wording="The day it was closed."),
            row("effort", "integer", wording="The hours it took."),
        ],
    },
    statuses=("400", "404"),
)

Edit = Callable[[Page], Page]


def page_in(layout: Layout) -> Page:
    """Return the page that says what the spec says, for a layout."""
    return CASE_PAGE if layout is COPERNIQ else TICKET_PAGE


def change(place: Place, field: str, /, **values: object) -> Edit:
    """Return the edit that changes one row, found by its path."""

    def edit(page: Page) -> Page:
        rows = [
            evolve(each, **values) if path == field else each  # type: ignore[arg-type]  # attributes of a row, by name
            for path, each in paths(page.rows[place])
        ]
        assert rows != page.rows[place], "the edit changes nothing"
        return evolve(page, rows={**page.rows, place: rows})

    return edit


def drop(place: Place, name: str) -> Edit:
    """Return the edit that takes a row and what is below it away."""

    def edit(page: Page) -> Page:
        rows = [each for path, each in paths(page.rows[place]) if path != name and not path.startswith(name + ".")]
        assert len(rows) < len(page.rows[place]), "the edit changes nothing"
        return evolve(page, rows={**page.rows, place: rows})

    return edit


def add(place: Place, new: Row, after: str) -> Edit:
    """Return the edit that puts a row behind another one."""

    def edit(page: Page) -> Page:
        rows: list[Row] = []
        for path, each in paths(page.rows[place]):
            rows += [each, new] if path == after else [each]
        assert len(rows) > len(page.rows[place]), "the edit changes nothing"
        return evolve(page, rows={**page.rows, place: rows})

    return edit


def paths(rows: Sequence[Row]) -> Iterator[tuple[str, Row]]:
    """Yield rows with their paths."""
    path: list[str] = []
    for each in rows:
        del path[each.depth or 0 :]
        path.append(each.name or "")
        yield ".".join(path), each


def recorded(page: Page) -> Wordings:
    """Return the wordings of a page as if they had been recorded."""
    places: Mapping[Place, Mapping[str, frozenset[str]]] = {
        place: {path: frozenset({digest(each.wording)}) for path, each in paths(rows) if each.wording}
        for place, rows in page.rows.items()
    }
    return dict.fromkeys(
        ("desk-tickets-update", "docs.example.com/desk/tickets/update.md", "docs.example.org/office/update-case"),
        places,
    )


def write_specs(folder: Path) -> Contracts:
    """Write the specs into a folder and read them."""
    (folder / "desk_tickets.yaml").write_text(DESK, encoding="utf-8")
    (folder / "office_cases.yaml").write_text(CASES, encoding="utf-8")
    return read_contracts(folder)


def compared(text: str, contracts: Contracts, wordings: Wordings, stem: str = "saved") -> Comparison:
    """Compare the text of a page with the specs; nothing is known."""
    return compare(parse(lines_of(text), contracts.names), stem, contracts, (), wordings)


def drift_of(page: Page, layout: Layout, contracts: Contracts) -> set[tuple[str, str, str]]:
    """Return level, kind and path of what drifted in a page, printed in a layout."""
    comparison = compared(WRITERS[layout.name](page), contracts, recorded(page_in(layout)))
    return {(each.level, each.kind, each.path) for each in comparison.drift}
