"""The one table of learning formats: the noun that statements and certificates print, and what a format needs.

Sources: AMA PRA booklet (nouns; "other" since 2017 with a description), ACCME PARS (types, longest record).
Adding a format is one entry here.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Format:
    """One format.

    `scheduled` formats have days and a place; the others are worked through alone between release and expiry.
    `longest_years` is how long one record may run. `assessed` formats need a passing standard that learners know
    beforehand (AMA). `release` and `expiry` name the first and the last day.
    """

    code: str
    name: str
    noun: str
    pars_type: str
    scheduled: bool = False
    series: bool = False
    assessed: bool = False
    described: bool = False
    longest_years: int = 1


LIVE = Format("live", "live activity", "live activity", "Live Course", scheduled=True)
SERIES = Format(
    "series", "regularly scheduled series", "live activity", "Regularly Scheduled Series", scheduled=True, series=True
)
ENDURING = Format(
    "enduring", "enduring material", "enduring material", "Enduring Material", assessed=True, longest_years=3
)
JOURNAL = Format(
    "journal",
    "journal-based CME activity",
    "journal-based CME activity",
    "Journal-based CME",
    assessed=True,
    longest_years=3,
)
TEST_ITEMS = Format(
    "test_items", "test-item writing activity", "test-item writing activity", "Test-Item Writing"
)  # fmt: skip
MANUSCRIPT = Format(
    "manuscript", "manuscript review activity", "manuscript review activity", "Manuscript Review"
)  # fmt: skip
IMPROVEMENT = Format(
    "improvement", "PI CME activity", "PI CME activity", "Performance/Quality Improvement", longest_years=3
)
POINT_OF_CARE = Format(
    "point_of_care",
    "internet point-of-care activity",
    "internet point-of-care activity",
    "Internet Searching and Learning",
    longest_years=3,
)
OTHER = Format("other", "other activity (described)", "other activity", "Other", described=True, longest_years=3)

FORMATS = {
    kind.code: kind
    for kind in (
        LIVE, SERIES, ENDURING, JOURNAL, TEST_ITEMS, MANUSCRIPT, IMPROVEMENT, POINT_OF_CARE, OTHER,
    )
}  # fmt: skip
SCHEDULED = tuple(kind.code for kind in FORMATS.values() if kind.scheduled)


def years_later(day: date, years: int) -> date:
    """Return the same day some years on; 29 February becomes 28 February where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def choices() -> list[tuple[str, str]]:
    """Return the formats to choose from."""
    return [(kind.code, kind.name) for kind in FORMATS.values()]
