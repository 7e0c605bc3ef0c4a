"""A survey: the questions of one kind that an activity asks, in versions."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from activities.models import Activity

PASS_MARK = 70  # percent; what providers of self-study commonly ask for
SOONEST, LATEST = 30, 90  # days after which learners are asked what became of their plans


class SurveyQuerySet(models.QuerySet["Survey"]):
    """Many surveys."""

    def in_use(self) -> "SurveyQuerySet":
        """Return those that learners are given now."""
        return self.filter(state=Survey.State.IN_USE)


class Survey(models.Model):
    """The questions of one kind that an activity asks, or a set of questions to be used in many activities.

    One version of each kind is in use. What somebody has answered is not changed any more: a new version is made, and
    answers stay with the version that was asked. Attempts, cooling time, shuffling and feedback concern tests, the pass
    mark the post-test, `after_days` the follow-up.
    """

    class Kind(models.TextChoices):
        """What the survey is for; also its part of an address."""

        PRE_TEST = "pre-test", "Pre-test"
        POST_TEST = "post-test", "Post-test"
        EVALUATION = "evaluation", "Evaluation"
        REQUEST_FOR_CREDIT = "request", "Request for Credit"
        FOLLOW_UP = "follow-up", "Follow-up"
        SET = "set", "Question set"

    class State(models.TextChoices):
        """A draft becomes the version in use; the one before is retired."""

        DRAFT = "draft", "draft"
        IN_USE = "in_use", "in use"
        RETIRED = "retired", "retired"

    class Feedback(models.TextChoices):
        """When a post-test tells the right answers, and why; which questions were wrong it tells unless never."""

        AFTER_SUBMIT = "submit", "after each attempt"
        AFTER_PASSING = "passing", "after passing"
        NEVER = "never", "never"

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="surveys", null=True, blank=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=120, blank=True, help_text="Of a question set, which belongs to no activity.")
    version = models.PositiveSmallIntegerField(default=1, editable=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.IN_USE, editable=False)
    introduction = models.TextField(blank=True, help_text="What learners read before the first question.")
    pass_mark = models.PositiveSmallIntegerField(
        default=PASS_MARK,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="Percent of the questions answered correctly.",
    )
    attempts = models.PositiveSmallIntegerField(
        "attempts allowed", null=True, blank=True, validators=[MinValueValidator(1)], help_text="Empty: no limit."
    )
    cooling_minutes = models.PositiveIntegerField(
        "minutes between attempts", default=0, validators=[MaxValueValidator(60 * 24 * 90)]
    )
    shuffle = models.BooleanField("shuffle the choices", default=True)
    feedback = models.CharField(max_length=8, choices=Feedback.choices, default=Feedback.AFTER_PASSING)
    after_days = models.PositiveSmallIntegerField(
        "days after the claim", default=60, validators=[MinValueValidator(SOONEST), MaxValueValidator(LATEST)]
    )

    objects = SurveyQuerySet.as_manager()

    class Meta:
        ordering = ("activity", "kind", "-version")
        permissions = (("view_results", "Can see results, without names"),)
        constraints = (
            models.UniqueConstraint(F("activity"), F("kind"), F("version"), name="survey_version_once"),
            models.UniqueConstraint(
                fields=("activity", "kind"), condition=Q(state="in_use"), name="survey_in_use_once"
            ),
            models.UniqueConstraint(fields=("activity", "kind"), condition=Q(state="draft"), name="survey_draft_once"),
            models.CheckConstraint(
                condition=Q(activity__isnull=True, kind="set") | (Q(activity__isnull=False) & ~Q(kind="set")),
                name="survey_of_an_activity_or_a_set",
            ),
            models.CheckConstraint(condition=Q(pass_mark__range=(1, 100)), name="survey_pass_mark_in_percent"),
            models.CheckConstraint(condition=Q(after_days__range=(SOONEST, LATEST)), name="survey_after_30_to_90_days"),
        )

    def __str__(self) -> str:
        if self.is_set:
            return self.name or "Question set"
        version = f" (version {self.version})" if self.version > 1 else ""
        return f"{self.get_kind_display()}{version}: {self.activity}"

    def clean(self) -> None:
        """Say what belongs to which before the database refuses it."""
        if self.is_set and self.activity_id:
            raise ValidationError({"activity": "A question set belongs to no activity. Empty this field."})
        if self.is_set and not self.name:
            raise ValidationError({"name": "Give the question set a name by which it is found."})
        if not self.is_set and not self.activity_id:
            raise ValidationError({"activity": "Choose the activity that asks these questions."})
        if self._state.adding and not self.is_set:
            self._follow_the_others()

    def _follow_the_others(self) -> None:
        """A new survey beside retired ones is the next version; beside a living one there is no room."""
        others = list(Survey.objects.filter(activity=self.activity_id, kind=self.kind))
        if any(row.state != self.State.RETIRED for row in others):
            raise ValidationError({"kind": "The activity has one already. Open that, and start a new version there."})
        self.version = max((row.version for row in others), default=0) + 1

    @property
    def is_set(self) -> bool:
        """Whether it belongs to no activity."""
        return self.kind == self.Kind.SET

    @property
    def is_test(self) -> bool:
        """Whether its answers are right or wrong."""
        return self.kind in {self.Kind.PRE_TEST, self.Kind.POST_TEST}

    @property
    def is_in_use(self) -> bool:
        """Whether learners are given it now."""
        return self.state == self.State.IN_USE

    @cached_property
    def is_answered(self) -> bool:
        """Whether somebody had begun to answer it when this was first asked: then its questions stay as they are."""
        return self.responses.exists()
