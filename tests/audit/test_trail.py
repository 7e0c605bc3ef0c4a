"""The trace grows and never changes; the database itself sees to that."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from accounts.models import User
from activities.models import Person
from audit import guard
from audit.models import Event, record
from audit.triggers import Triggers
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def _guarded(db: None) -> None:
    guard.install()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_event SET actor = 'somebody'", "DELETE FROM audit_event", "TRUNCATE audit_event"],
)
def test_database_refuses_to_change_or_delete_an_event(learner: User, statement: str, on_sqlite: bool) -> None:
    record(action="claimed", subject=learner)
    if on_sqlite and statement.startswith("TRUNCATE"):
        statement = "DELETE FROM audit_event WHERE 1"  # what emptying a table is called here
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Event.objects.get().actor == "the portal"


def test_event_says_who_did_what_to_what(learner: User) -> None:
    officer = UserFactory(officer=True, first_name="Robin", last_name="Vance", degrees="")
    event = record(
        action="renamed", subject=learner, actor=officer, before={"a": 1}, after={"a": 2}, reason="asked by mail"
    )
    assert (event.actor_id, event.actor, event.subject_kind) == (officer.pk, "Robin Vance", "accounts.user")
    assert (event.before, event.after, event.reason) == ({"a": 1}, {"a": 2}, "asked by mail")
    assert str(event) == "renamed: Ada Okafor, MD"


def test_nobody_may_touch_the_trace_in_the_office(client: Client, learner: User) -> None:
    event = record(action="claimed", subject=learner)
    client.force_login(UserFactory(officer=True))
    address = f"/admin/audit/event/{event.pk}"
    assert client.get(f"{address}/change/").status_code == 200
    assert client.post(f"{address}/change/", {"actor": "x"}).status_code == 403
    assert client.post(f"{address}/delete/").status_code == 403
    assert client.get("/admin/audit/event/add/").status_code == 403


def test_what_staff_add_change_and_delete_enters_the_trace(client: Client) -> None:
    officer = UserFactory(officer=True)
    client.force_login(officer)
    inlines = ("relationships", "disclosures")
    person = {"name": "Bo"} | {f"{row}-{form}_FORMS": "0" for row in inlines for form in ("TOTAL", "INITIAL")}
    client.post("/admin/activities/person/add/", person)
    made = Person.objects.get()
    client.post(f"/admin/activities/person/{made.pk}/change/", person | {"degrees": "MD"})
    client.post(f"/admin/activities/person/{made.pk}/delete/", {"post": "yes"})
    events = Event.objects.exclude(action="signed in").order_by("id")
    assert list(events.values_list("action", "subject", "actor_id")) == [
        ("added by staff", "Bo", officer.pk),
        ("changed by staff", "Bo, MD", officer.pk),
        ("deleted by staff", "Bo, MD", officer.pk),
    ]


def test_name_of_an_actor_is_cut_to_fit(learner: User) -> None:
    learner.first_name, learner.last_name = "A" * 100, "B" * 100
    assert len(record(action="claimed", subject=learner, actor=learner).actor) == 200


def test_guard_waits_for_its_table(db: None) -> None:
    assert Triggers("not_there_yet", {}, {}).install() is None  # type: ignore[func-returns-value]
