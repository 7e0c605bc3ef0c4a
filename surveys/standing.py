"""What is known of one learner in one activity, read in a fixed number of queries for the door to judge by."""

from dataclasses import dataclass
from functools import cached_property

from accounts.models import User
from activities.models import Activity, ContentItem, Participation, Progress
from credits import deadlines
from credits.models import Claim, LateGrant
from surveys.models import ExtraAttempt, Response, Survey


@dataclass
class Standing:
    """The facts; each is read when it is first asked for."""

    activity: Activity
    learner: User

    @cached_property
    def claim(self) -> Claim | None:
        """The claim, if there is one that counts."""
        found = Claim.objects.by_learner(self.learner, self.activity).prefetch_related("awards").first()
        return None if found and found.can_be_claimed_anew else found

    @cached_property
    def grant(self) -> LateGrant | None:
        """The office's leave to claim after the deadline."""
        return deadlines.grant_for(self.activity, self.learner)

    @cached_property
    def surveys(self) -> dict[str, Survey]:
        """The surveys in use by kind."""
        return {row.kind: row for row in Survey.objects.in_use().filter(activity=self.activity)}

    @cached_property
    def responses(self) -> dict[str, list[Response]]:
        """The responses by kind, the first attempt first, whatever the version they answer."""
        found = Response.objects.filter(survey__activity=self.activity, learner=self.learner)
        kinds: dict[str, list[Response]] = {}
        for row in found.defer("typed").select_related("survey").order_by("id"):
            kinds.setdefault(row.survey.kind, []).append(row)
        return kinds

    @cached_property
    def items(self) -> list[ContentItem]:
        """The content in order."""
        return list(self.activity.content.all())

    @cached_property
    def progress(self) -> dict[int, Progress]:
        """The progress by item."""
        found = Progress.objects.filter(item__activity=self.activity, learner=self.learner) if self.items else ()
        items = {item.pk: item for item in self.items}
        rows = {row.item_id: row for row in found}
        for pk, row in rows.items():
            row.item = items[pk]
        return rows

    @cached_property
    def participation(self) -> Participation | None:
        """When the disclosures were read."""
        return Participation.objects.filter(activity=self.activity, learner=self.learner).first()

    @cached_property
    def extra_attempts(self) -> int:
        """How many more attempts at the post-test staff allowed."""
        return ExtraAttempt.objects.filter(activity=self.activity, learner=self.learner).count()

    def is_done(self, item: ContentItem) -> bool:
        """Whether an item is done."""
        progress = self.progress.get(item.pk)
        return progress is not None and progress.done_at is not None

    @property
    def undone(self) -> list[ContentItem]:
        """What is still to be studied."""
        return [item for item in self.items if not self.is_done(item)]

    def draft(self, kind: str) -> Response | None:
        """The response that is being answered."""
        return next((row for row in self.responses.get(kind, ()) if not row.is_submitted), None)

    def submitted(self, kind: str) -> list[Response]:
        """The responses that were submitted."""
        return [row for row in self.responses.get(kind, ()) if row.is_submitted]

    @property
    def best(self) -> Response | None:
        """The best attempt at the post-test; a passed one before all others."""
        tried = self.submitted(Survey.Kind.POST_TEST)
        return max(tried, key=lambda row: (bool(row.passed), row.percent), default=None)

    @property
    def has_passed(self) -> bool:
        """Whether an attempt at the post-test passed."""
        return any(row.passed for row in self.submitted(Survey.Kind.POST_TEST))
