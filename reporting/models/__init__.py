"""Submissions and the exchanges about them, batches, the line to a registry, and what it said of an identity."""

from reporting.models.activity_record import ActivityRecord
from reporting.models.batch import Batch
from reporting.models.identity import IdentityCheck, ReportedNumber
from reporting.models.line import Line
from reporting.models.submission import Exchange, Submission, standing_among
from reporting.models.year import ReportingYear

__all__ = [
    "ActivityRecord",
    "Batch",
    "Exchange",
    "IdentityCheck",
    "Line",
    "ReportedNumber",
    "ReportingYear",
    "Submission",
    "standing_among",
]
