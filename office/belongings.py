"""Everything that belongs to a person, room by room, and what of it can move to another account of theirs.

What the other account has as well, for the same activity or registry, stays behind: it is a duplicate. Ledger, trail
and messages name who acted at the time, and never move.
"""

from dataclasses import dataclass

from django.db import models

from accounts.models import Consent, Identifier, User
from activities.models import Participation, Progress
from certificates.models import Certificate, NameCorrection
from credits.models import Attendance, CheckIn, Claim, ImportedRow, LateGrant, OutsideCredit, Reminder
from reporting.models import ReportedNumber, Submission
from surveys.models import ExtraAttempt, Response


@dataclass(frozen=True)
class Belonging:
    """Rows of one model that name a person in `owner`; there is one for each combination of `once`."""

    model: type[models.Model]
    owner: str
    once: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The model's name."""
        return str(self.model._meta.label_lower)  # noqa: SLF001 (Django's public name for it)

    @property
    def words(self) -> str:
        """What staff call the rows."""
        return str(self.model._meta.verbose_name_plural)  # noqa: SLF001 (likewise)

    def of(self, person: User) -> "models.QuerySet[models.Model]":
        """Return the person's rows."""
        return self.model._default_manager.filter(**{self.owner: person})  # noqa: SLF001 (likewise)

    def movable(self, merged: User, kept: User) -> list[int]:
        """Return the numbers of the rows that the kept account does not have as well."""
        taken = {tuple(row) for row in self.of(kept).values_list(*self.once)} if self.once else set()
        rows = self.of(merged).values_list("pk", *self.once)
        return [row[0] for row in rows if not self.once or tuple(row[1:]) not in taken]


@dataclass(frozen=True)
class Attempts(Belonging):
    """Responses to surveys: they move behind those of the kept account, under numbers of their own."""

    def movable(self, merged: User, kept: User) -> list[int]:
        """Return all but a draft where the kept account has one: that goes on."""
        return list(attempts(merged, kept))


BELONGINGS = (
    Belonging(Claim, "learner", ("activity", "role")),
    Belonging(Certificate, "learner"),
    Belonging(NameCorrection, "learner", ("state",)),
    Belonging(Submission, "learner"),
    Belonging(ReportedNumber, "learner"),
    Attempts(Response, "learner"),
    Belonging(ExtraAttempt, "learner"),
    Belonging(Participation, "learner", ("activity",)),
    Belonging(Progress, "learner", ("item",)),
    Belonging(Attendance, "learner", ("activity", "session")),
    Belonging(LateGrant, "learner", ("activity",)),
    Belonging(CheckIn, "learner", ("activity", "session")),
    Belonging(OutsideCredit, "learner"),
    Belonging(ImportedRow, "learner"),
    Belonging(Reminder, "learner", ("activity", "days")),
    Belonging(Identifier, "user", ("registry", "state")),
    Belonging(Consent, "user"),
)


def attempts(merged: User, kept: User) -> dict[int, int]:
    """Return under which numbers responses move behind those of the kept account.

    Where both have begun a survey and submitted nothing, the kept account's draft is the one that goes on.
    """
    last: dict[int, int] = {}
    for survey, attempt in Response.objects.filter(learner=kept).values_list("survey", "attempt"):
        last[survey] = max(attempt, last.get(survey, 0))
    drafts = set(Response.objects.filter(learner=kept, state="draft").values_list("survey", flat=True))
    found = {}
    for row in Response.objects.filter(learner=merged).order_by("survey", "attempt"):
        if row.state != "draft" or row.survey_id not in drafts:
            last[row.survey_id] = last.get(row.survey_id, 0) + 1
            found[row.pk] = last[row.survey_id]
    return found
