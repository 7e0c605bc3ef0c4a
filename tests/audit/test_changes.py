"""What staff change is recorded from what to what, and nobody saves over what they have not seen."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from activities.models import Activity, Person, Provider, Session
from audit import changes
from audit.models import Event
from credits.models import CertificateDesign
from surveys.models import Survey
from tests.activities.making import perfect
from tests.factories import ActivityFactory, ProviderFactory, UserFactory, make_sessions
from tests.office_forms import form_of
from tests.surveys.making import survey as build

pytestmark = pytest.mark.django_db
Made = tuple[str, str, str, Callable[[], Any]]


@pytest.fixture
def officer(client: Client) -> User:
    user: User = UserFactory(officer=True, first_name="Olga", last_name="Office", degrees="")
    client.force_login(user)
    return user


def address(kind: str, pk: int) -> str:
    return f"/admin/{kind}/{pk}/change/"


class TestValues:
    def test_changed_facts_are_recorded_from_what_to_what(self, client: Client, officer: User) -> None:
        activity = perfect(moc="18.50", questions=2)
        page = address("activities/activity", activity.pk)
        wanted = {"claim_until_day": "2030-01-31", "designations-0-maximum": "19.25", "audience": "All of them."}
        assert client.post(page, form_of(client, page) | wanted).status_code == 302
        event = Event.objects.get(action="changed by staff")
        maximum = next(label for label in event.after if label.endswith("Maximum"))
        assert event.before == {
            "Credit can be claimed until": activity.claim_until_day.isoformat(),
            "Target audience": activity.audience,
            maximum: "18.50",
        }
        assert event.after == {
            "Credit can be claimed until": "2030-01-31",
            "Target audience": "All of them.",
            maximum: "19.25",
        }

    def test_rows_that_are_added_and_deleted_are_named(self, client: Client, officer: User) -> None:
        activity = perfect(draft=True)
        page = address("activities/activity", activity.pk)
        more = {
            "objectives-TOTAL_FORMS": "2", "objectives-1-text": "Judge it.", "objectives-1-position": "2",
            "objectives-1-kind": "objective",
            "roles-TOTAL_FORMS": "1", "roles-0-DELETE": "on",
        }  # fmt: skip
        assert client.post(page, form_of(client, page) | more).status_code == 302
        after = Event.objects.get(action="changed by staff").after
        assert after["objective “Judge it.”"] == "added"
        assert after["objective “Judge it.”: Text"] == "Judge it."
        assert [label for label, value in after.items() if value == "deleted"] != []

    def test_another_row_is_named_and_not_numbered(self, client: Client, officer: User) -> None:
        activity = perfect(draft=True)
        other = ProviderFactory(name="Another Society")
        page = address("activities/activity", activity.pk)
        assert client.post(page, form_of(client, page) | {"provider": other.pk}).status_code == 302
        event = Event.objects.get(action="changed by staff")
        assert (event.before["Provider"], event.after["Provider"]) == ("Society of Examples", "Another Society")


def activity() -> Made:
    made = perfect(draft=True)
    return address("activities/activity", made.pk), "summary", "need", lambda: Activity.objects.get(pk=made.pk)


def session() -> Made:
    meeting = ActivityFactory(draft=True)
    make_sessions(meeting, 1)
    made = meeting.sessions.get()
    return address("activities/session", made.pk), "title", "room", lambda: Session.objects.get(pk=made.pk)


def person() -> Made:
    made = Person.objects.create(name="Bo")
    return address("activities/person", made.pk), "degrees", "position", lambda: Person.objects.get(pk=made.pk)


def provider() -> Made:
    made = ProviderFactory()
    return address("activities/provider", made.pk), "name", "short_name", lambda: Provider.objects.get(pk=made.pk)


def user() -> Made:
    made = UserFactory()
    return address("accounts/user", made.pk), "first_name", "last_name", lambda: User.objects.get(pk=made.pk)


def survey() -> Made:
    made = build(ActivityFactory(draft=True), "evaluation", [{"kind": "text", "text": "Why?"}])
    first = "questions-0-text"
    return address("surveys/survey", made.pk), first, "introduction", lambda: Survey.objects.get(pk=made.pk)


class TestTwoOfficers:
    @pytest.mark.parametrize("make", [activity, session, person, provider, user, survey])
    def test_stale_form_is_refused_and_says_what_changed(
        self, client: Client, officer: User, make: Callable[[], Made]
    ) -> None:
        page, first, second, stored = make()
        mine = form_of(client, page) | {second: "Mine"}
        assert client.post(page, form_of(client, page) | {first: "Theirs"}).status_code == 302
        answer = client.post(page, mine)
        words = answer.content.decode()
        assert answer.status_code == 200
        assert "Olga Office saved this record while your page was open." in words
        assert "Theirs" in words or "was changed." in words
        assert "Mine" in words
        assert getattr(stored(), second, "") != "Mine"
        again = mine | {"seen": form_of(client, page)["seen"], first: "Theirs"}
        assert client.post(page, again).status_code == 302
        assert getattr(stored(), second, "Mine") == "Mine"
        assert getattr(stored(), first, "Theirs") == "Theirs"

    def test_added_and_deleted_rows_are_told(self, client: Client, officer: User) -> None:
        made = perfect(draft=True)
        page = address("activities/activity", made.pk)
        mine = form_of(client, page) | {"need": "Mine"}
        made.objectives.create(position=2, text="New one.")
        made.roles.all().delete()
        words = client.post(page, mine).content.decode()
        assert "“New one.” was added." in words
        assert "A row was deleted; load the page again" in words

    def test_form_that_says_nothing_of_what_it_showed_is_saved(self, client: Client, officer: User) -> None:
        """As from a script: there is nothing to compare."""
        made = perfect(draft=True)
        page = address("activities/activity", made.pk)
        for seen in ("", "[]", "{"):
            assert client.post(page, form_of(client, page) | {"need": f"N{seen}", "seen": seen}).status_code == 302

    def test_record_that_does_not_exist_is_not_found(self, client: Client, officer: User) -> None:
        for number in ("999999", "no-number"):
            assert client.post(f"/admin/activities/person/{number}/change/", {}).status_code == 302

    def test_design_of_certificates_is_guarded_too(self, client: Client, officer: User) -> None:
        design = CertificateDesign.objects.create(provider=ProviderFactory(), template="classic-1")
        page = address("credits/certificatedesign", design.pk)
        mine = form_of(client, page)
        assert client.post(page, form_of(client, page) | {"paper": "a4"}).status_code == 302
        assert "saved this record" in client.post(page, mine | {"paper": "letter"}).content.decode()


def test_stamp_differs_with_what_it_is_of() -> None:
    stamps = {changes.stamp(), changes.stamp(""), changes.stamp("a"), changes.stamp("a", "b"), changes.stamp(["a"])}
    assert len(stamps) == 5


def test_rows_are_stamped_alike_however_they_are_held(db: None) -> None:
    activity = ActivityFactory()
    rows = list(activity.designations.all())
    assert changes.stamp(rows) == changes.stamp(activity.designations) == changes.stamp(activity.designations.all())
    assert changes.stamp(rows[:1]) != changes.stamp(rows)
