"""Speaks ACCME's Program and Activity Reporting System (PARS), and nothing else does.

Follows the draft "ACCME Learner Activity API" 1.0.0, learner-report schema 0.5 and activity schema 0.1.2. Where the
drafts are silent: ProviderId, User and Password travel as request headers; the board's decision is read from
`BoardStatus` (Pending, Accepted, Rejected) with `Reason`; the identity check is a POST to /learner-activities/match
that answers `Match` (true, false) or 404; activity records are a POST to /activities that answers with the ACCME
activity ID; and since the schema wants a full date of birth but nobody may ask for the year, the leap year 2000 stands
in its place. All of this is confined to this package.
"""

from reporting.pars.client import Answer, Contradiction, NoAnswer, NotTaken, ParsError, Refused, Request
from reporting.pars.operations import Standing, match, prepared, save, save_activity, status

__all__ = [
    "Answer",
    "Contradiction",
    "NoAnswer",
    "NotTaken",
    "ParsError",
    "Refused",
    "Request",
    "Standing",
    "match",
    "prepared",
    "save",
    "save_activity",
    "status",
]
