"""Verdicts follow from facts, names of integrations are forgiving, and nothing is loaded before it is asked for."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Final

import pytest

from accounts_client import (
    JSON,
    AsyncTruto,
    ConfigurationError,
    Request,
    Truto,
    coperniq_accounts,
    crm_accounts,
    crm_users,
    ticketing_accounts,
)
from accounts_client.support import Count, Fact, SupportWarning, Verdict, integrations_for, support
from accounts_client_runtime import FreeJSON, Operation
from accounts_client_runtime.support import OperationTable, SupportTables

UPDATE: Final = Operation("things.update", "PATCH", "/thing", FreeJSON())
LIST: Final = Operation("things.list", "GET", "/things", FreeJSON())
EVERYONE: Final = Fact("operation", page="things/list", integrations=("Aha", "Bitrix", "Clio"))
PAGE: Final = "things/update"


def update_thing() -> Request[JSON]:
    return Request(UPDATE)


def list_things() -> Request[JSON]:
    return Request(LIST)


def tables(*facts: Fact) -> SupportTables:
    """Return tables with these facts about one operation, and another operation that three integrations have."""
    return SupportTables(
        OperationTable(UPDATE, update_thing, query=(), body=("name", "size"), answer=("id",), facts=facts),
        OperationTable(LIST, list_things, query=(), body=(), answer=("id",), facts=(EVERYONE,)),
    )


def names(*facts: Fact, field: str = "name") -> dict[str, Verdict]:
    """Return the verdicts on a field of the body."""
    known = tables(*facts)
    return {name: known.support(name).of(update_thing).body[field].verdict for name in known.integrations}


def operations(*facts: Fact) -> dict[str, Verdict]:
    """Return the verdicts on the operation itself."""
    known = tables(*facts)
    return {name: known.support(name).of(update_thing).verdict for name in known.integrations}


def test_a_page_that_names_integrations_leaves_out_the_others() -> None:
    fact = Fact("body", "name", page=PAGE, supported=("Aha",), required=("Bitrix",), count=Count(2, 1))
    assert names(fact) == {"Aha": "supported", "Bitrix": "required", "Clio": "not_listed"}
    assert set(names(fact, field="size").values()) == {"unknown"}


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        (Fact("body", "name", page=PAGE, count=Count(2, 1)), "only counts"),
        (Fact("body", "name", page=PAGE, supported=(), required=()), "names nobody"),
        (Fact("operation", page=PAGE, integrations=("Aha", "Bitrix")), "is about the operation"),
        (Fact("answer", "id", page=PAGE, supported=("Aha",)), "is about another field"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_page_that_names_nobody_beside_the_field_leaves_it_unknown(fact: Fact, reason: str) -> None:
    assert set(names(fact).values()) == {"unknown"}, reason


def test_a_list_whose_beginning_alone_is_known_leaves_out_nobody() -> None:
    fact = Fact("body", "name", page=PAGE, supported=("Aha",), is_complete=False)
    assert names(fact) == {"Aha": "supported", "Bitrix": "unknown", "Clio": "unknown"}


def test_another_page_that_counts_otherwise_contradicts_a_list() -> None:
    named = Fact("body", "name", page=PAGE, supported=("Aha",))
    same, more = (Fact("body", "name", page="other", count=Count(number, 0)) for number in (1, 2))
    assert names(named, same) == {"Aha": "supported", "Bitrix": "not_listed", "Clio": "not_listed"}
    assert names(named, more) == {"Aha": "supported", "Bitrix": "unknown", "Clio": "unknown"}


def test_another_page_that_names_somebody_else_contradicts_a_list() -> None:
    first = Fact("body", "name", page=PAGE, supported=("Aha",))
    second = Fact("body", "name", page=PAGE, generation="2", supported=("Bitrix",))
    having = Fact("operation", page=PAGE, integrations=("Aha", "Bitrix", "Clio"))
    assert names(having, first) == {"Aha": "supported", "Bitrix": "not_listed", "Clio": "not_listed"}
    assert names(having, first, second) == {"Aha": "supported", "Bitrix": "supported", "Clio": "unknown"}


def test_pages_that_mark_one_differently_leave_it_unknown_and_are_both_kept() -> None:
    first = Fact("body", "name", page=PAGE, supported=("Aha",), required=("Bitrix",))
    second = Fact("body", "name", page="other", supported=("Bitrix",), required=("Aha",))
    assert names(first, second) == {"Aha": "unknown", "Bitrix": "unknown", "Clio": "not_listed"}
    assert tables(first, second).support("Aha").of(update_thing).body["name"].facts == (first, second)


def test_a_page_says_nothing_about_integrations_that_only_newer_pages_know() -> None:
    old = Fact("operation", page=PAGE, generation="1", integrations=("Aha", "Bitrix"))
    fact = Fact("body", "name", page=PAGE, generation="1", supported=("Aha",))
    newer = Fact("operation", page=PAGE, generation="2", integrations=("Aha", "Bitrix", "Clio"))
    assert names(old, fact) == {"Aha": "supported", "Bitrix": "not_listed", "Clio": "not_listed"}
    assert names(old, fact, newer) == {"Aha": "supported", "Bitrix": "not_listed", "Clio": "unknown"}


def test_an_outdated_page_is_silent_on_everybody_it_does_not_name() -> None:
    fact = Fact("body", "name", page=PAGE, supported=("Aha",))
    other = Fact("operation", page="other", integrations=("Bitrix",), is_complete=False)
    assert names(fact, other) == {"Aha": "supported", "Bitrix": "unknown", "Clio": "unknown"}
    without = Fact("operation", page="other", integrations=("Bitrix",), without=("Clio",), is_complete=False)
    assert names(fact, without) == {"Aha": "supported", "Bitrix": "unknown", "Clio": "not_listed"}


def test_whoever_takes_single_values_supports_the_field() -> None:
    fact = Fact("body", "name", page=PAGE, values={"Aha": ("a", "b")}, max_items={"Aha": 2})
    assert names(fact) == {"Aha": "supported", "Bitrix": "unknown", "Clio": "unknown"}
    cell = tables(fact).support("Aha").of(update_thing).body["name"]
    assert (cell.values, cell.max_items) == (("a", "b"), 2)
    cell = tables(fact).support("Bitrix").of(update_thing).body["name"]
    assert (cell.values, cell.max_items) == (None, None)


def test_pages_that_give_different_values_leave_them_open() -> None:
    facts = (Fact("body", "name", page=page, values={"Aha": (page,)}) for page in ("a", "b"))
    assert tables(*facts).support("Aha").of(update_thing).body["name"].values is None


def test_an_operation_is_not_listed_where_a_list_names_all_who_have_it() -> None:
    whole = Fact("operation", page=PAGE, integrations=("Aha", "Bitrix"))
    older = Fact("operation", page=PAGE, generation="1", integrations=("Aha",))
    assert operations(whole, older) == {"Aha": "supported", "Bitrix": "supported", "Clio": "not_listed"}


def test_an_operation_is_unknown_where_no_list_names_all_who_have_it() -> None:
    first = Fact("operation", page=PAGE, integrations=("Aha",))
    second = Fact("operation", page="other", integrations=("Bitrix",), without=("Clio",), is_complete=False)
    assert operations(first) == {"Aha": "supported", "Bitrix": "not_listed", "Clio": "not_listed"}
    assert operations(first, second) == {"Aha": "supported", "Bitrix": "supported", "Clio": "not_listed"}
    assert operations() == {"Aha": "unknown", "Bitrix": "unknown", "Clio": "unknown"}


def test_pages_that_disagree_about_an_operation_leave_it_unknown() -> None:
    first = Fact("operation", page=PAGE, integrations=("Aha", "Bitrix"))
    second = Fact("operation", page="other", integrations=("Bitrix",), without=("Aha",))
    assert operations(first, second) == {"Aha": "unknown", "Bitrix": "supported", "Clio": "not_listed"}


def test_whoever_supports_a_field_has_the_operation() -> None:
    fact = Fact("answer", "id", page=PAGE, supported=("Aha",))
    assert operations(fact) == {"Aha": "supported", "Bitrix": "unknown", "Clio": "unknown"}


def test_a_partial_list_is_one_of_the_integrations_that_a_page_says_so_of() -> None:
    known = tables(Fact("operation", page=PAGE, integrations=("Aha", "Bitrix"), partial=("Aha",)))
    assert [known.support(name).of(UPDATE).is_partial for name in known.integrations] == [True, False, False]


def test_a_fact_without_a_name_is_kept_with_the_operation() -> None:
    nameless = Fact("body", page=PAGE, count=Count(1, 0), position="after name")
    known = tables(EVERYONE, nameless).support("Aha").of(update_thing())
    assert known.facts == (EVERYONE, nameless)
    assert known.body["name"].facts == ()


@pytest.mark.parametrize("name", ["Salesforce", "salesforce", "SALES FORCE", "sales-force"])
def test_case_and_punctuation_of_a_name_do_not_matter(name: str) -> None:
    assert support(name).integration == "Salesforce"
    assert repr(support(name)) == "Support('Salesforce')"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Salesfroce", "; did you mean 'Salesforce'?"),
        ("Hubspott", "; did you mean 'HubSpot'?"),
        ("Zoho", "; did you mean 'Zoho CRM'?"),
        ("Quickbase", ""),
        ("", ""),
    ],
)
def test_an_unknown_name_is_taken_with_one_warning_and_a_suggestion(name: str, hint: str) -> None:
    with pytest.warns(SupportWarning) as caught:
        unknown = support(name)
    assert [str(warning.message) for warning in caught] == [
        f"no page names the integration {name!r}, so nothing is known about it{hint}"
    ]
    assert caught[0].filename == __file__
    assert (unknown.integration, unknown.is_known) == (name, False)
    assert {operation.verdict for operation in unknown.operations.values()} == {"unknown"}
    assert {cell.verdict for operation in unknown.operations.values() for cell in operation.body.values()} == {
        "unknown"
    }


def test_a_handle_keeps_the_integration_of_its_account() -> None:
    truto = Truto("token")
    bound = truto.account("a", integration="salesforce")
    assert (bound.integration, truto.integration) == ("Salesforce", None)
    assert repr(bound).endswith("integrated_account_id='a', integration='Salesforce')")
    assert bound.with_options(timeout=5).integration == "Salesforce"
    assert bound.account("b").integration is None
    assert AsyncTruto("token").account("a", integration="HubSpot").integration == "HubSpot"


@pytest.mark.parametrize("client", [Truto, AsyncTruto])
def test_a_handle_warns_of_an_unknown_integration_once_and_where_it_is_bound(
    client: type[Truto] | type[AsyncTruto],
) -> None:
    truto = client("token")
    with pytest.warns(SupportWarning, match="did you mean 'Pipedrive'") as caught:
        bound = truto.account("a", integration="Pipdrive")
    assert [warning.filename for warning in caught] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert bound.with_options(timeout=5).integration == "Pipdrive"


def test_integrations_are_found_by_what_they_support() -> None:
    assert integrations_for(crm_accounts.update_account, fields=["industry", "owner"]) == ("Salesforce",)
    assert integrations_for(crm_users.update_user, fields=["first_name"]) == ("Outreach", "Salesforce")
    assert integrations_for(crm_users.update_user, fields=["name"], answer=["urls"]) == ("OnePageCRM", "Pipedrive")
    assert integrations_for(crm_users.list_users, query=["workspace"]) == ("Highlevel",)
    assert integrations_for(crm_accounts.BATCH_DELETE_ACCOUNTS) == ("HubSpot",)
    assert integrations_for(crm_users.update_user, fields="custom_fields") == ("Planhat",)
    assert len(integrations_for(crm_accounts.list_accounts())) == 26


def test_integrations_about_which_something_is_open_are_found_on_demand() -> None:
    fields = ["industry", "owner"]
    found = integrations_for(crm_accounts.update_account, fields=fields, include_unknown=True)
    assert {"HubSpot", "Salesforce"} <= set(found)
    assert not {"Close", "Accelo"} & set(found)


@pytest.mark.parametrize(
    ("find", "message"),
    [
        (
            lambda: integrations_for(crm_users.update_user, fields=["nmae"]),
            "in the body; its fields there: name, first_name, ",
        ),
        (
            lambda: integrations_for(crm_users.update_user, query=["nmae"]),
            "in the query; its fields there: truto_ignore_",
        ),
        (
            lambda: integrations_for(crm_users.update_user, answer=["nmae"]),
            "in the answer; its fields there: id, name, ",
        ),
    ],
)
def test_a_field_that_is_not_there_is_refused_by_name_and_place(find: Callable[[], object], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        find()
    assert str(caught.value).startswith(f"crm_users.update has no field 'nmae' {message}")


def test_a_place_without_fields_says_so() -> None:
    with pytest.raises(
        ConfigurationError, match=r"crm_users\.delete has no field 'id' in the body; its fields there: none"
    ):
        integrations_for(crm_users.delete_user, fields=["id"])


def test_what_is_no_operation_of_a_category_with_integrations_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no integrations of update_account"):
        integrations_for(coperniq_accounts.update_account)
    with pytest.raises(ConfigurationError, match=r"no integrations of coperniq_accounts\.update"):
        support("HubSpot").of(coperniq_accounts.UPDATE_ACCOUNT)
    with pytest.raises(ConfigurationError, match=r"no integrations of crm_users\.call"):
        support("HubSpot").of(crm_users.call_method("archive"))


def test_builders_of_one_name_are_told_apart() -> None:
    accounts, tickets = (
        integrations_for(builder) for builder in (crm_accounts.update_account, ticketing_accounts.update_account)
    )
    assert ("HubSpot" in accounts, "HubSpot" in tickets) == (True, False)


@pytest.mark.parametrize(
    ("statement", "is_loaded"),
    [
        ("import accounts_client; accounts_client.Truto('t').account('a').crm_accounts.list()", False),
        ("import accounts_client; accounts_client.Truto('t').account('a', integration='HubSpot')", True),
        ("import accounts_client.support", True),
    ],
)
def test_the_tables_are_loaded_for_those_who_ask_for_them(statement: str, is_loaded: bool) -> None:
    code = f"{statement}; import sys; print([name for name in sys.modules if name.endswith('.support')])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    expected = {"accounts_client.support", "accounts_client_runtime.support"} if is_loaded else set[str]()
    assert {name for name in expected if repr(name) in run.stdout} == expected
    assert is_loaded or run.stdout.strip() == "[]"
