"""What a learner is told about a report: that the board accepted it, what is wrong with it, or what is missing."""

from collections.abc import Sequence

from accounts.reminders import address_to_turn_off
from outbox.messages import post
from reporting.models import Submission


def accepted(submission: Submission, rows: Sequence[Submission]) -> None:
    """Write the good news about all kinds of credit of one claim at one board."""
    _post(submission, "reporting/mail/accepted", rows=rows)


def rejected(submission: Submission, rows: Sequence[Submission]) -> None:
    """Write what the board says, and how to put it right; each of several reasons once."""
    reasons = list(dict.fromkeys(row.reason for row in rows if row.reason))
    _post(submission, "reporting/mail/rejected", rows=rows, reasons=reasons, other=any(row.told_at for row in rows))


def not_known_yet(submission: Submission) -> None:
    """Write that the board does not know the number yet, what happens now, and how to correct it."""
    _post(submission, "reporting/mail/not_known_yet")


def incomplete(submission: Submission) -> None:
    """Remind the learner of what only they can add, before it is too late."""
    turn_off = address_to_turn_off(submission.learner)
    _post(submission, "reporting/mail/incomplete", turn_off=turn_off)


def _post(submission: Submission, template: str, *, turn_off: str = "", **more: object) -> None:
    post(
        template=template,
        context={"submission": submission, "learner": submission.learner, "turn_off": turn_off, **more},
        to=submission.learner.email,
        reply_to=submission.reply_to,
        reference=submission.reference,
        about="reminders" if turn_off else "",
        unsubscribe=turn_off,
    )
