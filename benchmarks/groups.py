"""The rows of the table by group: name, baseline in words, and what makes the turns."""

from collections.abc import Callable
from functools import partial

from benchmarks import certificates, growth, subjects
from benchmarks.subjects import Turns

# What makes several in a turn; the table shows the cost of one.
SEVERAL = {certificates.FAST: certificates.BATCH, certificates.SIGNED: certificates.BATCH}
GROUPS: dict[str, list[tuple[str, str, Callable[[], Turns]]]] = {
    "pages": [
        ("activity-page", "an empty view", subjects.activity_page),
        ("activity-page-1000-sessions", "an empty view", subjects.large_page),
        ("catalogue-1000-activities", "an empty view", subjects.large_catalogue),
    ],
    "claims": [("claim-submit", "bare inserts of the same rows", subjects.claim_submit)],
    "surveys": [
        ("survey-150-questions", "an empty view", subjects.long_survey),
        ("results-50000", "one count by the database", subjects.many_results),
    ],
    "certificates": [
        (certificates.FAST, certificates.PLAIN, partial(certificates.turns, certificates.FAST)),
        (certificates.SIGNED, certificates.PLAIN, partial(certificates.turns, certificates.SIGNED)),
    ],
    "growth": [
        ("claim-300-sessions", "bare insert of the 300 rows", growth.claim_sessions),
        ("claim-300-sessions-1000000-awards", "the same among 10,000 awards", growth.claim_growth),
        ("transcript-200-claims", "an empty view", growth.transcript),
        ("transcript-200-1000000-awards", "the same among 10,000 awards", growth.transcript_growth),
    ],
}
