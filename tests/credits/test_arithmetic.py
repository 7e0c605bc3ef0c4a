"""What chosen sessions give: exact to the quarter, time counted once, never above the maximum, and explained."""

from decimal import Decimal

import pytest

from activities.models import Activity, Entitlement, Session
from credits.arithmetic import Attended, Earned, earned_by_amount, earned_by_sessions
from tests.credits.making import session
from tests.factories import ActivityFactory

pytestmark = pytest.mark.django_db
ALL = {"ama_pra": "18.50", "ancc": "4.00", "participation": "18.50"}


@pytest.fixture
def activity() -> Activity:
    made: Activity = ActivityFactory(credit=ALL)
    return made


def entitlement(activity: Activity, code: str = "ama_pra") -> Entitlement:
    profession = {"ama_pra": "physician", "ancc": "nurse"}[code]
    return next(row for row in activity.entitlements(profession) if row.code == code)


def earned(activity: Activity, *sessions: Session | tuple[Session, str], code: str = "ama_pra") -> Earned:
    rows = [row if isinstance(row, tuple) else (row, str(row.credit)) for row in sessions]
    return earned_by_sessions(entitlement(activity, code), [Attended(row, Decimal(part)) for row, part in rows])


def test_sessions_one_after_the_other_add_up(activity: Activity) -> None:
    found = earned(activity, session(activity, "08:00-09:30"), session(activity, "09:30-10:15"))
    assert (found.amount, found.lines) == (Decimal("2.25"), ("2 sessions: 2.25",))
    assert str(found) == "2.25 AMA PRA Category 1 Credits™"


def test_part_of_a_session_counts_as_such(activity: Activity) -> None:
    assert earned(activity, (session(activity, "08:00-09:30"), "0.50")).amount == Decimal("0.50")


@pytest.mark.parametrize(
    ("hours", "credit", "lines"),
    [
        (["09:00-10:00", "09:00-10:00"], "1.00", 2),
        (["09:00-10:00", "09:30-10:30"], "1.50", 2),
        (["09:00-12:00", "09:00-10:00", "11:00-12:00"], "3.00", 2),
        (["09:00-10:00", "09:45-11:00", "10:45-12:00"], "3.00", 2),
        (["09:00-10:00", "10:00-11:00", "10:30-11:30"], "2.50", 2),
        (["08:00-09:00", "08:00-09:00", "10:00-11:00", "10:00-11:00"], "2.00", 3),
    ],
)
def test_time_at_two_sessions_counts_once_and_says_so(
    activity: Activity, hours: list[str], credit: str, lines: int
) -> None:
    found = earned(activity, *[session(activity, row, f"{row} {n}") for n, row in enumerate(hours)])
    assert (found.amount, len(found.lines)) == (Decimal(credit), lines)
    assert "were at the same time" in found.lines[1]


def test_parts_of_simultaneous_sessions_fit_into_the_time(activity: Activity) -> None:
    """Half an hour here and half an hour there is an hour: nothing is counted twice."""
    one, other = session(activity, "09:00-10:00", "A"), session(activity, "09:00-10:00", "B")
    assert earned(activity, (one, "0.50"), (other, "0.50")).amount == Decimal("1.00")
    assert earned(activity, (one, "0.75"), (other, "0.50")).amount == Decimal("1.00")


def test_at_one_time_the_session_that_gives_most_counts(activity: Activity) -> None:
    rich = session(activity, "09:00-11:00", "rich")
    poor = session(activity, "09:00-11:00", "poor", credit_set=Decimal("1.00"))
    other = session(activity, "09:00-11:00", "other", credit_set=Decimal("1.00"))
    assert earned(activity, rich, poor).amount == Decimal("2.00")
    assert earned(activity, poor, other).amount == Decimal("1.00")


def test_session_that_bridges_two_lends_them_no_time(activity: Activity) -> None:
    """Whoever was in one of two rooms from nine to ten was not in the other, whatever they did until one."""
    one, other = session(activity, "09:00-10:00", "A"), session(activity, "09:00-10:00", "C")
    bridge = session(activity, "09:45-13:00", "B")
    assert earned(activity, one, other, (bridge, "0.25")).amount == Decimal("1.25")
    assert earned(activity, one, other, bridge).amount == Decimal("4.00")


def test_odd_lengths_are_rounded_to_the_nearest_quarter_and_never_above_the_sum(activity: Activity) -> None:
    one, other = session(activity, "09:00-09:50", "A"), session(activity, "09:40-10:30", "B")
    assert (one.credit, other.credit) == (Decimal("0.75"), Decimal("0.75"))
    assert earned(activity, one, other).amount == Decimal("1.25")


def test_more_than_three_sessions_at_once_are_named_in_brief(activity: Activity) -> None:
    rows = [session(activity, "09:00-10:00", name) for name in "ABCD"]
    assert "“A” and “B” and 2 more were at the same time" in earned(activity, *rows).lines[1]


def test_maximum_is_the_end_and_explained(activity: Activity) -> None:
    rows = [session(activity, f"{hour:02}:00-{hour + 1:02}:00") for hour in range(8, 14)]
    found = earned(activity, *rows, code="ancc")
    assert (found.amount, found.lines[-1]) == (Decimal("4.00"), "less 2.00: at most 4.00 can be awarded")


def test_session_counts_only_for_its_own_credit_types(activity: Activity) -> None:
    ours = session(activity, "09:00-10:00", "ours", credit_types=["ama_pra"])
    both = session(activity, "09:00-10:00", "both")
    assert earned(activity, ours, code="ancc") == Earned(
        entitlement(activity, "ancc"), Decimal(0), ("0 sessions: 0.00",)
    )
    assert earned(activity, ours, both, code="ancc").lines == ("1 session: 1.00",)
    assert earned(activity, session(activity, "12:00-13:00", "lunch", credit_set=Decimal(0))).amount == 0


def test_series_gives_no_more_than_a_sessions_limit(activity: Activity) -> None:
    activity.designations.filter(credit_type="ama_pra").update(per_session=Decimal("1.00"))
    activity = Activity.objects.get(pk=activity.pk)
    assert earned(activity, session(activity, "09:00-11:00")).amount == Decimal("1.00")


def test_amount_gives_each_currency_up_to_its_maximum(activity: Activity) -> None:
    found = earned_by_amount(entitlement(activity, "ancc"), Decimal("6.00"))
    assert (found.amount, found.lines) == (Decimal("4.00"), ("less 2.00: at most 4.00 can be awarded",))
    assert earned_by_amount(entitlement(activity), Decimal("6.00")).lines == ()
