"""The catalogue and the activity's page: what they say, to whom, and at what cost."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from activities.models import Activity, CommercialSupport, Objective, Person, Relationship, Role
from tests.factories import ActivityFactory, UserFactory, make_sessions

pytestmark = pytest.mark.django_db


def test_draft_is_nobodys_page_and_not_in_the_catalogue(client: Client) -> None:
    draft = ActivityFactory(draft=True, title="Not yet")
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert b"Not yet" not in client.get("/").content


def test_catalogue_puts_what_can_be_claimed_first_and_points_out_what_is_near(client: Client) -> None:
    ActivityFactory(title="Over and done", over=True)
    near = ActivityFactory(title="Nearly over")
    near.claim_until_day = near.ends_on + (near.ends_on - near.starts_on)
    near.save()
    page = client.get("/").content.decode()
    assert page.index("Nearly over") < page.index("Over and done")
    assert "Credit can no longer be claimed." in page
    assert 'class="soon-words"' in page


def test_empty_catalogue_says_so(client: Client) -> None:
    assert b"No activity is published yet" in client.get("/").content


def test_page_says_everything_in_the_order_learners_must_see_it(client: Client) -> None:
    activity = ActivityFactory(
        moc="18.50",
        need="A need.",
        audience="Physicians",
        summary="A summary.",
        credit_note="May vary.",
        off_label="No off-label use.",
        support_state=Activity.SupportState.PENDING,
        relationships_mitigated=True,
        system_requirements="A browser.",
        free=True,
        venue="The Hall",
    )
    activity.objectives.create(kind=Objective.Kind.COMPETENCE, position=1, text="A change.")
    activity.objectives.create(kind=Objective.Kind.OBJECTIVE, position=1, text="An objective.")
    person = Person.objects.create(name="Bo", degrees="MD", position="Professor")
    Relationship.objects.create(person=person, company="Novartis", nature="Consultant")
    Role.objects.create(activity=activity, person=person, part="faculty")
    page = client.get(activity.get_absolute_url()).content.decode()
    order = [
        "Progress in Examples</h1>",
        "Free of charge",
        "Bo, MD (Faculty): Consultant: Novartis.",
        "have been mitigated.",
        "No off-label use.",
        "The supporters will be named at the activity.",
        "is accredited by the Accreditation Council",
        "18.50 <em>AMA PRA Category 1 Credit(s)</em>™",
        "May vary.",
        "MOC points in the American Board of Internal Medicine",
        activity.deadline_in_words,
        "A need.",
        "A change.",
        "An objective.",
        "cme@society.example",
    ]
    positions = [page.index(words) for words in order]
    assert positions == sorted(positions)


def test_self_study_page_says_release_expiry_and_supporters(client: Client) -> None:
    activity = ActivityFactory(self_study=True, estimated_minutes=60, support_state=Activity.SupportState.NAMED)
    CommercialSupport.objects.create(activity=activity, supporter="Seagen")
    page = client.get(activity.get_absolute_url()).content.decode()
    assert "Estimated time to complete: 60 minutes" in page
    assert "educational grant from Seagen" in page
    assert "<img" not in page


@pytest.mark.parametrize("sessions", [1, 300])
def test_page_costs_the_same_with_one_session_and_with_three_hundred(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, sessions: int
) -> None:
    activity = ActivityFactory(moc="18.50")
    make_sessions(activity, sessions)
    with django_assert_num_queries(7):
        client.get(activity.get_absolute_url())


@pytest.mark.parametrize("count", [1, 30])
def test_catalogue_costs_the_same_with_one_activity_and_with_thirty(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    ActivityFactory.create_batch(count)
    with django_assert_num_queries(3):
        client.get("/")


class TestOffice:
    """Staff find and edit activities."""

    def test_lists_and_forms_open(self, client: Client, activity: Activity) -> None:
        make_sessions(activity, 2)
        client.force_login(UserFactory(officer=True))
        for room in ("activity", "provider", "person", "session"):
            assert client.get(f"/admin/activities/{room}/").status_code == 200
        page = client.get(f"/admin/activities/activity/{activity.pk}/change/").content.decode()
        assert activity.get_absolute_url() in page
        assert f"/admin/credits/claim/?activity__id__exact={activity.pk}" in page
        assert client.get(f"/admin/surveys/survey/{activity.surveys.get().pk}/change/").status_code == 200
        assert client.get("/admin/surveys/survey/").status_code == 200
        assert client.get("/admin/surveys/question/").status_code == 200

    def test_learner_does_not_enter(self, client: Client, learner: User) -> None:
        client.force_login(learner)
        assert client.get("/admin/").status_code in {302, 403}
