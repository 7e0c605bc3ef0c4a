"""The publish gate and the closing gate: a test for each finding, and an activity without any."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from activities import compliance
from activities.compliance import Findings, Level, credit
from activities.credit_types import CREDIT_TYPES
from activities.models import (
    Activity,
    ClosingRecord,
    CommercialSupport,
    LearnerCount,
    MocRegistration,
    Person,
    Role,
)
from surveys.models import Survey
from tests.activities.making import (
    Change,
    designate,
    edit,
    own_pace,
    perfect,
    person_with,
    provider,
    register,
    session,
    several,
    support,
    update,
)
from tests.factories import ActivityFactory, ProviderFactory, make_sessions, today

pytestmark = pytest.mark.django_db


def check(activity: Activity) -> Findings:
    return compliance.PUBLISHING.check(Activity.objects.with_everything().get(pk=activity.pk), timezone.now())


def codes(activity: Activity, level: Level) -> list[str]:
    return [row.code for row in check(activity).rows if row.level == level]


def drop(kind: str) -> Change:
    return lambda activity: activity.designations.filter(credit_type=kind).delete()


def join(activity: Activity) -> None:
    Role.objects.create(activity=activity, person=Person.objects.create(name="Bo"), part="faculty")


def ago(**span: int) -> datetime:
    return timezone.now() - timedelta(**span)


def elsewhere(activity: Activity) -> None:
    other = ActivityFactory(credit={"acpe": "1.00"}, pars_id="")
    other.designations.update(uan=activity.designations.get(credit_type="acpe").uan)


JOINT = provider(accreditation="joint")
UAN = f"JA0000123-0000-{today() - timedelta(days=6):%y}-001-L01-P"  # the year in which the activity begins
PHARMACY = several(JOINT, designate("acpe", uan=UAN, pharmacy_kind="knowledge"))
PENDING = update(support_state="pending")
NAMED = update(support_state="named")


def test_perfect_activities_have_no_findings() -> None:
    assert check(perfect()).rows == ()
    assert check(own_pace()).rows == ()


LIVE = [
    (update(claim_until=ago(hours=1), ends_at=ago(days=2)), "deadline-passed"),
    (update(ends_on=today() + timedelta(days=900), claim_until=timezone.now() + timedelta(days=900)), "longest"),
    (update(format="other"), "described"),
    (update(delivery=""), "delivery"),
    (update(city=""), "place"),
    (update(format="series"), "series"),
    (lambda activity: activity.objectives.all().delete(), "objectives"),
    (several(register(), update(pars_id="")), "pars-id"),
    (session(day=today() + timedelta(days=90)), "sessions-outside"),
    (lambda activity: activity.designations.all().delete(), "credit"),
    (designate("ancc"), "not-accredited"),
    (designate("ipce"), "not-accredited"),
    (several(update(format="series"), session()), "per-session"),
    (several(session(), designate("ama_pra", per_session=Decimal("1.25"))), "session-too-much"),
    (lambda activity: ActivityFactory(pars_id=activity.pars_id), "pars-id-twice"),
    (several(PHARMACY, designate("acpe", uan=UAN), elsewhere), "uan-twice"),
    (lambda activity: activity.surveys.get().questions.get().choices.all().delete(), "no-choices"),
    (several(PHARMACY, designate("acpe", uan="")), "uan"),
    (several(PHARMACY, designate("acpe", uan=UAN.replace("-P", "-T"))), "uan-audience"),
    (several(PHARMACY, designate("acpe", uan=UAN.replace("L01", "H01"))), "uan-format"),
    (several(PHARMACY, designate("acpe", pharmacy_kind="")), "acpe-type"),
    (several(PHARMACY, designate("acpe", pharmacy_kind="practice", maximum=Decimal("7.75"))), "acpe-least"),
    (several(PHARMACY, designate("acpe", live_date=date(2020, 1, 1))), "live-date"),
    (several(JOINT, designate("aapa", approved_until=date(2020, 1, 1))), "aapa-until"),
    (several(register(), drop("ama_pra")), "moc-needs-ama"),
    (register(maximum=Decimal("18.75")), "moc-above-credit"),
    (register(claim_until_day=date(2020, 1, 1)), "moc-claim-date"),
    (register(), "moc-evaluation"),
    (update(disclosure_route="exempt"), "exemption"),
    (update(disclosure_route="elsewhere"), "place-of-disclosure"),
    (update(disclosure_route="elsewhere"), "mitigated"),
    (lambda activity: activity.roles.all().delete(), "people"),
    (join, "not-disclosed"),
    (lambda activity: person_with(activity, "Bo", signed_at=timezone.now() - timedelta(days=366)), "disclosure-old"),
    (lambda activity: person_with(activity, "Bo", companies=["Pfizer"], nature="employee"), "owner-or-employee"),
    (lambda activity: person_with(activity, "Bo", companies=["Pfizer"], decision=""), "not-judged"),
    (support(), "support-state"),
    (NAMED, "support-names"),
    (edit("designation:ama_pra", "Approved for credit."), "wording"),
    (lambda activity: Survey.objects.filter(activity=activity).delete(), "request"),
    (update(claim_by="codes"), "codes-missing"),
    (several(update(claim_by="codes"), session(credit_set=0)), "codes-missing"),
    (several(update(claim_by="codes", own_code="ABCDEF"), session()), "code-unused"),
    (update(own_code="ABCDEF"), "code-unused"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code"), LIVE, ids=[code for _change, code in LIVE])
def test_error_stops_publishing(change: Change, code: str) -> None:
    activity = perfect(questions=1)
    change(activity)
    assert code in codes(activity, Level.ERROR)


OWN_PACE = [
    (update(estimated_minutes=None), "time"),
    (update(completion=""), "passing-standard"),
    (update(estimated_minutes=60), "too-much"),
    (update(ends_on=today() + timedelta(days=1098), claim_until=ago(days=-2000)), "longest"),
    (several(PHARMACY, designate("acpe", live_date=today() - timedelta(days=5))), "live-date"),
    (several(PHARMACY, designate("acpe", uan=UAN)), "uan-format"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code"), OWN_PACE, ids=[code for _change, code in OWN_PACE])
def test_error_stops_publishing_what_is_worked_through_alone(change: Change, code: str) -> None:
    activity = own_pace()
    change(activity)
    assert code in codes(activity, Level.ERROR)


WARNINGS = [
    (update(need=""), "need"),
    (update(audience=""), "audience"),
    (update(summary="x" * 2501), "summary"),
    (drop("participation"), "others"),
    (several(drop("ama_pra"), JOINT, designate("ancc")), "physicians"),
    (session(), "too-much"),
    (several(PHARMACY, designate("acpe", uan=UAN.replace("0000-2", "9999-2"))), "uan-joint"),
    (several(PHARMACY, designate("acpe", uan=f"1234{UAN[9:]}")), "uan-provider"),
    (several(PHARMACY, designate("acpe", uan="JA0000123-0000-12-001-L01-P")), "uan-year"),
    (register(claim_until_day=None), "moc-claim-date"),
    (update(disclosure_route="exempt", exemption="non_clinical"), "exempt"),
    (update(disclosure_route="elsewhere"), "elsewhere"),
    (PENDING, "support-pending"),
    (several(NAMED, support(), support(supporter="Lilly", executed_on=None)), "support-pending"),
    (several(NAMED, support(agreement="")), "agreement"),
    (edit("designation:ama_pra", "Approved for credit.", "Something else."), "wording-stale"),
    (update(need='<p class="MsoNormal"><b>Need</b></p><o:p></o:p>'), "markup"),
    (lambda activity: activity.objectives.update(text="Tell <b>apart</b>"), "markup"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code"), WARNINGS, ids=[code for _change, code in WARNINGS])
def test_warning_wants_a_decision(change: Change, code: str) -> None:
    activity = perfect()
    change(activity)
    assert code in codes(activity, Level.WARNING)


@pytest.mark.parametrize("code", ["test_items", "manuscript", "improvement", "point_of_care"])
def test_credit_that_the_ama_fixes_is_not_counted_by_time(code: str) -> None:
    activity = own_pace()
    update(format=code, estimated_minutes=30)(activity)
    assert "too-much" not in codes(activity, Level.ERROR)


@pytest.mark.parametrize("text", ["See <https://example.org/a>", "p < 0.05 and n > 30", "a <b", "1<2>1"])
def test_what_only_looks_like_markup_is_left_alone(text: str) -> None:
    activity = perfect()
    update(need=text)(activity)
    assert "markup" not in codes(activity, Level.WARNING)


def test_online_material_should_say_what_it_needs() -> None:
    activity = own_pace()
    update(system_requirements="")(activity)
    assert codes(activity, Level.WARNING) == ["system"]


NOTES = [
    (update(pars_id=""), "pars-id"),
    (register(board="ABS", point_types=["Self-Assessment"]), "board-wording"),
    (provider(disclosure_policy=""), "policy"),
    (update(off_label=""), "off-label"),
    (edit("designation:ama_pra", "Approved for credit."), "wording-edited"),
]


@pytest.mark.parametrize(("change", "code"), NOTES, ids=[code for _change, code in NOTES])
def test_note_is_good_to_know(change: Change, code: str) -> None:
    activity = perfect()
    change(activity)
    assert code in codes(activity, Level.NOTE)


def test_codes_of_sessions_or_of_the_activity_pass() -> None:
    for change in (several(update(claim_by="codes"), session()), update(claim_by="codes", own_code="ABCDEF")):
        activity = perfect(questions=1)
        change(activity)
        assert codes(activity, Level.ERROR) == []


def test_exceptions_and_right_numbers_pass() -> None:
    activity = perfect(questions=2, moc="18.50")
    PHARMACY(activity)
    MocRegistration.objects.update(claim_until_day=today())
    person_with(activity, "Bo", companies=["Pfizer"], nature="owner")
    Role.objects.filter(person__name="Bo").update(exception="research")
    assert check(activity).rows == ()


def test_elsewhere_and_exempt_need_no_people() -> None:
    activity = perfect(disclosure_route="elsewhere", disclosure_place="the book", relationships_mitigated=True)
    activity.roles.all().delete()
    assert codes(activity, Level.ERROR) == []


def test_streamed_activity_needs_no_place() -> None:
    assert check(perfect(delivery="streamed", city="", region="")).errors == []


def test_supporters_with_agreements_pass() -> None:
    activity = perfect(support_state="named")
    support()(activity)
    assert check(activity).rows == ()


@pytest.mark.parametrize("sessions", [1, 1000])
def test_gate_costs_the_same_with_one_session_and_with_a_thousand(
    django_assert_num_queries: DjangoAssertNumQueries, sessions: int
) -> None:
    activity = perfect(questions=2, moc="18.50")
    make_sessions(activity, sessions)
    with django_assert_num_queries(19):
        check(activity)


class TestClosing:
    """ACCME's list before an activity is closed in PARS."""

    def complete(self) -> Activity:
        activity = perfect(over=True, support_state="named")
        support(amount=5000)(activity)
        ClosingRecord.objects.create(
            activity=activity,
            hours=Decimal("18.50"),
            designed_to_change=["competence"],
            evaluated=["competence"],
            competencies=["knowledge"],
            methods=["lecture"],
        )
        LearnerCount.objects.create(activity=activity, profession="physician", learners=120)
        return activity

    def codes(self, activity: Activity) -> list[str]:
        fresh = Activity.objects.with_everything().get(pk=activity.pk)
        return [row.code for row in compliance.CLOSING.check(fresh, timezone.now()).rows]

    def test_complete_record_closes(self) -> None:
        assert self.codes(self.complete()) == []

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            (update(claim_until=timezone.now() + timedelta(days=1)), "still-open"),
            (update(pars_id=""), "pars-id"),
            (lambda _activity: ClosingRecord.objects.update(hours=None), "hours"),
            (lambda _activity: ClosingRecord.objects.update(designed_to_change=[]), "designed"),
            (lambda _activity: ClosingRecord.objects.update(evaluated=[]), "evaluated"),
            (lambda _activity: ClosingRecord.objects.update(competencies=[]), "competencies"),
            (lambda _activity: ClosingRecord.objects.update(methods=[]), "methods"),
            (lambda _activity: LearnerCount.objects.all().delete(), "learners"),
            (lambda _activity: CommercialSupport.objects.all().delete(), "supporters"),
            (lambda _activity: CommercialSupport.objects.update(executed_on=None), "agreement-pending"),
            (lambda _activity: CommercialSupport.objects.update(amount=None), "amount"),
        ],
    )
    def test_what_is_missing_is_named(self, change: Change, code: str) -> None:
        activity = self.complete()
        change(activity)
        assert self.codes(activity) == [code]

    def test_nothing_entered_at_all(self) -> None:
        activity = perfect(over=True)
        assert self.codes(activity) == ["hours", "designed", "evaluated", "competencies", "learners", "methods"]
        assert str(ClosingRecord(activity=activity)) == f"Closing data: {activity}"
        assert str(LearnerCount(profession="nurse", learners=3)) == "3 Nurses"


def test_agreement_is_a_file(db: None) -> None:
    row = CommercialSupport(supporter="Amgen")
    row.agreement.save("anything.pdf", ContentFile(b"x"), save=False)
    assert row.agreement.name.startswith("agreements/")
    assert "anything" not in row.agreement.name


def test_every_kind_of_credit_has_a_rule_of_who_may_designate_it() -> None:
    nobody = ProviderFactory(accreditation="none", pars_id="")
    allowed = {code for code in CREDIT_TYPES if credit._may_designate(nobody, code)}
    assert allowed == {"participation"}
    with pytest.raises(KeyError):
        credit._may_designate(nobody, "new")
