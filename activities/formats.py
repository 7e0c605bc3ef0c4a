"""The one table of learning formats: the noun that statements and certificates print, and what a format needs.

Sources: AMA PRA booklet (nouns; "other" since 2017 with a description), ACCME PARS (longest record).
Adding a format is one entry here.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Format:
    """One format.

    `scheduled` formats have days and a place; the others are worked through alone between release and expiry. A
    `series` states the credit of one session. `timed` formats give an hour's credit for an hour; for the others the AMA
    fixes the credit of an item, a review or a project. `assessed` formats need a passing standard that learners know
    beforehand, `described` ones a few words in the statement. `longest_years` is how long one record may run.
    """

    code: str
    name: str
    noun: str
    scheduled: bool = False
    series: bool = False
    timed: bool = False
    assessed: bool = False
    described: bool = False
    longest_years: int = 1


LIVE = Format("live", "live activity", "live activity", scheduled=True, timed=True)
SERIES = Format("series", "regularly scheduled series", "live activity", scheduled=True, series=True, timed=True)
ENDURING = Format("enduring", "enduring material", "enduring material", timed=True, assessed=True, longest_years=3)
JOURNAL = Format(
    "journal",
    "journal-based CME activity",
    "journal-based CME activity",
    timed=True,
    assessed=True,
    longest_years=3,
)
TEST_ITEMS = Format("test_items", "test-item writing activity", "test-item writing activity")
MANUSCRIPT = Format("manuscript", "manuscript review activity", "manuscript review activity")
IMPROVEMENT = Format("improvement", "PI CME activity", "PI CME activity", longest_years=3)
POINT_OF_CARE = Format(
    "point_of_care", "internet point-of-care activity", "internet point-of-care activity", longest_years=3
)
OTHER = Format("other", "other activity (described)", "other activity", timed=True, described=True, longest_years=3)

FORMATS = {
    kind.code: kind
    for kind in (
        LIVE, SERIES, ENDURING, JOURNAL, TEST_ITEMS, MANUSCRIPT, IMPROVEMENT, POINT_OF_CARE, OTHER,
    )
}  # fmt: skip


def years_later(day: date, years: int) -> date:
    """Return the same day some years on; 29 February becomes 28 February where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def choices() -> list[tuple[str, str]]:
    """Return the formats to choose from."""
    return [(kind.code, kind.name) for kind in FORMATS.values()]
