"""Studying: what there is, how far a learner has come, and what a tampered player gains (nothing)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import User
from activities import markup, ranges, uploads, videos
from activities.models import Activity, ContentItem, Participation, Progress
from activities.models.content import united
from activities.services import study
from tests.factories import ActivityFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def after(seconds: float) -> Any:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def item(activity: Activity) -> ContentItem:
    """A recording of 100 seconds of which 90 must be played."""
    facts = {"kind": "video", "title": "Film", "length": timedelta(seconds=100), "share": 90}
    return ContentItem.objects.create(activity=activity, **facts)


@pytest.fixture
def opened(item: ContentItem, learner: User) -> Progress:
    return study.open_item(item=item, learner=learner, now=NOW)


def report(item: ContentItem, learner: User, start: int, end: int, seconds: float) -> Progress:
    return study.report(item=item, learner=learner, position=end, span=(start, end), now=after(seconds))


def test_what_is_played_counts_once_and_can_be_resumed(item: ContentItem, learner: User, opened: Progress) -> None:
    report(item, learner, 0, 30, 30)
    report(item, learner, 20, 50, 60)
    progress = report(item, learner, 70, 80, 90)
    assert (progress.played, progress.seconds, progress.percent, progress.position) == ([(0, 50), (70, 80)], 60, 60, 80)
    assert str(progress) == "Ada Okafor, MD: Film"


def test_more_than_the_clock_allows_does_not_count(item: ContentItem, learner: User, opened: Progress) -> None:
    assert report(item, learner, 0, 100, 5).seconds == 10  # at twice the speed
    assert report(item, learner, 0, 100, 5).seconds == 10
    assert report(item, learner, 0, 100, 1).seconds == 10  # a clock that goes backwards gives nothing


def test_a_long_silence_is_not_believed_to_have_been_played(learner: User, activity: Activity) -> None:
    facts = {"kind": "audio", "title": "Long", "length": timedelta(hours=3)}
    long = ContentItem.objects.create(activity=activity, **facts)
    study.open_item(item=long, learner=learner, now=NOW)
    assert report(long, learner, 0, 10_000, 24 * 3600).seconds == 1200


@pytest.mark.parametrize(("start", "end", "position"), [(-1, 5, 5), (5, 4, 4), (0, 101, 50), (0, 5, 101), (0, 5, -1)])
def test_place_that_the_recording_does_not_have_is_refused(  # noqa: PLR0917 (fixtures and a case)
    item: ContentItem, learner: User, opened: Progress, start: int, end: int, position: int
) -> None:
    with pytest.raises(ValueError, match="no such place"):
        study.report(item=item, learner=learner, position=position, span=(start, end), now=after(200))
    assert Progress.objects.get().played == []


def test_enough_must_be_played(item: ContentItem, learner: User, opened: Progress) -> None:
    report(item, learner, 0, 20, 20)
    with pytest.raises(study.NotPlayed, match=r"Play 1 min 10 s more of it\."):
        study.finish(item=item, learner=learner, now=after(21))
    report(item, learner, 20, 80, 80)
    with pytest.raises(study.NotPlayed, match=r"Play 10 s more of it\."):
        study.finish(item=item, learner=learner, now=after(81))
    report(item, learner, 80, 100, 100)
    assert study.finish(item=item, learner=learner, now=after(101)).done_at == after(101)


def test_done_stays_done_at_its_first_time(item: ContentItem, learner: User, opened: Progress) -> None:
    study.finish(item=item, learner=learner, now=after(90))
    study.open_item(item=item, learner=learner, now=after(200))
    assert study.finish(item=item, learner=learner, now=after(201)).done_at == after(90)


def test_without_a_script_the_page_must_be_open_for_as_long_as_it_takes(
    item: ContentItem, learner: User, opened: Progress
) -> None:
    with pytest.raises(study.NotPlayed):
        study.finish(item=item, learner=learner, now=after(89))
    assert study.finish(item=item, learner=learner, now=after(90)).done_at


def test_opening_again_starts_the_clock_anew(item: ContentItem, learner: User, opened: Progress) -> None:
    study.open_item(item=item, learner=learner, now=after(3600))
    assert report(item, learner, 0, 100, 3601).seconds == 2
    assert Progress.objects.count() == 1


def test_what_was_never_opened_cannot_be_reported_or_done(item: ContentItem, learner: User) -> None:
    with pytest.raises(Progress.DoesNotExist):
        report(item, learner, 0, 1, 1)
    with pytest.raises(Progress.DoesNotExist):
        study.finish(item=item, learner=learner, now=NOW)


def test_text_is_done_when_the_learner_says_so(activity: Activity, learner: User) -> None:
    text = ContentItem.objects.create(activity=activity, kind="text", title="T", text="x")
    progress = study.open_item(item=text, learner=learner, now=NOW)
    assert (progress.percent, study.finish(item=text, learner=learner, now=NOW).done_at) == (0, NOW)


def test_disclosures_are_read_once(activity: Activity, learner: User) -> None:
    study.begin(activity=activity, learner=learner, now=NOW)
    study.begin(activity=activity, learner=learner, now=after(9))
    found = Participation.objects.get()
    assert (found.disclosures_read_at, str(found)) == (NOW, "Ada Okafor, MD: Progress in Examples")


def test_spans_are_united() -> None:
    assert united([(5, 9), (0, 3), (3, 4), (8, 12), (7, 7)]) == [(0, 4), (5, 12)]
    assert united([]) == []


@pytest.mark.parametrize(
    ("facts", "lacks"),
    [
        ({"kind": "text"}, "its text"),
        ({"kind": "text", "text": "x"}, ""),
        ({"kind": "link"}, "its address"),
        ({"kind": "link", "address": "https://example.org"}, ""),
        ({"kind": "pdf"}, "its file"),
        ({"kind": "pdf", "file": "a"}, ""),
        ({"kind": "audio", "address": "https://vimeo.com/123456"}, "its file"),
        ({"kind": "video", "address": "https://vimeo.com/123456"}, "its length"),
        ({"kind": "video", "file": "a", "length": timedelta(seconds=5)}, ""),
    ],
)
def test_item_tells_what_it_lacks(facts: dict[str, Any], lacks: str) -> None:
    assert ContentItem(title="T", **facts).lacks == lacks


MP4, WEBM, WAV = b"\0\0\0\x18ftypmp42" + b"\0" * 20, b"\x1a\x45\xdf\xa3" + b"\0" * 20, b"RIFF\0\0\0\0WAVEfmt "


@pytest.mark.parametrize(
    ("kind", "content", "fault"),
    [
        ("video", MP4, ""),
        ("video", WEBM, ""),
        ("audio", WAV, ""),
        ("audio", b"ID3" + b"\0" * 20, ""),
        ("pdf", b"%PDF-1.7 ...", ""),
        ("pdf", MP4, "This file holds no pdf."),
        ("video", b"<html><script>", "This file is none of MP4"),
        ("text", MP4, "This kind of content has no file."),
        ("link", MP4, "This kind of content has no file."),
    ],
)
def test_uploaded_content_is_judged_by_what_it_contains(kind: str, content: bytes, fault: str) -> None:
    item = ContentItem(title="T", kind=kind, activity=ActivityFactory(), file=ContentFile(content, name="x.html"))
    words = ""
    try:
        item.full_clean()
    except ValidationError as error:
        words = error.message_dict["file"][0]
    assert words.startswith(fault)
    assert bool(words) is bool(fault)


def test_upload_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(uploads.LARGEST_CONTENT, "pdf", 4)
    with pytest.raises(ValidationError, match="larger than"):
        uploads.check_content(ContentFile(b"%PDF-1.7", name="a"), "pdf")
    monkeypatch.setattr(uploads, "LARGEST_CAPTIONS", 4)
    with pytest.raises(ValidationError, match="larger than"):
        uploads.check_captions(ContentFile(b"WEBVTT", name="a"))


@pytest.mark.parametrize(("content", "fine"), [(b"WEBVTT\n", True), (b"\xef\xbb\xbfWEBVTT", True), (b"1\n00:", False)])
def test_captions_are_webvtt(content: bytes, fine: bool) -> None:
    facts = {"kind": "video", "title": "T", "activity": ActivityFactory(), "address": "https://youtu.be/abcdefghijk"}
    item = ContentItem(**facts, captions=ContentFile(content, name="a.vtt"))
    if fine:
        assert item.full_clean() is None  # type: ignore[func-returns-value]
    else:
        with pytest.raises(ValidationError, match="Captions are WebVTT files"):
            item.full_clean()


def test_recording_has_a_length_and_videos_come_from_known_hosts() -> None:
    item = ContentItem(title="T", kind="video", activity=ActivityFactory(), length=timedelta(0))
    with pytest.raises(ValidationError, match="lasts a second at least"):
        item.clean()
    item.address = "https://tube.example/1"
    with pytest.raises(ValidationError, match="Videos are played from YouTube or Vimeo"):
        item.clean()


@pytest.mark.parametrize(
    ("pasted", "player"),
    [
        ("https://www.youtube.com/watch?v=abcDEF_-123", "https://www.youtube-nocookie.com/embed/abcDEF_-123?"),
        ("https://youtube.com/watch?list=x&v=abcDEF_-123&t=5", "https://www.youtube-nocookie.com/embed/abcDEF_-123?"),
        ("https://youtu.be/abcDEF_-123?t=3", "https://www.youtube-nocookie.com/embed/abcDEF_-123?"),
        ("https://vimeo.com/123456789", "https://player.vimeo.com/video/123456789?dnt=1#t=7s"),
        ("https://player.vimeo.com/video/123456789?h=1", "https://player.vimeo.com/video/123456789?dnt=1#t=7s"),
        ("https://youtube.com.evil.example/watch?v=abcDEF_-123", ""),
        ("http://vimeo.com/123456789", ""),
        ("https://vimeo.com/123456789\nhttps://x", ""),
        ("javascript:alert(1)//https://vimeo.com/123456789", ""),
    ],
)
def test_pasted_address_becomes_a_player_of_a_known_host(pasted: str, player: str) -> None:
    found = videos.player(pasted)
    assert (found.address(7) if found else "").startswith(player)
    assert bool(found) is bool(player)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# A\n\n*b* **c**", "<h2>A</h2>\n<p><em>b</em> <strong>c</strong></p>\n"),
        ("###### A", "<h6>A</h6>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ('[a](https://x.example "t")', '<p><a href="https://x.example" title="t" rel="noopener nofollow">a</a></p>\n'),
        ("![a](https://x.example/p.png)", "<p></p>\n"),
        ("<a onclick=x>", "<p>&lt;a onclick=x&gt;</p>\n"),
    ],
)
def test_markdown_is_defused(text: str, html: str) -> None:
    assert markup.html(text) == html


@pytest.mark.parametrize(
    ("asked", "status", "content", "span"),
    [
        ("", 200, b"0123456789", None),
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=-99", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=5-99", 206, b"56789", "bytes 5-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=5-3", 416, b"", "bytes */10"),
        ("bytes=-", 200, b"0123456789", None),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
def test_file_is_given_in_the_parts_that_are_asked_for(asked: str, status: int, content: bytes, span: str) -> None:
    answer = ranges.answer(ContentFile(b"0123456789"), asked, "video/mp4")
    got = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    assert (answer.status_code, got, answer.get("Content-Range")) == (status, content, span)


def test_no_part_is_larger_than_a_few_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "PART", 4)
    answer = ranges.answer(ContentFile(b"0123456789"), "bytes=0-", "video/mp4")
    assert (answer.content, answer["Content-Range"]) == (b"0123", "bytes 0-3/10")  # type: ignore[attr-defined]


def test_large_file_is_never_given_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "LARGEST_WHOLE", 4)
    answer = ranges.answer(ContentFile(b"0123456789"), "", "video/mp4")
    assert (answer.status_code, answer["Content-Range"]) == (416, "bytes */10")
    assert ranges.answer(ContentFile(b"0123456789"), f"bytes={'9' * 4400}-", "video/mp4").status_code == 416


def test_two_learners_have_progress_of_their_own(item: ContentItem, learner: User, opened: Progress) -> None:
    other = UserFactory()
    study.open_item(item=item, learner=other, now=NOW)
    report(item, other, 0, 50, 50)
    assert Progress.objects.get(learner=learner).played == []
