"""Writes each spec as one bundled document: what the stock generator reads. `python -m benchmarks.bundle FOLDER`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from generator.documents import load

if __name__ == "__main__":
    for document in load(Path("specs")):
        Path(sys.argv[1], f"{document.module}.json").write_text(json.dumps(document.root.plain()))
