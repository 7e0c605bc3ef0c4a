"""The pages of self-study: disclosures first, parts in order, files only for who may study."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from activities.models import Activity, ContentItem, Participation, Progress
from activities.services import study
from tests.factories import ActivityFactory, UserFactory
from tests.office_forms import form_of
from tests.surveys.making import LENGTH, MOMENT, self_study, study_all

pytestmark = pytest.mark.django_db
WAV = b"RIFF\0\0\0\0WAVEfmt " + b"\0" * 84


@pytest.fixture(autouse=True)
def _uploads(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def activity(learner: User) -> Activity:
    return self_study()


@pytest.fixture
def begun(activity: Activity, learner: User) -> Activity:
    study.begin(activity=activity, learner=learner, now=timezone.now())
    return activity


def address(activity: Activity, *parts: object) -> str:
    return "/".join([f"/activities/{activity.slug}/study", *(str(part) for part in parts), ""])


def items(activity: Activity) -> list[ContentItem]:
    return list(activity.content.all())


def test_disclosures_and_support_come_before_content(signed_in: Client, activity: Activity) -> None:
    first = items(activity)[0]
    for part in ((first.pk,), (first.pk, "file")):
        assert signed_in.get(address(activity, *part))["Location"] == address(activity)
    page = signed_in.get(address(activity)).content.decode()
    assert ("Before you begin" in page, "Disclosure" in page, first.title in page) == (True, True, False)
    assert signed_in.post(address(activity))["Location"] == address(activity)
    assert Participation.objects.get().activity == activity
    page = signed_in.get(address(activity)).content.decode()
    assert f'href="{address(activity, first.pk)}">Read' in page
    assert "First: Read." in page


def test_parts_are_done_one_after_the_other(signed_in: Client, begun: Activity) -> None:
    first, second = items(begun)
    assert signed_in.get(address(begun, second.pk)).status_code == 403
    assert "<h2>Read <em>this</em></h2>" in signed_in.get(address(begun, first.pk)).content.decode()
    assert signed_in.post(address(begun, first.pk, "done"))["Location"] == address(begun, second.pk)
    signed_in.get(address(begun, second.pk))
    refused = signed_in.post(address(begun, second.pk, "done"), follow=True)
    assert refused.redirect_chain == [(address(begun, second.pk), 302)]
    assert "90 % is needed. Play 1 min 30 s more of it." in refused.content.decode()
    assert signed_in.get(address(begun, second.pk, "done"))["Location"] == address(begun, second.pk)
    with time_machine.travel(timezone.now() + LENGTH, tick=False):
        assert signed_in.post(address(begun, second.pk, "done"))["Location"] == address(begun)
    page = signed_in.get(address(begun)).content.decode()
    assert ("2 of 2 parts done." in page, "Next: Request for Credit" in page) == (True, True)
    again = signed_in.get(address(begun, first.pk)).content.decode()
    assert ("✓ Done" in again, "Next: Listen" in again) == (True, True)


def test_done_without_having_opened_it_opens_it(signed_in: Client, begun: Activity) -> None:
    first = items(begun)[0]
    assert signed_in.post(address(begun, first.pk, "done"))["Location"] == address(begun, first.pk)


def test_player_reports_and_goes_on_where_it_was_left(signed_in: Client, begun: Activity, learner: User) -> None:
    second = items(begun)[1]
    begun.content.filter(pk=items(begun)[0].pk).delete()
    now = timezone.now()
    study.open_item(item=second, learner=learner, now=now - timedelta(seconds=60))
    report = {"position": "40", "start": "0", "end": "40"}
    answer = signed_in.post(address(begun, second.pk, "played"), report).json()
    assert answer == {"percent": 40, "enough": False}
    assert 'data-position="40"' in signed_in.get(address(begun, second.pk)).content.decode()
    assert "40 % played" in signed_in.get(address(begun)).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"end": "101"}, {"position": "-1"}, {"start": "x"}, {"start": ""}, {"end": "9" * 30}]
)
def test_tampered_position_is_refused(signed_in: Client, begun: Activity, learner: User, wrong: dict[str, str]) -> None:
    begun.content.filter(pk=items(begun)[0].pk).delete()
    item = items(begun)[0]
    signed_in.get(address(begun, item.pk))
    answer = signed_in.post(address(begun, item.pk, "played"), {"position": "1", "start": "0", "end": "1"} | wrong)
    assert (answer.status_code, answer.json()) == (400, {"refused": "There is no such place in this recording."})
    assert Progress.objects.get().played == []


def test_file_is_served_in_parts_to_who_may_study(signed_in: Client, begun: Activity) -> None:
    begun.content.filter(pk=items(begun)[0].pk).delete()
    item = items(begun)[0]
    assert signed_in.get(address(begun, item.pk, "file"))["Location"] == address(begun, item.pk)
    signed_in.get(address(begun, item.pk))
    assert signed_in.get(address(begun, item.pk, "file")).status_code == 404
    item.file.save("x.html", ContentFile(WAV))
    answer = signed_in.get(address(begun, item.pk, "file"), headers={"range": "bytes=0-3"})
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (206, b"RIFF", "audio/wav")
    assert (answer["X-Content-Type-Options"], answer["Content-Disposition"]) == ("nosniff", "inline")
    item.file.save("x.html", ContentFile(b"<script>alert(1)</script>"))
    assert signed_in.get(address(begun, item.pk, "file")).status_code == 404


def test_captions_are_served(signed_in: Client, begun: Activity) -> None:
    first = items(begun)[0]
    captions = address(begun, first.pk) + "captions.vtt"
    assert signed_in.get(captions)["Location"] == address(begun, first.pk)
    signed_in.get(address(begun, first.pk))
    assert signed_in.get(captions).status_code == 404
    first.captions.save("a", ContentFile(b"WEBVTT"))
    answer: Any = signed_in.get(captions)
    assert (b"".join(answer.streaming_content), answer["Content-Type"]) == (b"WEBVTT", "text/vtt; charset=utf-8")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"kind": "pdf"}, "Open the PDF"),
        ({"kind": "link", "address": "https://example.org/a"}, 'href="https://example.org/a" target="_blank"'),
        ({"kind": "video", "length": LENGTH}, "<video controls"),
        ({"kind": "video", "length": LENGTH, "address": "https://vimeo.com/123456"}, "<iframe src="),
    ],
)
def test_every_kind_of_content_has_its_page(
    signed_in: Client, begun: Activity, facts: dict[str, Any], words: str
) -> None:
    item = ContentItem.objects.create(activity=begun, position=0, title="It", **facts)
    answer = signed_in.get(address(begun, item.pk))
    assert words in answer.content.decode()
    assert "frame-src https://www.youtube-nocookie.com https://player.vimeo.com" in answer["Content-Security-Policy"]


def test_item_of_another_activity_does_not_exist(signed_in: Client, begun: Activity) -> None:
    other = self_study()
    assert signed_in.get(address(begun, items(other)[0].pk)).status_code == 404


def test_activity_without_content_leads_to_its_page(signed_in: Client) -> None:
    activity = ActivityFactory()
    assert signed_in.get(address(activity))["Location"] == activity.get_absolute_url()


def test_expired_content_is_shut_even_for_who_has_done_it(signed_in: Client, activity: Activity, learner: User) -> None:
    study_all(activity, learner)
    with time_machine.travel(activity.ends_at + MOMENT, tick=False):
        signed_in.force_login(learner)
        answer = signed_in.get(address(activity, items(activity)[0].pk))
        assert (answer.status_code, "The activity expired on" in answer.content.decode()) == (403, True)
        assert signed_in.get(address(activity)).status_code == 200


def test_content_that_is_shut_says_why(signed_in: Client, activity: Activity, learner: User) -> None:
    with time_machine.travel(activity.ends_at + MOMENT, tick=False):
        signed_in.force_login(learner)
        assert "The activity expired on" in signed_in.get(address(activity)).content.decode()


def test_claim_box_leads_on(signed_in: Client, activity: Activity, learner: User) -> None:
    page = activity.get_absolute_url()
    assert f'href="{address(activity)}">Sign in and study' in Client().get(page).content.decode()
    assert f'href="{address(activity)}">Study' in signed_in.get(page).content.decode()
    study.begin(activity=activity, learner=learner, now=timezone.now())
    signed_in.get(address(activity, items(activity)[0].pk))
    assert "Go on studying" in signed_in.get(page).content.decode()


class TestPreviewOfADraft:
    """Staff see a draft's content as learners will, part by part; nothing is kept."""

    @pytest.fixture
    def draft(self, client: Client) -> Activity:
        client.force_login(UserFactory(officer=True))
        return self_study(draft=True)

    def test_shows_every_part_and_its_files(self, client: Client, draft: Activity) -> None:
        first, second = items(draft)
        assert client.get(address(draft))["Location"] == address(draft, first.pk)
        page = client.get(address(draft, second.pk)).content.decode()
        assert ("Preview of a draft" in page, "<audio" in page) == (True, True)
        second.file.save("a", ContentFile(WAV))
        assert client.get(address(draft, second.pk, "file"), headers={"range": "bytes=0-1"}).status_code == 206
        assert client.post(address(draft, second.pk, "done"))["Location"] == address(draft, second.pk)
        assert not Progress.objects.exists()

    def test_is_led_to_from_the_office(self, client: Client, draft: Activity) -> None:
        item = items(draft)[0]
        page = client.get(f"/admin/activities/contentitem/{item.pk}/change/").content.decode()
        assert f'href="{address(draft, item.pk)}">Preview this part' in page

    def test_is_not_for_learners(self, client: Client, draft: Activity, learner: User) -> None:
        client.force_login(learner)
        assert client.get(address(draft, items(draft)[0].pk)).status_code == 404


class TestOffice:
    """Content in the office."""

    @pytest.fixture(autouse=True)
    def _officer(self, client: Client) -> None:
        client.force_login(UserFactory(officer=True))

    def test_change_of_a_published_activitys_content_is_guarded(self, client: Client) -> None:
        item = items(self_study())[0]
        change = f"/admin/activities/contentitem/{item.pk}/change/"
        data = form_of(client, change)
        assert "lacks its text" in client.post(change, data | {"text": ""}).content.decode()
        assert client.post(change, data | {"title": "Read this"}).status_code == 302
        assert ContentItem.objects.get(pk=item.pk).title == "Read this"

    def test_list_tells_the_time(self, client: Client) -> None:
        activity = self_study()
        activity.content.filter(position=1).update(minutes=15)
        page = client.get(f"/admin/activities/contentitem/?activity__id__exact={activity.pk}").content.decode()
        assert "15 min" in page

    def test_what_somebody_opened_stays_what_it_is(self, client: Client, learner: User) -> None:
        activity = self_study()
        item = items(activity)[0]
        change = f"/admin/activities/contentitem/{item.pk}/"
        assert client.get(f"{change}delete/").status_code == 200
        study.open_item(item=item, learner=learner, now=timezone.now())
        assert client.post(f"{change}delete/", {"post": "yes"}).status_code == 403
        assert 'name="kind"' not in client.get(f"{change}change/").content.decode()

    def test_another_kind_must_suit_the_file_that_there_is(self) -> None:
        item = items(self_study())[1]
        item.file.save("a", ContentFile(WAV))
        item.full_clean()
        item.kind = "video"
        with pytest.raises(ValidationError, match=r"This file holds no video\."):
            item.full_clean()
        item.file.storage.delete(str(item.file.name))
        with pytest.raises(ValidationError, match=r"The file is gone\."):
            ContentItem.objects.get(pk=item.pk).full_clean()


def test_what_was_done_stays_done_when_it_has_expired(signed_in: Client, activity: Activity, learner: User) -> None:
    study_all(activity, learner)
    with time_machine.travel(activity.ends_at + MOMENT, tick=False):
        signed_in.force_login(learner)
        page = signed_in.get(address(activity)).content.decode()
    assert page.count("(done)") >= 2
    assert "failed" not in page


def test_deadline_that_shuts_several_steps_is_told_once(signed_in: Client, activity: Activity, learner: User) -> None:
    with time_machine.travel(activity.claim_until + MOMENT, tick=False):
        signed_in.force_login(learner)
        page = signed_in.get(activity.get_absolute_url()).content.decode()
    steps = page.partition('<ol class="steps">')[2].partition("</ol>")[0]
    assert (steps.count("expired on"), steps.count("The deadline was")) == (1, 1)
