"""Who may open which address: every address of the portal stands in one of these lists, or this test fails."""

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from activities.models import Activity
from certificates.models import Certificate
from credits.models import Claim, OutsideCredit
from jobs import runner
from reporting.models import Submission
from tests.factories import UserFactory, picture
from tests.surveys.conftest import MOC, Fill, submit

pytestmark = pytest.mark.django_db

PUBLIC = {
    "health",
    "",
    "activities/<slug:slug>/",
    "activities/<slug:slug>/page.pdf",
    "activities/<slug:slug>/sessions.ics",
    "a/<slug:code>/slide/",
    "a/<slug:code>/qr.png",
    "providers/<int:pk>/logo.png",
    "disclosure/thanks/",
    "verify/",
    "verify/<slug:code>/",
    "certificates/",
}
SHORT = {"a/<slug:code>"}  # leads to the activity's page
SECRET = {
    "disclosure/<str:token>/",
    "certificates/list/<str:token>/",
    "certificates/list/<str:token>/<slug:number>.pdf",
    "profile/reminders/<str:token>/",
}  # whoever holds the link; test_disclosure.py, certificates/test_pages.py, accounts/test_reminders.py
OFFICE = {"uploads/logos/<slug:name>.png"}  # tests/credits/test_designs.py
POSTED = {"verify/file/"}  # public, but only with a file; tests/certificates/test_pages.py
PERSONAL = {
    "credits/late/<str:token>/",
    "credits/<slug:reference>/change/total/",
}  # one person's, with the link that was mailed; tests/credits/test_late_grants.py
OWN = {
    "profile/",
    "credits/",
    "credits/transcript.csv",
    "credits/transcript.pdf",
    "credits/elsewhere/",
}  # the signed-in person's own, without a number in the address
OWNER = {
    "credits/<slug:reference>/",
    "credits/elsewhere/<int:row>/",
    "credits/elsewhere/<int:row>/document/",
    "credits/<slug:reference>/change/",
    "credits/<slug:reference>/permission/",
    "credits/<slug:reference>/points/",
    "reports/<int:pk>/",
    "certificates/<slug:number>.pdf",
    "certificates/<slug:number>/name/",
}
LEARNER = {
    "activities/<slug:slug>/study/",
    "activities/<slug:slug>/study/<int:item>/",
    "activities/<slug:slug>/study/<int:item>/done/",
    "activities/<slug:slug>/study/<int:item>/played/",
    "activities/<slug:slug>/study/<int:item>/file/",
    "activities/<slug:slug>/study/<int:item>/captions.vtt",
    "activities/<slug:slug>/<survey:kind>/",
    "activities/<slug:slug>/<survey:kind>/result/",
    "activities/<slug:slug>/<survey:kind>/<slug:key>/",
    "activities/<slug:slug>/<survey:kind>/<slug:key>/save/",
}
DEMONSTRATION = {"mail/", "mail/<slug:name>/", "mail/<slug:name>/<int:number>/"}
LIBRARIES = ("admin/", "accounts/")


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        found |= routes(pattern.url_patterns, route) if isinstance(pattern, URLResolver) else {route}
    return found


def test_every_address_is_in_a_list() -> None:
    own = {route for route in routes(get_resolver().url_patterns) if not route.startswith(LIBRARIES)}
    assert own == PUBLIC | POSTED | OFFICE | SHORT | SECRET | PERSONAL | OWN | OWNER | LEARNER | DEMONSTRATION


@pytest.fixture
def claimed(signed_in: Client, activity: Activity, fill: Fill) -> dict[str, str]:
    fill(moc=MOC)
    submit(signed_in, activity)
    runner.drain("certificates")
    activity.provider.logo.save("logo.png", picture())
    elsewhere = OutsideCredit(
        learner=User.objects.get(pk=signed_in.session["_auth_user_id"]), title="A course", provider="Others",
        credit="Credits", amount=1, earned_on="2026-01-01",
    )  # fmt: skip
    elsewhere.document.save("proof", picture())
    values = {
        "a/<slug:code>": f"a/{activity.code}",
        "reports/<int:pk>": f"reports/{Submission.objects.get().pk}",
        "<int:pk>": str(activity.provider_id),
        "<slug:slug>": activity.slug,
        "<slug:code>": Certificate.objects.get().code,
        "<slug:reference>": Claim.objects.get().reference,
        "<slug:number>": Certificate.objects.get().number,
        "<slug:key>": "credit",
        "<survey:kind>": "request",
        "<int:item>": "1",
        "<int:row>": str(elsewhere.pk),
    }
    addresses = {}
    for route in PUBLIC | OWN | OWNER | LEARNER:
        filled = route
        for placeholder, value in values.items():
            filled = filled.replace(placeholder, value)
        addresses[route] = f"/{filled}"
    return addresses


def test_anybody_opens_what_is_public_and_nothing_else(claimed: dict[str, str]) -> None:
    visitor = Client()
    assert {visitor.get(claimed[route]).status_code for route in PUBLIC} == {200}
    for route in OWN | OWNER | LEARNER:
        answer = visitor.get(claimed[route])
        assert (answer.status_code, answer["Location"].startswith("/accounts/login/code/")) == (302, True), route


@pytest.mark.parametrize("trait", [{}, {"nurse": True}, {"is_staff": True}])
def test_another_person_finds_nothing_at_the_owners_addresses(
    client: Client, claimed: dict[str, str], trait: dict[str, bool]
) -> None:
    stranger = Client()
    stranger.force_login(UserFactory(**trait))
    assert {route: stranger.get(claimed[route]).status_code for route in OWNER} == dict.fromkeys(OWNER, 404)


def test_owner_opens_everything(claimed: dict[str, str], signed_in: Client) -> None:
    reported = {"credits/<slug:reference>/points/": 403}  # the claim has its points already
    expected = dict.fromkeys(OWN | OWNER, 200) | reported
    assert {route: signed_in.get(claimed[route]).status_code for route in OWN | OWNER} == expected


def test_learner_does_not_enter_the_office(client: Client, learner: User) -> None:
    client.force_login(learner)
    for room in ("accounts/user", "credits/claim", "outbox/message", "audit/event", "reporting/submission"):
        assert client.get(f"/admin/{room}/").status_code in {302, 403}
