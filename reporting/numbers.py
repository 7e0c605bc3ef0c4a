"""One person, not one account: a number is reported for an activity by one account alone.

A second account that brings the same number at the same board for the same activity is one person's, or one of the two
has mistyped. Its report is held for the office, who merges the accounts or corrects a number.
"""

import json

from django.utils.crypto import salted_hmac

from reporting.models import ReportedNumber, Submission
from reporting.states import State

ANOTHER_ACCOUNT = (
    "Another account has reported this {board} number for this activity ({reference}). If both are one person, merge "
    "the accounts and withdraw one of the claims; otherwise correct one of the numbers. Then release this."
)


def digest(submission: Submission) -> str:
    """Return the keyed digest of board, number and activity; empty as long as one of them is missing."""
    number, activity = submission.identity["board_number"], submission.completion["activity_id"]
    if not number or not activity:
        return ""
    words = json.dumps([submission.board, number.strip().upper(), activity])
    return salted_hmac("reporting.numbers", words, algorithm="sha256").hexdigest()


def held_by_another(submission: Submission) -> str:
    """Take the number for the report's learner, or say in words which account has it. Call it in a transaction.

    The row is locked, so that of two accounts at the same moment only one is the first. A number whose reports were all
    taken back or rejected is free again.
    """
    submission.number_digest = digest(submission)
    if not submission.number_digest or submission.is_deletion:
        return ""
    first = ReportedNumber(digest=submission.number_digest, learner=submission.learner)
    ReportedNumber.objects.bulk_create([first], ignore_conflicts=True)
    row = ReportedNumber.objects.select_for_update().get(digest=submission.number_digest)
    if row.learner_id == submission.learner_id:
        return ""
    others = Submission.objects.filter(number_digest=row.digest, learner=row.learner_id)
    other = next((one for one in others.exclude(state__in=(State.REJECTED, State.DRAFT)) if one.stands), None)
    if other:
        return ANOTHER_ACCOUNT.format(board=submission.board, reference=other.reference)
    row.learner = submission.learner
    row.save(update_fields=["learner"])
    return ""
