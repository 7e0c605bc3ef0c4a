"""Submissions, and how they are brought on their way."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from jobs import runner
from jobs.models import Job
from reporting.identities import digest
from reporting.models import IdentityCheck, Line, Submission
from reporting.services.queueing import queue
from reporting.snapshots import Completion, Identity

CREDIT_ID = "ccid:society.example:R-1-ABIM-MK-1"
Make = Callable[..., Submission]
COMPLETION: Completion = {
    "provider": "Society of Examples",
    "provider_id": "0000123",
    "activity": "Progress in Examples",
    "activity_id": "202200001",
    "completed_on": "2022-01-27",
    "credit_type": "Medical Knowledge",
    "points": "12.25",
}


def ada(number: str = "123456", month: int = 2, day: int = 29, **more: Any) -> Identity:
    """Return Ada Okafor as a board has her."""
    known: Identity = {
        "given_name": "Ada",
        "family_name": "Okafor",
        "board_number": number,
        "birth_month": month,
        "birth_day": day,
    }
    return {**known, **more}  # type: ignore[typeddict-item]


def report(
    learner: User, number: str = "123456", *, credit_id: str = CREDIT_ID, reference: str = "R-1", **more: Any
) -> Submission:
    """Queue a completion of 12.25 points; what is given else replaces parts of the completion.

    The board was asked before and knows the learner, unless the test has said otherwise.
    """
    options = {
        name: more.pop(name) for name in ("registry", "board", "send_at", "clocks", "identity", "after") if name in more
    }
    completion: Any = {**COMPLETION, **more}
    known_to(options.get("board", "ABIM"), options.get("identity") or ada(number))
    with transaction.atomic():
        return queue(
            **{
                "learner": learner,
                "reference": reference,
                "board": "ABIM",
                "credit_id": credit_id,
                "identity": ada(number),
                "completion": completion,
                "reply_to": "cme@society.example",
                "send_at": timezone.now(),
                "now": timezone.now(),
                **options,
            }
        )


def known_to(board: str, *identities_there: Identity) -> None:
    """Let a board have said that it knows these identities."""
    for identity in identities_there:
        IdentityCheck.objects.get_or_create(digest=digest(board, identity), defaults={"verdict": "matched"})


def run(submission: Submission, times: int = 1) -> Submission:
    """Run, so many times, whatever waits for the registry, and return the submission as it then is."""
    for _ in range(times):
        due = timezone.now() - timedelta(seconds=1)
        Line.objects.update(silent_until=None, free_at=due)
        Job.objects.filter(kind__startswith="reporting", state="todo").update(due=due)
        runner.drain("reporting", limit=1 if times == 1 else 20)
    submission.refresh_from_db()
    return submission
