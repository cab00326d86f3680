"""Prism, which knows OpenAPI and nothing of this project, between the clients and the fakes: it has no objections."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, Popen
from threading import Thread, Timer
from typing import Any, Final

import httpx
import pytest

from accounts_client import AccountsClientError, AsyncCoperniq, AsyncTruto, Coperniq, Truto
from tests.fakes.calls import AnyFake, Calls, carry_out, request_for
from tests.fakes.closed_specs import closed_document, operations
from tests.fakes.inspection import InspectedCoperniq, InspectedTruto
from tests.fakes.scenarios import errors, hidden_fields, listings, matches, options_and_fields, whole_calls
from tests.specs.documents import CATEGORIES

PACKAGE: Final = Path(__file__).parent / "prism"
PROGRAM: Final = PACKAGE / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
NODE: Final = shutil.which("node")
SECONDS: Final = 60.0
"""After so long Prism is ended, whatever it is doing."""

# What Prism cannot read:
# - That an object is absent from the query. It takes it for an empty one and misses its required keys; so
#   none is required here. `workspace` is the one option that has such a key.
# - What holds only under some values of the query or a header. So answers in other forms than the usual one, and
#   calls with the token of an integrated account, do not go through Prism.

pytestmark = pytest.mark.skipif(
    NODE is None or not PROGRAM.is_file(),
    reason="needs node and the package of tests/fakes/prism: npm install --no-package-lock --ignore-scripts",
)


@pytest.fixture(params=[InspectedTruto, InspectedCoperniq])
def fake(request: pytest.FixtureRequest) -> AnyFake:
    made: AnyFake = request.param()
    return made


def test_the_proxy_objects_to_what_is_wrong_and_to_nothing_else(fake: AnyFake, tmp_path: Path) -> None:
    objections: list[str] = []
    with fake.serve() as url, prism("proxy", fake, tmp_path, url, "--errors") as address:
        carry_out(sync_traffic(fake, address, objections))
        carry_out(async_traffic(fake, address, objections))
        assert objections == []
        assert fake.inspection.violations == []
        reached = {exchange.operation.name for exchange in fake.inspection.exchanges if exchange.status < 300}
        assert reached == {operation.name for operation in operations(fake.inspection.client)}

        carry_out(wrong_traffic(fake, address, objections))
        to_the_answer, to_the_request = objections
        assert "Response body property id must be" in to_the_answer
        assert "Request body must NOT have additional properties; found 'color'" in to_the_request


def test_what_the_mock_makes_up_is_read_without_deviation(fake: AnyFake, tmp_path: Path) -> None:
    with prism("mock", fake, tmp_path) as address, httpx.Client() as http_client:
        client = sync_client(fake, address, http_client).with_options(strict=True)
        requests = [request_for(fake, operation) for operation in operations(fake.inspection.client)]
        outcomes = carry_out(partial(client.send, request) for request in requests)
    assert [outcome for outcome in outcomes if isinstance(outcome, AccountsClientError)] == []
    assert len(outcomes) == len(requests)


def sync_traffic(fake: AnyFake, address: str, objections: list[str]) -> Calls:
    with httpx.Client(event_hooks={"response": [partial(note, objections)]}) as http_client:
        client = sync_client(fake, address, http_client)
        yield from whole_calls(fake, client)
        # Prism takes its time: a part of them.
        yield from islice(options_and_fields(fake, client), None, None, 4)
        if isinstance(client, Coperniq):
            yield from matches(client)


def async_traffic(fake: AnyFake, address: str, objections: list[str]) -> Calls:
    async def note_async(response: httpx.Response) -> None:
        await response.aread()
        note(objections, response)

    http_client = httpx.AsyncClient(event_hooks={"response": [note_async]})
    client = async_client(fake, address, http_client)
    gets = [operation for operation in operations(fake.inspection.client) if operation.method_name == "get"]
    yield from errors(fake, client, gets)
    if isinstance(client, AsyncTruto) and isinstance(fake, InspectedTruto):
        yield from hidden_fields(fake, client)
        yield from listings(fake, client)
    yield http_client.aclose


def wrong_traffic(fake: AnyFake, address: str, objections: list[str]) -> Calls:
    known = {operation.method_name: operation for operation in operations(fake.inspection.client)}
    with httpx.Client(event_hooks={"response": [partial(note, objections)]}) as http_client:
        client = sync_client(fake, address, http_client)
        fake.alter_next({"id": []})
        yield partial(client.send, request_for(fake, known["get"]))
        yield partial(client.with_options(extra_body={"color": "red"}).send, request_for(fake, known["create"]))


def sync_client(fake: AnyFake, address: str, http_client: httpx.Client) -> Truto | Coperniq:
    if isinstance(fake, InspectedCoperniq):
        return Coperniq(fake.api_key, base_url=address, http_client=http_client, budget=None, max_retries=0)
    account = fake.integrated_account_id
    return Truto(
        fake.token,
        integrated_account_id=account,
        base_url=address,
        http_client=http_client,
        budget=None,
        max_retries=0,
    )


def async_client(fake: AnyFake, address: str, http_client: httpx.AsyncClient) -> AsyncTruto | AsyncCoperniq:
    if isinstance(fake, InspectedCoperniq):
        return AsyncCoperniq(fake.api_key, base_url=address, http_client=http_client, budget=None, max_retries=0)
    account = fake.integrated_account_id
    return AsyncTruto(
        fake.token,
        integrated_account_id=account,
        base_url=address,
        http_client=http_client,
        budget=None,
        max_retries=0,
    )


def note(objections: list[str], response: httpx.Response) -> None:
    """Add what Prism has against a request or its answer."""
    response.read()
    is_problem = response.headers.get("content-type") == "application/problem+json"
    if is_problem or "sl-violations" in response.headers:
        said = response.text if is_problem else response.headers["sl-violations"]
        objections.append(f"{response.request.method} {response.request.url}: {said}")


@contextmanager
def prism(mode: str, fake: AnyFake, folder: Path, *arguments: str) -> Generator[str]:
    """Run Prism for the service of a fake until the block is left, and yield its address."""
    file = folder / "spec.json"
    file.write_text(document(fake.inspection.client))
    command = [str(NODE), str(PROGRAM), mode, "--port", "0", str(file), *arguments]
    with Popen(command, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, text=True) as process:
        timer = Timer(SECONDS, process.kill)
        timer.start()
        try:
            assert process.stdout is not None
            said: list[str] = []
            for line in process.stdout:
                said.append(line)
                if match := re.search(r"Prism is listening on (\S+)", line):
                    break
            else:
                pytest.fail("".join(said))
            # It would stop in the middle of its work if nobody read what it says.
            reader = Thread(target=said.extend, args=(process.stdout,))
            reader.start()
            yield match[1]
        finally:
            timer.cancel()
            process.kill()
        reader.join()


def document(client: str) -> str:
    """Return the closed copies of the specs of a service as one document that Prism can read."""
    copies = [copy for copy in map(closed_document, CATEGORIES) if copy.at("x-client", "name").text == client]
    paths = {path: item.value for copy in copies for path, item in copy.at("paths").fields.items()}
    merged = {**{key: entry.value for key, entry in copies[0].fields.items()}, "paths": paths}

    def readable(found: dict[str, Any]) -> dict[str, Any]:
        if found.get("style") == "deepObject":
            found["schema"].pop("required", None)
        return found

    return json.dumps(json.loads(json.dumps(merged), object_hook=readable))
