"""Reads from a registry's words whose data a rejection is about.

Registries publish no list of codes, so the words decide. What is not recognised is the office's to read: a learner is
never sent looking for a mistake that is not theirs.
"""

import re

from reporting.models import Submission

LEARNERS = re.compile(
    r"(?i)\b(not found|no such (person|learner|diplomate)|(does|do) not match|mismatch|birth|dob|date of birth"
    r"|first name|last name|e-?profile)\b"
)
OURS = re.compile(
    r"(?i)\b(activity|registered|provider|credits?|increments?|duplicate|completion date|certification|uan)\b"
)


def whose(words: str) -> str:
    """Return in whose data the cause lies."""
    if LEARNERS.search(words) and not OURS.search(words):
        return Submission.Fault.LEARNER
    return Submission.Fault.OFFICE
