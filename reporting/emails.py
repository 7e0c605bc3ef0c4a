"""What a learner is told about a report: that the board accepted it, or what is wrong with it."""

from outbox.messages import post
from reporting.models import Submission


def accepted(submission: Submission) -> None:
    """Write the good news."""
    _post(submission, "reporting/mail/accepted")


def rejected(submission: Submission) -> None:
    """Write what the board says and how to put it right."""
    _post(submission, "reporting/mail/rejected")


def _post(submission: Submission, template: str) -> None:
    post(
        template=template,
        context={"submission": submission, "learner": submission.learner},
        to=submission.learner.email,
        reply_to=submission.reply_to,
        reference=submission.reference,
    )
