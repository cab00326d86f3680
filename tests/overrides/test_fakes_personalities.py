"""FakeTruto with the personality of an integration does what the pages say of it, no more and no less."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from accounts_client import (
    AsyncTruto,
    BadRequestError,
    MethodNotAllowedError,
    Truto,
    UnprocessableError,
    crm_accounts,
    crm_users,
    ticketing_accounts,
)
from accounts_client.support import Fact, SupportWarning
from accounts_client.testing import FakeTruto
from accounts_client_runtime.support import OperationTable, SupportTables

FULL_USER: crm_users.UserUpdate = {
    "name": "Ada Lovelace",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "ada@example.com",
    "is_active": False,
    "custom_fields": {"tier": 1},
}


def connected(integration: str | None, resource: str = "crm_users", count: int = 1) -> tuple[FakeTruto, Truto]:
    """Return a fake with sample records and one integration, and its client."""
    fake = FakeTruto(integration=integration)
    fake.add_samples(resource, count)
    return fake, fake.client()


def test_what_an_integration_requires_is_a_provider_error_that_names_it() -> None:
    fake, truto = connected("Salesforce")
    before = fake.records("crm_users")
    with pytest.raises(BadRequestError) as caught:
        truto.crm_users.update("1", {"first_name": "Ada"})
    error = caught.value
    assert (error.missing_fields, error.fault, error.action) == (("last_name", "email"), "provider", "fix_request")
    message = "required: last_name, email"
    assert error.raw_response == {
        "message": message,
        "errors": [{"field": name, "code": "required", "message": message} for name in ("last_name", "email")],
    }
    assert error.body == {
        "statusCode": 400,
        "error": "Bad Request",
        "message": message,
        "truto_is_remote_error": True,
        "raw_response": error.raw_response,
        "truto_error_insight": {
            "missing_required_body_fields": {
                "description": "The integration requires them.",
                "value": ["last_name", "email"],
            },
            "remote_error": {"description": "The provider refused it."},
        },
    }
    assert fake.records("crm_users") == before


def test_what_an_integration_does_not_list_is_dropped_in_silence() -> None:
    fake, truto = connected("Salesforce")
    (before,) = fake.records("crm_users")
    truto.crm_users.update("1", FULL_USER)
    (after,) = fake.records("crm_users")
    assert (after["email"], after["name"], after["is_active"]) == ("ada@example.com", before["name"], True)
    remote = after["remote_data"]
    assert isinstance(remote, dict)
    assert (remote["first_name"], remote["name"]) == ("Ada", before["name"])
    assert "custom_fields" not in remote


def test_an_answer_lacks_what_an_integration_does_not_list_even_the_id() -> None:
    fake, truto = connected("Salesforce")
    changed = truto.crm_users.update("1", FULL_USER)
    assert (changed.id, changed.email, changed.created_at) == ("1", None, None)
    assert changed.remote_data is not None
    assert changed.remote_data["email"] == "ada@example.com"
    assert truto.crm_users.get("1").email == "ada@example.com"
    assert fake.requests[0].body == FULL_USER


@pytest.mark.parametrize(
    ("integration", "kept"),
    [
        (None, set(FULL_USER)),
        ("Outreach", {"name", "first_name", "last_name", "email"}),
        ("Planhat", {"name", "email", "is_active", "custom_fields"}),
        ("OnePageCRM", {"name", "email"}),
        ("Wix", {"name", "email", "is_active"}),
    ],
)
def test_each_integration_keeps_its_own_fields_of_a_user(integration: str | None, kept: set[str]) -> None:
    fake, truto = connected(integration)
    truto.crm_users.update("1", FULL_USER)
    assert stored(fake, "crm_users", FULL_USER) == kept


@pytest.mark.parametrize("integration", ["BMC Helix", "Front", "Productboard"])
def test_three_ticketing_systems_require_the_name_on_every_update(integration: str) -> None:
    _, truto = connected(integration, "ticketing_accounts")
    with pytest.raises(BadRequestError) as caught:
        truto.ticketing_accounts.update("1", {"domains": ["acme.example"]})
    assert caught.value.missing_fields == ("name",)
    truto.ticketing_accounts.update("1", {"name": "Acme"})


def test_ticketing_systems_keep_and_answer_what_they_list() -> None:
    body: ticketing_accounts.AccountUpdate = {
        "name": "Acme",
        "description": "d",
        "type": "t",
        "domains": ["acme.example"],
        "website": "w",
        "custom_fields": {"tier": 1},
    }
    kept: dict[str, set[str]] = {}
    for integration in ("BMC Helix", "Front", "Planhat", "Teamwork Project Management"):
        fake, truto = connected(integration, "ticketing_accounts")
        answer = truto.ticketing_accounts.update("1", body)
        assert (answer.name, answer.domains) == {
            "BMC Helix": (None, None),
            "Teamwork Project Management": ("Acme", None),
        }.get(integration, ("Acme", ["acme.example"]))
        kept[integration] = stored(fake, "ticketing_accounts", body)
    assert kept == {
        "BMC Helix": {"name", "type"},
        "Front": {"name", "description", "domains", "website", "custom_fields"},
        "Planhat": {"name", "domains", "custom_fields"},
        "Teamwork Project Management": {"name"},
    }


def test_the_oldest_page_tells_two_integrations_apart() -> None:
    body: crm_accounts.AccountUpdate = {"name": "Acme", "industry": "Solar", "tags": [{"name": "new"}]}
    answers = {
        name: connected(name, "crm_accounts")[1].crm_accounts.update("1", body) for name in ("Close", "Salesforce")
    }
    assert (answers["Close"].name, answers["Close"].industry) == ("name 1", "industry 1")
    assert (answers["Salesforce"].name, answers["Salesforce"].industry) == (None, None)
    # The page has no list for the tags: they work with both.
    assert [answer.tags for answer in answers.values()] == [[crm_accounts.Tag(name="new")]] * 2


def test_what_a_page_only_counts_works_with_every_integration() -> None:
    body: crm_accounts.AccountCreate = {"name": "Acme", "industry": "Solar", "number_of_employees": 5}
    for integration in ("HubSpot", "Affinity", "Nutshell", "Zoho CRM"):
        created = FakeTruto(integration=integration).client().crm_accounts.create(body)
        assert (created.name, created.industry, created.number_of_employees) == ("Acme", "Solar", 5)


def test_what_is_required_in_the_query_is_named_beside_what_is_required_in_the_body() -> None:
    truto = FakeTruto(integration="Highlevel").client()
    with pytest.raises(BadRequestError) as caught:
        truto.crm_accounts.create({"website": "https://acme.example"})
    assert (caught.value.missing_query_parameters, caught.value.missing_fields) == (("workspace",), ("name",))
    assert truto.crm_accounts.create({"name": "Acme"}, workspace={"id": "w"}).name == "Acme"
    with pytest.raises(BadRequestError, match="Missing query parameters: workspace"):
        truto.crm_users.list().page()


def test_a_body_that_goes_unmapped_is_neither_checked_nor_changed() -> None:
    fake, truto = connected("Salesforce")
    truto.crm_users.update("1", {"name": "Ada"}, truto_body_passthrough=True)
    assert fake.records("crm_users")[0]["name"] == "Ada"


def test_an_operation_that_an_integration_does_not_have_is_refused_by_the_service() -> None:
    fake, truto = connected("Accelo", "crm_accounts")
    with pytest.raises(BadRequestError, match=r"Accelo does not have crm_accounts\.update") as caught:
        truto.crm_accounts.update("1", {"name": "Acme"})
    assert (caught.value.fault, caught.value.raw_response) == ("caller", None)
    with pytest.raises(BadRequestError, match="does not have"):
        truto.crm_accounts.batch_delete({"id": ["1"]})
    assert truto.crm_accounts.get("1").id == "1"
    assert fake.records("crm_accounts")[0]["name"] == "name 1"


def test_a_list_that_is_longer_than_the_integration_takes_is_a_provider_error() -> None:
    duplicates: list[crm_accounts.DuplicateRecord] = [{"id": "2"}, {"id": "3"}, {"id": "4"}]
    body: crm_accounts.AccountMerge = {"master_record": {"id": "1"}, "duplicate_records": duplicates}
    fake, truto = connected("Zoho CRM", "crm_accounts", 4)
    with pytest.raises(UnprocessableError, match="duplicate_records takes 2 at most") as caught:
        truto.crm_accounts.merge(body)
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["truto_error_insight"] == {"remote_error": {"description": "The provider refused it."}}
    assert len(fake.records("crm_accounts")) == 4
    assert truto.crm_accounts.merge({**body, "duplicate_records": duplicates[:2]}).id == "1"
    assert connected("HubSpot", "crm_accounts", 4)[1].crm_accounts.merge(body).id == "1"


def test_a_filter_that_an_integration_does_not_list_has_no_effect() -> None:
    for integration, found in ((None, 0), ("Salesforce", 0), ("ActiveCampaign", 2), ("Keap", 0)):
        _, truto = connected(integration, count=2)
        assert len(truto.crm_users.list(created_at="1999-01-01T00:00:00Z").to_list()) == found


def test_records_are_sorted_by_the_fields_that_an_integration_takes() -> None:
    for integration, first in ((None, "2"), ("Pipeliner", "2"), ("Outreach", "1"), ("Wix", "2")):
        _, truto = connected(integration, count=2)
        assert truto.crm_users.list(sort_by={"name": "desc"}).page().items[0].id == first
        assert truto.crm_users.list(sort_by={"email": "desc"}).page().items[0].id == "2"


@pytest.mark.parametrize("integration", ["Nutshell", "Pipedrive"])
def test_a_partial_list_holds_less_than_the_record_has(integration: str) -> None:
    _, truto = connected(integration, "crm_accounts", 3)
    page = truto.crm_accounts.list(limit=2, owner={"id": "1"}).page()
    whole = truto.crm_accounts.get("1")
    assert (page.is_partial_response, page.items[0].name, page.items[0].owner) == (True, "name 1", None)
    assert page.items[0].addresses is None
    assert whole.owner is not None
    assert whole.addresses
    remote = page.items[0].remote_data
    assert remote is not None
    assert ("name" in remote, "owner" in remote) == (True, False)
    assert not truto.crm_users.list().page().is_partial_response


def test_a_whole_list_holds_what_the_record_has() -> None:
    for integration in (None, "HubSpot"):
        _, truto = connected(integration, "crm_accounts")
        page = truto.crm_accounts.list().page()
        assert (page.is_partial_response, page.items[0]) == (False, truto.crm_accounts.get("1"))


def test_accounts_of_one_fake_have_their_own_integrations() -> None:
    fake = FakeTruto()
    for name in ("Salesforce", "Outreach"):
        fake.add_account(name, integration=name).add_samples("crm_users", 1)
    fake.add_samples("crm_users", 1)
    truto = fake.client()
    with pytest.raises(BadRequestError):
        truto.account("Salesforce").crm_users.update("1", {"name": "Ada"})
    assert truto.account("Outreach").crm_users.update("1", {"is_active": False}).is_active is None
    assert fake.account("Outreach").records("crm_users")[0]["is_active"] is True
    assert truto.crm_users.update("1", {"is_active": False}).is_active is False


def test_an_integration_that_no_page_names_supports_everything_with_a_warning() -> None:
    with pytest.warns(SupportWarning, match="did you mean 'Salesforce'") as caught:
        fake = FakeTruto(integration="Salesfroce")
    with pytest.warns(SupportWarning, match="'Quickbase'") as again:
        fake.add_account("second", integration="Quickbase")
    assert [warning.filename for warning in (*caught, *again)] == [__file__, __file__]
    fake.add_samples("crm_users", 1)
    fake.client().crm_users.update("1", FULL_USER)
    assert stored(fake, "crm_users", FULL_USER) == set(FULL_USER)


def test_a_sandbox_and_a_repeated_key_come_before_the_integration() -> None:
    fake, truto = connected("Salesforce")
    fake.add_account("sandbox", integration="Salesforce", is_sandbox=True)
    with pytest.raises(MethodNotAllowedError):
        truto.account("sandbox").crm_users.update("1", {"name": "Ada"})
    first = truto.with_options(idempotency_key="k").crm_users.update("1", FULL_USER)
    assert truto.with_options(idempotency_key="k").crm_users.update("1", {"name": "Ada"}) == first


def test_a_refused_write_is_carried_out_when_it_is_mended() -> None:
    fake, truto = connected("Salesforce")
    with pytest.raises(BadRequestError):
        truto.with_options(idempotency_key="k").crm_users.update("1", {"email": "ada@example.com"})
    truto.with_options(idempotency_key="k").crm_users.update("1", FULL_USER)
    assert fake.records("crm_users")[0]["email"] == "ada@example.com"


def test_raw_and_debug_answers_are_those_of_the_provider() -> None:
    fake, truto = connected("Salesforce")
    raw = truto.send_raw(crm_users.update_user("1", FULL_USER))
    assert isinstance(raw, dict)
    assert (raw["email"], raw["is_active"]) == ("ada@example.com", True)
    debug = truto.send_debug(crm_users.update_user("1", FULL_USER))
    assert debug.request_options == {
        "method": "PATCH",
        "headers": {},
        "body": {name: value for name, value in FULL_USER.items() if name in ("first_name", "last_name", "email")},
    }
    assert fake.requests[-1].body == FULL_USER


def test_custom_methods_and_other_services_do_not_know_integrations() -> None:
    fake, truto = connected("Salesforce")
    fake.add_method("crm_users", "archive", lambda body: {"sent": body})
    assert truto.crm_users.call("archive", {"name": "Ada"}) == {"result": {"sent": {"name": "Ada"}}}


class FakeWithOtherTables(FakeTruto):
    """A fake whose specs would say other things."""

    support = SupportTables(
        OperationTable(
            crm_accounts.DELETE_ACCOUNT,
            crm_accounts.delete_account,
            query=(),
            body=(),
            answer=("id",),
            facts=(
                Fact("operation", page="delete", integrations=("Aha", "Bitrix")),
                Fact("answer", "id", page="delete", supported=("Bitrix",)),
            ),
        ),
        OperationTable(
            crm_accounts.BATCH_DELETE_ACCOUNTS,
            crm_accounts.batch_delete_accounts,
            query=(),
            body=("id",),
            answer=("id",),
            facts=(
                Fact("operation", page="delete", integrations=("Aha", "Bitrix")),
                Fact("answer", "id", page="delete", supported=("Bitrix",)),
            ),
        ),
        OperationTable(
            ticketing_accounts.UPDATE_ACCOUNT,
            ticketing_accounts.update_account,
            query=(),
            body=("type",),
            answer=(),
            facts=(Fact("body", "type", page="update", values={"Aha": ("customer", "partner")}),),
        ),
    )


@pytest.mark.parametrize(("integration", "answer"), [("Aha", {}), ("Bitrix", {"id": "1"})])
def test_a_deleted_record_leaves_the_fields_of_the_tables(integration: str, answer: dict[str, str]) -> None:
    fake = FakeWithOtherTables(integration=integration)
    fake.add_samples("crm_accounts", 2)
    http = fake.http_client()
    query = {"integrated_account_id": fake.integrated_account_id}
    headers = {"authorization": f"Bearer {fake.token}"}
    url = "https://api.truto.one/unified/crm/accounts"
    assert http.delete(f"{url}/1", params=query, headers=headers).json() == answer
    left = http.post(f"{url}/batch-delete", params=query, headers=headers, json={"id": ["2"]}).json()["result"]
    assert ("id" in left) == ("id" in answer)


@pytest.mark.parametrize(("kind", "stored"), [("partner", "partner"), ("friend", None)])
def test_a_value_that_an_integration_does_not_take_is_dropped(kind: str, stored: str | None) -> None:
    fake = FakeWithOtherTables(integration="Aha")
    created = fake.client().ticketing_accounts.create({"name": "Acme"})
    fake.client().ticketing_accounts.update(created.id, {"type": kind})
    remote = fake.records("ticketing_accounts")[0]["remote_data"]
    assert isinstance(remote, dict)
    assert remote.get("type") == stored


def test_async_clients_over_http_meet_the_same_integration() -> None:
    async def update(fake: FakeTruto, url: str) -> None:
        tenant = fake.integrated_account_id
        async with AsyncTruto(fake.token, integrated_account_id=tenant, base_url=url) as truto:
            await truto.crm_users.update("1", {"email": "ada@example.com"})

    fake, _ = connected("Salesforce")
    with fake.serve() as url, pytest.raises(BadRequestError) as caught:
        asyncio.run(update(fake, url))
    assert caught.value.missing_fields == ("first_name", "last_name")


def stored(fake: FakeTruto, resource: str, body: Mapping[str, object]) -> set[str]:
    """Return the fields of a body that got to the provider."""
    remote = fake.records(resource)[0]["remote_data"]
    assert isinstance(remote, dict)
    return {name for name, value in body.items() if remote.get(name) == value}
