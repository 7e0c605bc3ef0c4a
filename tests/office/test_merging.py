"""Two accounts of one person become one, field by field, and two again."""

from datetime import timedelta
from decimal import Decimal

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from accounts import signed_in
from accounts.models import Identifier, User
from activities.models import Activity, Participation
from certificates.models import Certificate
from credits.models import Attendance, Claim
from credits.services import amending, correcting, teaching
from jobs import runner
from office.models import Merge
from office.services import merging as services
from office.services.merging import CannotMerge
from reporting.models import Submission
from surveys.models import Response, Survey
from surveys.services import answering
from tests.credits.making import ADA, claim, standing
from tests.factories import ActivityFactory, UserFactory
from tests.surveys.making import self_study, study_all, take_test

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(db: None) -> User:
    made: User = UserFactory(email="kept@example.org")
    return made


@pytest.fixture
def other(db: None) -> User:
    made: User = UserFactory(email="other@example.org", last_name="Okafor-Lind", degrees="MD, PhD", member_number="M-1")
    return made


def merge(kept: User, other: User, reason: str = "The same person.", **taken: str) -> Merge:
    return services.merge(
        kept=kept, merged=other, taken=taken, reason=reason, actor=UserFactory(officer=True), now=timezone.now()
    )


def undo(done: Merge, after: timedelta = timedelta()) -> None:
    services.undo(done=done, actor=UserFactory(officer=True), now=timezone.now() + after)


def belongings(person: User) -> list[int]:
    rows = (Claim.objects, Certificate.objects, Submission.objects, Attendance.objects, Participation.objects)
    return [row.filter(learner=person).count() for row in rows]


def test_everything_moves_and_stays_true(kept: User, other: User) -> None:
    first, second = ActivityFactory(), ActivityFactory(moc="18.50")
    claim(kept, first, "1.00")
    made = claim(other, second, "2.00", ADA)
    Participation.objects.create(learner=other, activity=second, disclosures_read_at=timezone.now())
    before = Certificate.objects.get(reference=made.reference).data
    done = merge(kept, other)
    assert (belongings(kept), belongings(other)) == ([2, 2, 1, 0, 1], [0, 0, 0, 0, 0])
    certificate = Certificate.objects.get(reference=made.reference)
    assert (certificate.data, standing(made)) == (before, {"ama_pra": "2.00"})
    assert Identifier.objects.get(user=kept).number == "123456"
    assert str(done) == "other@example.org into kept@example.org"


def test_both_addresses_sign_in_to_the_kept_account(kept: User, other: User) -> None:
    merge(kept, other)
    rows = EmailAddress.objects.filter(user=kept).values_list("email", "primary")
    assert set(rows) == {("kept@example.org", True), ("other@example.org", False)}
    other.refresh_from_db()
    assert (other.is_active, other.email) == (False, f"merged-{other.pk}@invalid.invalid")


def test_fields_are_taken_one_by_one(kept: User, other: User) -> None:
    merge(kept, other, last_name="merged", member_number="merged", degrees="kept")
    kept.refresh_from_db()
    assert (kept.last_name, kept.degrees, kept.member_number) == ("Okafor-Lind", "MD", "M-1")


def test_what_both_have_stays_behind(kept: User, other: User, activity: Activity) -> None:
    for person, hours in ((kept, "1.00"), (other, "2.00")):
        Attendance.objects.create(learner=person, activity=activity, amount=Decimal(hours))
    shown = services.preview(kept, other)
    assert ("attendance", 0, 1) in shown.moving
    assert ("last_name", "last name", "Okafor", "Okafor-Lind") in shown.fields
    merge(kept, other)
    assert Attendance.objects.get(learner=kept).amount == Decimal("1.00")
    assert belongings(other)[3] == 1


class TestUndo:
    """For a while the accounts can be parted again."""

    def test_everything_goes_back(self, kept: User, other: User) -> None:
        claim(kept, ActivityFactory(), "1.00")
        claim(other, ActivityFactory(), "2.00")
        done = merge(kept, other, last_name="merged", member_number="merged")
        undo(done)
        assert belongings(kept)[:2] == belongings(other)[:2] == [1, 1]
        kept.refresh_from_db()
        other.refresh_from_db()
        assert (kept.last_name, kept.member_number) == ("Okafor", "")
        assert (other.email, other.member_number, other.is_active) == ("other@example.org", "M-1", True)
        assert list(EmailAddress.objects.filter(user=other).values_list("email", "primary")) == [(other.email, True)]
        again = merge(kept, other)
        assert again.undone_at is None

    def test_what_was_changed_or_claimed_since_stays(self, kept: User, other: User) -> None:
        done = merge(kept, other, last_name="merged")
        kept.refresh_from_db()
        kept.last_name = "Corrected"
        kept.save()
        claim(kept, ActivityFactory(), "1.00")
        undo(done)
        kept.refresh_from_db()
        assert (kept.last_name, belongings(kept)[0]) == ("Corrected", 1)

    def test_not_while_a_later_merge_or_somebody_else_has_what_goes_back(self, kept: User, other: User) -> None:
        done = merge(kept, other)
        later = merge(UserFactory(email="third@example.org"), kept)
        with pytest.raises(CannotMerge, match="Undo the later merge first: kept@example"):
            undo(done)
        undo(later)
        taker = UserFactory(member_number="M-1")
        with pytest.raises(CannotMerge, match="M-1 was given to somebody else since"):
            undo(done)
        User.objects.filter(pk=taker.pk).update(member_number="")
        User.objects.filter(pk=kept.pk).update(member_number="M-1")
        with pytest.raises(CannotMerge, match="M-1 was given to the kept account since"):
            undo(done)
        User.objects.filter(pk=kept.pk).update(member_number="", email="other@example.org")
        with pytest.raises(CannotMerge, match="signs in by other@example"):
            undo(done)
        User.objects.filter(pk=kept.pk).update(email="kept@example.org")
        undo(done)

    def test_attempts_move_behind_those_of_the_kept_account_and_back(self, kept: User, other: User) -> None:
        activity = self_study("post-test")
        for person, right in ((kept, 0), (other, 3)):
            study_all(activity, person)
            take_test(activity, person, right=right)
        answering.begin(activity=activity, learner=kept, kind="post-test", now=timezone.now())
        done = merge(kept, other)
        rows = Response.objects.filter(learner=kept, survey__kind="post-test").order_by("attempt")
        assert [(row.attempt, row.passed) for row in rows] == [(1, False), (2, None), (3, True)]
        undo(done)
        assert [row.attempt for row in Response.objects.filter(learner=other, survey__kind="post-test")] == [1]

    def test_of_two_drafts_that_of_the_kept_account_goes_on(self, kept: User, other: User, activity: Activity) -> None:
        for person in (kept, other):
            answering.begin(activity=activity, learner=person, kind="request", now=timezone.now())
        merge(kept, other)
        assert Response.objects.get(learner=kept).attempt == 1
        assert Response.objects.get(learner=other).attempt == 1

    def test_not_twice_and_not_for_ever(self, kept: User, other: User) -> None:
        done = merge(kept, other)
        with pytest.raises(CannotMerge, match="stands for too long"):
            undo(done, timedelta(days=31))
        undo(done)
        with pytest.raises(CannotMerge, match="was undone already"):
            undo(done)


class TestRefusals:
    """What cannot be merged, and what to do."""

    def test_both_claimed_the_same_activity(self, kept: User, other: User, activity: Activity) -> None:
        mine, theirs = claim(kept, activity, "1.00"), claim(other, activity, "1.00")
        with pytest.raises(CannotMerge, match="Withdraw one of the two first"):
            merge(kept, other)
        correcting.correct(
            claims=[mine], verb="withdraw", amount=None, reason="x", actor=UserFactory(officer=True), now=timezone.now()
        )
        runner.drain("office")
        with pytest.raises(CannotMerge, match="Merge the other way round"):
            merge(kept, other)
        merge(other, kept)
        assert (standing(theirs), belongings(other)[0], belongings(kept)[0]) == ({"ama_pra": "1.00"}, 1, 1)

    def test_taught_by_one_and_learnt_by_the_other_for_longer_than_it_lasts(
        self, kept: User, other: User, activity: Activity
    ) -> None:
        officer, now = UserFactory(officer=True), timezone.now()
        teaching.award(
            person=kept, activity=activity, hours=Decimal(10), sessions=[], reason="Talk", actor=officer, now=now
        )
        claim(other, activity, "18.50")
        with pytest.raises(CannotMerge, match="is longer than the activity"):
            merge(kept, other)
        correcting.correct(
            claims=[Claim.objects.get(learner=other)], verb="change", amount=Decimal("8.50"), reason="x", actor=officer,
            now=now,
        )  # fmt: skip
        runner.drain("office")
        merge(kept, other)
        assert Merge.objects.count() == 1

    def test_same_switched_off_staff_and_without_reason(self, kept: User, other: User) -> None:
        for words, one, two, reason in (
            ("the same account", kept, kept, "x"),
            ("switched off", kept, UserFactory(is_active=False), "x"),
            ("Accounts of staff", kept, UserFactory(officer=True), "x"),
            ("Say why", kept, other, " "),
        ):
            with pytest.raises(CannotMerge, match=words):
                merge(one, two, reason)
        assert Merge.objects.count() == 0

    def test_database_refuses_a_merge_with_oneself_and_a_second_one(self, kept: User, other: User) -> None:
        done = merge(kept, other)
        for wrong in ({"merged": kept}, {"kept": UserFactory()}):
            again = Merge.objects.get(pk=done.pk)
            again.pk = None
            for name, person in wrong.items():
                setattr(again, name, person)
            with pytest.raises(IntegrityError), transaction.atomic():
                again.save(force_insert=True)


class TestAfterwards:
    """What happens to a merged account and its claims later."""

    def test_draft_that_stays_behind_is_in_nobodys_way(self, kept: User, other: User) -> None:
        survey = Survey.objects.get(activity=self_study("post-test"), kind="post-test")
        begun = {"survey": survey, "seed": 1, "started_at": timezone.now()}
        ended = {"state": "submitted", "submitted_at": timezone.now(), "right": 0, "asked": 2, "passed": False}
        Response.objects.create(learner=kept, attempt=1, **begun)
        first = Response.objects.create(learner=other, attempt=1, **begun, **ended)
        draft = Response.objects.create(learner=other, attempt=2, **begun)
        moving = {words: (move, stay) for words, move, stay in services.preview(kept, other).moving}
        assert moving["responses"] == (1, 1)
        done = merge(kept, other)
        first.refresh_from_db()
        assert (first.learner, first.attempt) == (kept, 2)
        undo(done)
        first.refresh_from_db()
        draft.refresh_from_db()
        assert [(row.learner, row.attempt) for row in (first, draft)] == [(other, 1), (other, 2)]

    def test_what_follows_from_a_claim_goes_back_with_it(self, kept: User, other: User) -> None:
        made = claim(other, ActivityFactory(moc="18.50"), "2.00", ADA)
        done = merge(kept, other)
        correcting.correct(
            claims=[made],
            verb="change",
            amount=Decimal("1.00"),
            reason="x",
            actor=UserFactory(officer=True),
            now=timezone.now(),
        )
        runner.drain("office")
        undo(done)
        for model, count in ((Certificate, 2), (Submission, 2)):
            rows = model.objects.filter(reference=made.reference)
            assert {row.learner for row in rows} == {other}
            assert rows.count() == count

    def test_number_that_somebody_else_has_by_now_stands_in_the_way(self, kept: User, other: User) -> None:
        User.objects.filter(pk=kept.pk).update(member_number="K-1")
        kept.refresh_from_db()
        done = merge(kept, other, member_number="merged")
        UserFactory(member_number="K-1")
        with pytest.raises(CannotMerge, match="The number K-1 was given to somebody else"):
            undo(done)

    def test_own_claim_can_still_be_amended(self, kept: User, other: User) -> None:
        made = claim(other, ActivityFactory(), "2.00")
        merge(kept, other)
        assert amending.may_amend(Claim.objects.get(pk=made.pk), timezone.now())

    def test_profile_page_that_was_open_does_not_bring_the_account_back(
        self, client: Client, kept: User, other: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client.force_login(other)
        ask = signed_in.person

        def merged_meanwhile(request: HttpRequest) -> User:
            found = ask(request)
            monkeypatch.undo()
            merge(kept, other)
            return found

        monkeypatch.setattr(signed_in, "person", merged_meanwhile)
        details = {"first_name": "A", "last_name": "B", "profession": "nurse", "abim": "", "npi": "", "nabp": ""}
        answer = client.post("/profile/", details)
        assert Merge.objects.filter(merged=other).exists()
        other.refresh_from_db()
        assert (answer.status_code, other.is_active, other.member_number) == (404, False, "")


class TestDesk:
    """The office's pages."""

    def test_what_the_kept_account_lacks_is_chosen_and_choices_stay(
        self, client: Client, kept: User, other: User
    ) -> None:
        client.force_login(UserFactory(officer=True))
        address = f"/admin/office/merge/of/{kept.pk}/"
        page = client.post(address, {"other": other.email}).content.decode()
        assert '<input type="radio" name="member_number" value="merged" checked>' in page
        assert '<input type="radio" name="last_name" value="kept" checked>' in page
        assert "Physician (MD, DO or equivalent)" in page
        data = {"other": other.email, "merge": "yes", "reason": "", "last_name": "merged"}
        page = client.post(address, data).content.decode()
        assert '<input type="radio" name="last_name" value="merged" checked>' in page
        assert '<input type="radio" name="member_number" value="kept" checked>' in page

    def test_other_account_is_found_by_any_confirmed_address(self, client: Client, kept: User, other: User) -> None:
        EmailAddress.objects.create(user=other, email="second@example.org", verified=True)
        client.force_login(UserFactory(officer=True))
        address = f"/admin/office/merge/of/{kept.pk}/"
        assert other.email in client.post(address, {"other": "Second@example.org"}).content.decode()
        merge(kept, other)
        assert "the same account" in client.post(address, {"other": "second@example.org"}).content.decode()

    def test_both_are_shown_side_by_side_then_merged_then_parted(self, client: Client, kept: User, other: User) -> None:
        client.force_login(UserFactory(officer=True))
        claim(other, ActivityFactory(), "2.00")
        address = f"/admin/office/merge/of/{kept.pk}/"
        assert address in client.get(f"/admin/accounts/user/{kept.pk}/change/").content.decode()
        assert "Show both accounts" in client.get(address).content.decode()
        page = client.post(address, {"other": other.email}).content.decode()
        for words in ("Okafor-Lind", "Claims", "Merge them"):
            assert words in page
        assert Merge.objects.count() == 0
        data = {"other": other.email, "merge": "yes", "reason": "The same.", "last_name": "merged"}
        page = client.post(address, data, follow=True).content.decode()
        assert "It can be undone until" in page
        kept.refresh_from_db()
        assert kept.last_name == "Okafor-Lind"
        done = Merge.objects.get()
        page = client.post(f"/admin/office/merge/{done.pk}/change/", follow=True).content.decode()
        assert ("The accounts are two again." in page, "Undone" in page) == (True, True)
        page = client.post(f"/admin/office/merge/{done.pk}/change/", follow=True).content.decode()
        assert "was undone already" in page
        assert "The same." in client.get("/admin/office/merge/").content.decode()
        assert client.get(f"/admin/office/merge/{done.pk}/delete/").status_code == 403

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            ({"other": "nobody@example.org"}, "Nobody has this address"),
            ({"other": "other@example.org", "merge": "yes", "reason": ""}, "Say why"),
            ({"other": "kept@example.org", "merge": "yes", "reason": "x"}, "These are the same account."),
        ],
    )
    def test_what_is_wrong_is_said(
        self, client: Client, kept: User, other: User, data: dict[str, str], words: str
    ) -> None:
        client.force_login(UserFactory(officer=True))
        answer = client.post(f"/admin/office/merge/of/{kept.pk}/", data)
        assert (answer.status_code, words in answer.content.decode()) == (422, True)

    def test_too_long_ago_is_said(self, client: Client, kept: User, other: User) -> None:
        done = merge(kept, other)
        Merge.objects.update(merged_at=timezone.now() - timedelta(days=40))
        client.force_login(UserFactory(officer=True))
        assert "stands for too long" in client.get(f"/admin/office/merge/{done.pk}/change/").content.decode()

    def test_only_who_may_merge_enters(self, client: Client, kept: User) -> None:
        client.force_login(UserFactory(is_staff=True))
        assert client.get(f"/admin/office/merge/of/{kept.pk}/").status_code == 403
        assert client.get("/admin/office/merge/1/change/").status_code == 403
