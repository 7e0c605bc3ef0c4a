"""Holds a registry's table against our reports and writes down only what differs."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from office.models import Difference, Reconciliation
from office.registry_tables import Row
from reporting import states
from reporting.models import Submission
from reporting.states import State

Kind = Difference.Kind
Key = tuple[str, str, bool]  # the learner's number, the activity's ID or UAN, and whether it takes back
GONE = (State.CORRECTED, State.WITHDRAWN)
EXPECTED_THERE = (State.UNKNOWN, State.PENDING, State.ACCEPTED)


def compare(reconciliation: Reconciliation, rows: Iterable[Row]) -> tuple[list[Difference], int, int]:
    """Return the differences, not saved, the number of rows, and how many of them say what we say."""
    listed = list(rows)
    ours = _ours({row.activity_id for row in listed})
    seen: set[int] = set()
    doubtful: set[int] = set()
    found: list[Difference] = []
    for row in listed:
        candidates = [one for one in _candidates(row, ours) if one.pk not in seen]
        (seen if len(candidates) == 1 else doubtful).update(one.pk for one in candidates)
        difference = _difference(row, candidates)
        if difference:
            found.append(difference)
    same = len(listed) - len(found)
    if reconciliation.kind == Reconciliation.Kind.DOWNLOAD:
        found += [
            Difference(kind=Kind.MISSING, submission=row, words=f"{row.credit_id}: {row.get_state_display()} here.")
            for rows_of_key in ours.values()
            for row in rows_of_key
            if not row.is_deletion and row.pk not in seen | doubtful and row.state in EXPECTED_THERE
        ]
    for difference in found:
        difference.reconciliation = reconciliation
    return found, len(listed), same


def _ours(activities: set[str]) -> dict[Key, list[Submission]]:
    """Return what we reported or took back for these activities, by number, activity, and action."""
    found: dict[Key, list[Submission]] = {}
    rows = Submission.objects.filter(completion__activity_id__in=sorted(activities)).exclude(state__in=states.NOT_SENT)
    for one in rows.order_by("pk").iterator(chunk_size=1000):
        key = (one.identity["board_number"], one.completion["activity_id"], one.is_deletion)
        found.setdefault(key, []).append(one)
    return found


def _candidates(row: Row, ours: dict[Key, list[Submission]]) -> list[Submission]:
    """Return the reports that a row may be about, by CreditID, board, kind, day, and amount as far as it tells them."""
    every = ours.get((row.number, row.activity_id, row.deletes), [])
    found = [one for one in every if one.state not in GONE] or every
    told: tuple[tuple[object, Callable[[Submission], object]], ...] = (
        (row.credit_id, lambda one: one.credit_id),
        (row.board, lambda one: one.board),
        (row.kind, lambda one: one.completion["credit_type"]),
        (row.completed and row.completed.isoformat(), lambda one: one.completion["completed_on"]),
    )
    for said, ours_of in told:
        found = [one for one in found if not said or ours_of(one) == said]
    same = [one for one in found if row.amount == Decimal(one.completion["points"])]
    return same or found


def _difference(row: Row, candidates: list[Submission]) -> Difference | None:
    if not candidates:
        return Difference(kind=Kind.UNKNOWN, row=row.place, words=f"{row.board} {row.number}, {row.activity_id}")
    if len(candidates) > 1:
        words = f"It fits {', '.join(one.credit_id for one in candidates)}."
        return Difference(kind=Kind.AMBIGUOUS, row=row.place, words=words)
    (submission,) = candidates
    there = {"row": row.place, "submission": submission}
    if submission.state in GONE:
        rejected = row.decision == State.REJECTED
        return None if rejected else Difference(kind=Kind.LEFTOVER, words=f"{submission.state_in_words} here", **there)
    if row.amount is not None and row.amount != Decimal(submission.completion["points"]):
        words = f"{row.amount} there, {submission.completion['points']} here"
        return Difference(kind=Kind.AMOUNT, words=words, **there)
    if row.decision and row.decision != submission.state:
        return Difference(kind=Kind.DECISION, decision=row.decision, words=row.reason, **there)
    return None
