"""What the generated code must be as code: short, and typed without a way around the type checkers."""

from __future__ import annotations

import ast
import tokenize
from pathlib import Path

import pytest

from accounts_client import coperniq_accounts, crm_accounts, crm_users, ticketing_accounts

GENERATED = Path(__file__).parents[2] / "generated" / "accounts_client"
CATEGORIES = {
    "crm_accounts": crm_accounts.OPERATIONS,
    "crm_users": crm_users.OPERATIONS,
    "ticketing_accounts": ticketing_accounts.OPERATIONS,
    "coperniq_accounts": coperniq_accounts.OPERATIONS,
}
LINES_AN_OPERATION = 70


def test_a_category_module_takes_few_lines_an_operation() -> None:
    lines = sum(len((GENERATED / f"{category}.py").read_text().splitlines()) for category in CATEGORIES)
    names = [operation.name for operations in CATEGORIES.values() for operation in operations]
    # `call` stands for methods that no page lists; its lines count, but it is no operation of a category.
    assert lines / len([name for name in names if not name.endswith(".call")]) <= LINES_AN_OPERATION


@pytest.mark.parametrize("module", sorted(GENERATED.rglob("*.py")), ids=lambda module: module.name)
def test_generated_code_goes_around_no_type_checker(module: Path) -> None:
    names = {
        name
        for node in ast.walk(ast.parse(module.read_text()))
        for name in (getattr(node, "id", None), getattr(node, "attr", None), getattr(node, "name", None))
    }
    with module.open("rb") as source:
        comments = [token.string for token in tokenize.tokenize(source.readline) if token.type == tokenize.COMMENT]
    assert names.isdisjoint({"Any", "cast"})
    assert [comment for comment in comments if "ignore" in comment] == []
