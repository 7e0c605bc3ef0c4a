"""Days and hours of an activity's own zone become instants, and instants become words."""

from datetime import UTC, date, datetime, time

import pytest
from django.core.exceptions import ValidationError

from activities import zones


@pytest.mark.parametrize(
    ("day", "hour", "zone", "moment"),
    [
        (date(2022, 2, 23), zones.END_OF_DAY, "America/Los_Angeles", datetime(2022, 2, 24, 7, 59, 59, tzinfo=UTC)),
        (date(2022, 7, 1), time(17), "America/New_York", datetime(2022, 7, 1, 21, tzinfo=UTC)),
        (date(2022, 7, 1), zones.END_OF_DAY, "Pacific/Honolulu", datetime(2022, 7, 2, 9, 59, 59, tzinfo=UTC)),
        # 01:30 comes twice on 6 November: the later one, so that nobody loses time.
        (date(2022, 11, 6), time(1, 30), "America/New_York", datetime(2022, 11, 6, 6, 30, tzinfo=UTC)),
        # 02:30 does not exist on 13 March.
        (date(2022, 3, 13), time(2, 30), "America/New_York", datetime(2022, 3, 13, 7, 30, tzinfo=UTC)),
    ],
)
def test_local_day_and_hour_is_one_instant(day: date, hour: time, zone: str, moment: datetime) -> None:
    assert zones.instant(day, hour, zone) == moment


def test_instant_is_told_with_weekday_hour_zone_and_place() -> None:
    moment = datetime(2022, 2, 24, 7, 59, 59, tzinfo=UTC)
    words = "Wednesday, February 23, 2022, 11:59 p.m. PST"
    assert zones.in_words(moment, "America/Los_Angeles", "Portland") == f"{words} (Portland)"
    assert zones.in_words(moment, "America/Los_Angeles") == f"{words} (Los Angeles)"


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2022, 1, 24), date(2022, 1, 24), "January 24, 2022"),
        (date(2022, 1, 24), date(2022, 1, 27), "January 24–27, 2022"),
        (date(2022, 1, 30), date(2022, 2, 2), "January 30 – February 2, 2022"),
        (date(2022, 2, 25), date(2023, 2, 25), "February 25, 2022 – February 25, 2023"),
    ],
)
def test_span_of_days_is_told_shortly(first: date, last: date, words: str) -> None:
    assert zones.span_in_words(first, last) == words


def test_unknown_zone_is_refused() -> None:
    assert zones.check_zone("Europe/Berlin") is None  # type: ignore[func-returns-value]
    with pytest.raises(ValidationError, match="is not a time zone"):
        zones.check_zone("Portland")
