"""Writes the decisions that a registry's table tells down as ours, some at a time."""

from collections.abc import Iterable

from accounts.models import User
from jobs.transactions import short_write
from office.models import Difference, Reconciliation
from reporting.models import Submission
from reporting.services import batching
from reporting.services.batching import Result
from reporting.states import State

AT_ONCE = 200
TAKEN_OVER, LEFT = "taken over", "left: our report is {}"


@short_write
def take_over_some(*, reconciliation: Reconciliation) -> bool:
    """Write some decisions down; whether there may be more. What is past it is left, and says so."""
    rows = reconciliation.differences.filter(kind=Difference.Kind.DECISION, done="").select_related("submission")
    chosen = named(rows[:AT_ONCE])
    results = [Result(submission, State(row.decision), row.words) for row, submission in chosen]
    actor = User.objects.get(pk=reconciliation.taken_over_by_id or 0)
    batching.settle(results=results, actor=actor)
    for row, submission in chosen:
        submission.refresh_from_db()
        same = submission.state == row.decision
        done(row, TAKEN_OVER if same else LEFT.format(submission.get_state_display()))
    return bool(chosen)


def named(rows: Iterable[Difference]) -> list[tuple[Difference, Submission]]:
    """Return the differences that are about a report of ours, each with it."""
    return [(row, row.submission) for row in rows if row.submission]


def done(row: Difference, words: str) -> None:
    """Write down what was done about a difference."""
    Difference.objects.filter(pk=row.pk).update(done=words[:300])
