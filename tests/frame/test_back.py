"""A refused form leaves no sent form behind: the browser's Back leads to pages, not to a question."""

import pytest
from django.test import Client

from accounts.models import User
from activities.models import Activity
from tests.surveys.conftest import address, signed_in

__all__ = ["signed_in"]
pytestmark = pytest.mark.django_db
BROWSER = {"sec-fetch-mode": "navigate"}


def send(client: Client, path: str, data: dict[str, str]) -> str:
    """Send a form as a browser does, and return where it leads."""
    answer = client.post(path, data, headers=BROWSER)
    assert answer.status_code == 303
    return str(answer["Location"])


def test_page_with_what_is_wrong_comes_by_a_get_and_once(signed_in: Client, activity: Activity) -> None:
    credit = address(activity, "credit")
    led = send(signed_in, credit, {"amount": "2.3"})
    assert led == f"{credit}?refused=yes"
    shown = signed_in.get(led)
    assert (shown.status_code, "There is a problem" in shown.content.decode()) == (422, True)
    assert "no-store" in shown["Cache-Control"]
    again = signed_in.get(led)
    assert (again.status_code, 'value="2.3"' in again.content.decode()) == (200, True)
    assert "refused" not in signed_in.session


def test_way_back_to_the_check_is_kept(signed_in: Client, activity: Activity) -> None:
    led = send(signed_in, f"{address(activity, 'credit')}?return=check", {"amount": "2.3"})
    assert led.endswith("?return=check&refused=yes")


@pytest.mark.parametrize(
    ("path", "data", "words"),
    [
        ("/profile/", {"first_name": "...", "last_name": "X", "profession": "physician"}, "Write it with letters."),
        ("/credits/elsewhere/", {"title": ""}, "This field is required."),
        ("/accounts/email/", {"action_add": "", "email": "no address"}, "valid email address"),
    ],
)
def test_every_form_of_learners_is_left_so(
    signed_in: Client, learner: User, path: str, data: dict[str, str], words: str
) -> None:
    assert words in signed_in.get(send(signed_in, path, data)).content.decode()


def test_kept_page_is_shown_for_its_own_address_only(signed_in: Client, activity: Activity) -> None:
    send(signed_in, address(activity, "credit"), {"amount": "2.3"})
    assert "There is a problem" not in signed_in.get("/profile/?refused=yes").content.decode()


def test_programs_get_their_answer_at_once(signed_in: Client, activity: Activity) -> None:
    assert signed_in.post(address(activity, "credit"), {"amount": "2.3"}).status_code == 422


def test_what_is_taken_is_answered_as_before(signed_in: Client, activity: Activity) -> None:
    answer = signed_in.post(address(activity, "credit"), {"amount": "2.25"}, headers=BROWSER)
    assert answer.status_code == 302
