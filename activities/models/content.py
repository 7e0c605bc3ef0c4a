"""What there is to study in an activity, and how far a learner has come with it."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from activities import uploads, videos
from activities.models.activity import Activity
from activities.models.programme import LAST

Span = tuple[int, int]  # seconds of a recording, from and to
FASTEST = 2  # how much of a recording a second of the clock can play
SILENCE = timedelta(minutes=10)  # the longest time for which one report of a player is believed


class ContentItem(models.Model):
    """One thing to read, watch or listen to.

    `text` is Markdown: what there is to read, or for the other kinds what to know about it, such as a transcript.
    `length` and `share` say how long a recording is and how much of it must be played.
    """

    class Kind(models.TextChoices):
        """What it is."""

        TEXT = "text", "text"
        VIDEO = "video", "video"
        AUDIO = "audio", "audio"
        PDF = "pdf", "PDF"
        LINK = "link", "link"

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="content")
    position = models.PositiveSmallIntegerField(default=LAST)
    kind = models.CharField(max_length=5, choices=Kind.choices)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True, help_text="Markdown. For a recording: an introduction or its transcript.")
    file = models.FileField(
        blank=True, max_length=120, upload_to=uploads.content_name, help_text="MP4 or WebM, MP3, M4A, Ogg or WAV, PDF."
    )
    captions = models.FileField(
        blank=True, max_length=120, upload_to=uploads.captions_name, help_text="WebVTT, for a video that is uploaded."
    )
    address = models.URLField(
        blank=True, help_text="A link, or a video at YouTube or Vimeo. No page with advertisements: Standard 5."
    )
    minutes = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Time to complete.")
    length = models.DurationField(null=True, blank=True, help_text="Of a recording: hours:minutes:seconds.")
    share = models.PositiveSmallIntegerField(
        "share to be played",
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="In percent of a recording.",
    )

    class Meta:
        ordering = ("position", "id")
        verbose_name = "content item"
        constraints = (models.CheckConstraint(condition=Q(share__range=(1, 100)), name="content_share_in_percent"),)

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Say what does not fit its kind; what is still missing is the gate's business."""
        if self.kind == self.Kind.VIDEO and self.address and videos.player(self.address) is None:
            raise ValidationError({"address": f"Videos are played from {videos.NAMES}. Paste the video's own address."})
        if self.file and not _is_fresh(self.file):
            self._check_stored()
        elif self.file:
            uploads.check_content(self.file, self.kind)
        if _is_fresh(self.captions):
            uploads.check_captions(self.captions)
        if self.length is not None and self.length < timedelta(seconds=1):
            raise ValidationError({"length": "A recording lasts a second at least."})

    def _check_stored(self) -> None:
        """Another kind may have been chosen for the file that there is."""
        try:
            with self.file.open("rb") as stored:
                uploads.check_content(stored, self.kind)
        except FileNotFoundError:
            raise ValidationError({"file": "The file is gone. Upload it again."}) from None

    @property
    def is_recording(self) -> bool:
        """Whether it is played."""
        return self.kind in {self.Kind.VIDEO, self.Kind.AUDIO}

    @property
    def seconds(self) -> int:
        """The length of a recording; 0 for everything else."""
        return int(self.length.total_seconds()) if self.is_recording and self.length else 0

    @property
    def needed(self) -> int:
        """How many seconds of it must be played."""
        return self.seconds * self.share // 100

    @property
    def lacks(self) -> str:
        """What keeps it from being studied, in words for the office; empty when nothing does."""
        if self.kind == self.Kind.TEXT:
            return "" if self.text.strip() else "its text"
        if self.kind == self.Kind.LINK:
            return "" if self.address else "its address"
        if not self.file and not (self.kind == self.Kind.VIDEO and self.address):
            return "its file"
        return "its length" if self.is_recording and not self.length else ""


def _is_fresh(upload: Any) -> bool:
    """Whether the file is being uploaded now."""
    return bool(upload) and not upload._committed  # noqa: SLF001 (Django's mark of a fresh upload)


class Participation(models.Model):
    """A learner's part in an activity: when they were shown its disclosures, before any content."""

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="participations")
    learner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="participations")
    disclosures_read_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(F("activity"), F("learner"), name="participation_once"),)

    def __str__(self) -> str:
        return f"{self.learner}: {self.activity}"


class Progress(models.Model):
    """How far a learner has come with one item.

    `played` holds the spans of a recording that were played, apart and in order; `heard_at` is when the page was opened
    or a player last reported. No report can be worth more than the clock allows since then.
    """

    item = models.ForeignKey(ContentItem, on_delete=models.PROTECT, related_name="progress")
    learner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="progress")
    opened_at = models.DateTimeField(default=timezone.now)
    heard_at = models.DateTimeField(default=timezone.now)
    position = models.PositiveIntegerField(default=0, help_text="Where to go on, in seconds.")
    played = models.JSONField(default=list, blank=True)
    reports = models.BooleanField(default=False, help_text="Whether a player has reported since the page was opened.")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "progress"
        constraints = (models.UniqueConstraint(F("item"), F("learner"), name="progress_once"),)

    def __str__(self) -> str:
        return f"{self.learner}: {self.item}"

    @property
    def seconds(self) -> int:
        """How many different seconds of the recording were played."""
        return sum(end - start for start, end in self.played)

    @property
    def percent(self) -> int:
        """The share of the recording that was played."""
        return self.seconds * 100 // self.item.seconds if self.item.seconds else 0

    def hear(self, *, position: int, span: Span, now: datetime) -> None:
        """Take a player's report; of the span only as much counts as can have been played since the last one.

        Raises ValueError for a place that the recording does not have.
        """
        start, end = span
        if not (0 <= start <= end <= self.item.seconds and 0 <= position <= self.item.seconds):
            raise ValueError("There is no such place in this recording.")
        since = min(now - self.heard_at, SILENCE)
        possible = max(int(since.total_seconds() * FASTEST), 0)
        self.played = united([*(tuple(row) for row in self.played), (start, min(end, start + possible))])
        self.position, self.heard_at, self.reports = position, now, True

    def lacks(self, now: datetime) -> int:
        """Return how many seconds of the recording are still to be played.

        Where no player reports, because no script runs, the learner is believed when the page was open for as long as
        it takes.
        """
        open_for = 0 if self.reports else int((now - self.heard_at).total_seconds())
        return max(0, self.item.needed - max(self.seconds, open_for))


def united(spans: list[Any]) -> list[Span]:
    """Return the same seconds as spans that are apart and in order; empty ones are dropped."""
    whole: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole
