"""The guide to new categories and to other documents does what it says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from generator.__main__ import main

PROJECT = Path(__file__).parents[3]
GUIDE = (PROJECT / "docs" / "guides" / "new-category.md").read_text(encoding="utf-8")
DOCUMENTS = re.findall(r"(?ms)^```yaml\n(openapi:.*?)^```", GUIDE)
PROGRAMS = re.findall(r"(?ms)^```python\n(.*?)^```", GUIDE)


class Notes(BaseHTTPRequestHandler):
    """The service of the guide's document: two pages of notes, and what is sent to it."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str, str | None, bytes]]

    def do_GET(self) -> None:
        is_first = "cursor=" not in self.path
        self.answer(
            200, {"notes": [{"id": 1, "text": "one" if is_first else "two"}], "nextCursor": "2" if is_first else None}
        )

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.seen.append((self.command, self.path, self.headers["x-api-key"], body))
        if urlsplit(self.path).path.endswith("/attachments"):
            self.answer(204, None)
        else:
            self.answer(201, {"id": 7, **json.loads(body)})

    def answer(self, status: int, content: object) -> None:
        body = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        if content is not None:
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[tuple[str, list[tuple[str, str, str | None, bytes]]]]:
    """Serve the notes on loopback, and say where and what is sent there."""
    seen: list[tuple[str, str, str | None, bytes]] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), type("SeenNotes", (Notes,), {"seen": seen})) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1", seen
        server.shutdown()
        thread.join()


def run(program: str, *roots: Path, **variables: str) -> str:
    """Run a program that finds packages below the roots, and return what it prints."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, roots)), **variables}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_new_category_needs_a_spec_and_nothing_else(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "specs", tmp_path / "specs")
    (tmp_path / "specs" / "crm_contacts.yaml").write_text(DOCUMENTS[0], encoding="utf-8")
    assert main(["--specs", str(tmp_path / "specs"), "--output", str(tmp_path / "generated")]) == 0
    assert run(PROGRAMS[0], tmp_path / "generated", PROJECT / "overrides").startswith("[")


def test_a_package_of_the_document_does_what_the_guide_says(
    tmp_path: Path, service: tuple[str, list[tuple[str, str, str | None, bytes]]]
) -> None:
    address, seen = service
    (tmp_path / "notes.yaml").write_text(DOCUMENTS[1], encoding="utf-8")
    target = tmp_path / "notes-client"
    assert main(["--spec", str(tmp_path / "notes.yaml"), "--package", "notes", "--output", str(target)]) == 0
    assert run(PROGRAMS[1], target, PROJECT / "overrides", NOTES_BASE_URL=address) == "one None\ntwo None\n"
    (_, _, key, note), (_, path, _, parts) = seen
    assert key == "secret"
    assert json.loads(note) == {"text": "Water the plants", "dueOn": "2026-05-01", "color": "green"}
    assert path == "/v1/notes/7/attachments"
    assert b'filename="plants.png"' in parts
    assert sorted(path.name for path in target.iterdir()) == ["README.md", "notes", "pyproject.toml"]
