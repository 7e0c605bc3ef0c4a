"""Disclosures by personal link, on paper, and the office's judgements."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activities.models import Activity, Disclosure, Invitation, Judgement, Person, Relationship, Role
from activities.models.people import methods_for
from activities.services import disclosure
from activities.services.disclosure import CannotJudge, LinkClosed, Listed, NotThisPerson
from audit.models import Event
from jobs import runner
from tests.activities.making import person_with
from tests.conftest import Mailbox
from tests.factories import ActivityFactory, UserFactory

pytestmark = pytest.mark.django_db

Data = dict[str, str]


@pytest.fixture
def officer() -> User:
    user: User = UserFactory(officer=True)
    return user


@pytest.fixture
def ada() -> Person:
    person = Person.objects.create(name="Ada Okafor", degrees="MD", email="ada@faculty.example")
    Role.objects.create(activity=ActivityFactory(), person=person, part="faculty")
    return person


@pytest.fixture
def link(ada: Person, officer: User, mailbox: Mailbox) -> str:
    """The address in the mail that Ada received."""
    disclosure.invite(person=ada, activity=ada.roles.get().activity, actor=officer, now=timezone.now())
    runner.drain("mail")
    text = mailbox.accepted[-1].content.decode()  # type: ignore[union-attr]
    assert mailbox.accepted[-1].rcpt_tos == ["ada@faculty.example"]
    found = re.search(r"/disclosure/[\w-]+/", text.replace("=\r\n", ""))
    assert found, text
    return found[0]


def form(*rows: tuple[str, str, str], signature: str = "Ada Okafor", **more: str) -> Data:
    data = {"has_any": "some" if rows else "none", "agreed": "on", "signature": signature}
    data |= {"form-TOTAL_FORMS": str(max(len(rows), 1)), "form-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows or [("", "", "")]):
        data |= {
            f"form-{number}-{name}": value for name, value in zip(("company", "nature", "described"), row, strict=True)
        }
    return data | more


NOVARTIS = ("Novartis", "consultant", "")


def keep(person: Person, *listed: Listed) -> None:
    disclosure.keep(person=person, listed=listed, signature=person.name, recorded_by=None, now=timezone.now())


class TestLink:
    """No account, one person, one signature."""

    def test_form_is_signed_and_the_link_is_used_up(self, client: Client, link: str, ada: Person) -> None:
        page = client.get(link)
        assert (page.status_code, "Ada Okafor, MD" in page.content.decode()) == (200, True)
        assert "no-store" in page["Cache-Control"]
        answer = client.post(link, form(NOVARTIS, ("Pfizer", "other", "Lecture at a hospital")))
        assert (answer.status_code, answer["Location"]) == (302, "/disclosure/thanks/")
        assert b"signed and kept" in client.get("/disclosure/thanks/").content
        kept = Disclosure.objects.get()
        assert (kept.signature, kept.recorded_by, kept.words) == ("Ada Okafor", None, disclosure.AGREED)
        assert [row["company"] for row in kept.listed] == ["Novartis", "Pfizer"]
        assert [str(row) for row in ada.relationships.all()] == [
            "Consultant: Novartis",
            "Lecture at a hospital: Pfizer",
        ]
        again = client.get(link)
        assert (again.status_code, b"was signed already" in again.content) == (410, True)
        assert str(kept).startswith("Ada Okafor, 20")

    def test_none_is_a_disclosure_too(self, client: Client, link: str, ada: Person) -> None:
        client.post(link, form())
        assert (ada.disclosure is not None, ada.relationships.count()) == (True, 0)
        assert ada.has_disclosed(timezone.now())
        assert not ada.has_disclosed(timezone.now() + timedelta(days=366))

    def test_expired_link_says_whom_to_ask(self, client: Client, link: str) -> None:
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        answer = client.post(link, form(NOVARTIS))
        assert (answer.status_code, b"Ask cme@society.example for a new one." in answer.content) == (410, True)
        assert not Disclosure.objects.exists()

    def test_unknown_link_opens_nothing(self, client: Client) -> None:
        answer = client.get("/disclosure/nonsense/")
        assert (answer.status_code, b"This link is not complete" in answer.content) == (410, True)

    def test_new_link_closes_the_old_one(self, client: Client, link: str, ada: Person, officer: User) -> None:
        disclosure.invite(person=ada, activity=ada.roles.get().activity, actor=officer, now=timezone.now())
        assert client.get(link).status_code == 410

    def test_another_persons_signature_is_refused_and_nothing_typed_is_lost(self, client: Client, link: str) -> None:
        answer = client.post(link, form(NOVARTIS, signature="Bo Berg"))
        page = answer.content.decode()
        assert (answer.status_code, Disclosure.objects.exists()) == (422, False)
        assert "This link is for Ada Okafor alone." in page
        assert 'value="Novartis"' in page

    def test_same_company_and_nature_may_be_listed_twice_with_different_words(
        self, client: Client, link: str, ada: Person
    ) -> None:
        client.post(link, form(("Pfizer", "advisor", "Board"), ("Pfizer", "advisor", "Committee"), NOVARTIS, NOVARTIS))
        assert ada.relationships.count() == 3

    def test_other_words_are_another_relationship_and_change_no_page(
        self, client: Client, link: str, ada: Person
    ) -> None:
        activity = ada.roles.get().activity
        keep(ada, Listed("Pfizer", "advisor"))
        Judgement.objects.create(
            activity=activity, relationship=ada.relationships.get(), decision="mitigated", method="attest"
        )
        client.post(link, form(("Pfizer", "advisor", "Buy pills at evil.example")))
        page = client.get(activity.get_absolute_url()).content.decode()
        assert ("Advisor: Pfizer" in page, "pills" in page) == (True, False)

    def test_link_closes_when_the_address_is_put_right(
        self, client: Client, link: str, ada: Person, officer: User
    ) -> None:
        client.force_login(officer)
        data = {"name": "Ada Okafor", "degrees": "MD", "email": "right@faculty.example"}
        data |= {
            f"{name}-{kind}_FORMS": "0" for name in ("relationships", "disclosures") for kind in ("TOTAL", "INITIAL")
        }
        assert client.post(f"/admin/activities/person/{ada.pk}/change/", data).status_code == 302
        assert client.get(link).status_code == 410

    def test_title_may_be_left_out_of_the_signature(self, client: Client, link: str, ada: Person) -> None:
        Person.objects.filter(pk=ada.pk).update(name="Prof. Dr. Ada Okafor")
        client.post(link, form(NOVARTIS, signature="Ada Okafor"))
        assert Disclosure.objects.exists()

    def test_signature_may_differ_in_case_and_dots(self, client: Client, link: str) -> None:
        client.post(link, form(NOVARTIS, signature="ada  OKAFOR."))
        assert Disclosure.objects.get().signature == "ada  OKAFOR."

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (form(NOVARTIS, has_any=""), "Choose yes or no."),
            (form(NOVARTIS, has_any="none"), "You answered No but listed relationships."),
            (form(has_any="some"), "List at least one relationship, or answer No."),
            (form(("Novartis", "", "")), "Choose the nature of your relationship with Novartis."),
            (form(("", "consultant", "")), "Name the company, or empty this row."),
            (form(("Novartis", "other", "")), "Say what the relationship with Novartis is."),
            (form(NOVARTIS, agreed=""), "Tick the box to confirm the statement."),
            (form(NOVARTIS, signature=""), "Type your full name to sign."),
        ],
    )
    def test_what_is_wrong_is_said_at_the_top_and_at_the_field(
        self, client: Client, link: str, data: Data, words: str
    ) -> None:
        answer = client.post(link, data)
        page = answer.content.decode()
        assert (answer.status_code, page.count(words)) == (422, 2)
        assert "There is a problem" in page
        assert not Disclosure.objects.exists()

    def test_more_rows_keep_what_was_typed_and_complain_of_nothing(self, client: Client, link: str) -> None:
        answer = client.post(link, form(NOVARTIS, signature="", more="1"))
        page = answer.content.decode()
        assert (answer.status_code, 'value="Novartis"' in page, "There is a problem" in page) == (200, True, False)
        assert 'name="form-3-company"' in page
        assert client.post(link, form(more="1", **{"form-TOTAL_FORMS": "²"})).status_code == 200

    def test_next_year_the_form_shows_what_was_listed(
        self, client: Client, link: str, ada: Person, officer: User
    ) -> None:
        client.post(link, form(NOVARTIS))
        data = form(("Pfizer", "speaker", ""))
        disclosure.record_on_paper(
            person=ada, listed=[Listed("Novartis", "consultant")], signature="R", actor=officer, now=timezone.now()
        )
        client.force_login(officer)
        page = client.get(f"/admin/activities/person/{ada.pk}/disclosure/").content.decode()
        assert 'value="Novartis"' in page
        answer = client.post(f"/admin/activities/person/{ada.pk}/disclosure/", data)
        assert answer.status_code == 302
        ended = Relationship.objects.get(company="Novartis")
        assert ended.ended_at is not None
        assert [row.company for row in Person.objects.get().current_relationships] == ["Pfizer"]
        client.post(f"/admin/activities/person/{ada.pk}/disclosure/", form())
        page = client.get(f"/admin/activities/person/{ada.pk}/disclosure/").content.decode()
        assert re.search(r'value="none"[^>]*checked', page)

    def test_link_is_kept_as_a_fingerprint_only(self, link: str) -> None:
        token = link.split("/")[2]
        invitation = Invitation.objects.get()
        assert invitation.fingerprint == disclosure.fingerprint(token)
        assert token not in str(Invitation.objects.values())
        assert str(invitation).startswith("Ada Okafor, MD, until")

    def test_two_tabs_sign_once(self, link: str, monkeypatch: pytest.MonkeyPatch) -> None:
        token, now = link.split("/")[2], timezone.now()
        seen = disclosure.invitation_behind(token, now=now)
        disclosure.sign(token=token, listed=[], signature="Ada Okafor", now=now)
        monkeypatch.setattr(disclosure, "invitation_behind", lambda _token, **_now: seen)
        with pytest.raises(LinkClosed, match="was signed, or the link closed, meanwhile"):
            disclosure.sign(token=token, listed=[], signature="Ada Okafor", now=now)
        assert Disclosure.objects.count() == 1

    def test_signing_itself_asks_for_the_person(self, link: str) -> None:
        with pytest.raises(NotThisPerson):
            disclosure.sign(token=link.split("/")[2], listed=[], signature="Somebody", now=timezone.now())


class TestOnPaper:
    """Staff record what came on paper, under their own name."""

    def test_recorded_with_who(self, client: Client, ada: Person, officer: User) -> None:
        client.force_login(officer)
        address = f"/admin/activities/person/{ada.pk}/disclosure/"
        assert client.post(address, form(signature="")).status_code == 422
        client.post(address, form(NOVARTIS, signature="Robin Vance"))
        kept = Disclosure.objects.get()
        assert (kept.signature, kept.recorded_by) == ("Robin Vance", officer)
        assert client.get(f"/admin/activities/person/{ada.pk}/change/").status_code == 200

    def test_learner_may_not(self, client: Client, ada: Person, learner: User) -> None:
        learner.is_staff = True
        learner.save()
        client.force_login(learner)
        assert client.post(f"/admin/activities/person/{ada.pk}/disclosure/", form()).status_code == 403

    def test_relationships_are_not_edited_behind_a_disclosure(self, client: Client, ada: Person, officer: User) -> None:
        disclosure.record_on_paper(
            person=ada, listed=[Listed("Novartis", "consultant")], signature="R", actor=officer, now=timezone.now()
        )
        client.force_login(officer)
        row = ada.relationships.get()
        data = {
            "name": "Ada Okafor",
            "degrees": "MD",
            "relationships-TOTAL_FORMS": "1",
            "relationships-INITIAL_FORMS": "1",
        }
        data |= {
            "relationships-0-id": str(row.pk),
            "relationships-0-person": str(ada.pk),
            "relationships-0-company": "X",
        }
        data |= {"disclosures-TOTAL_FORMS": "0", "disclosures-INITIAL_FORMS": "0"}
        client.post(f"/admin/activities/person/{ada.pk}/change/", data)
        assert ada.relationships.get().company == "Novartis"


class TestJudging:
    """Each relationship, for each activity."""

    def judge(self, activity: Activity, officer: User, **facts: str) -> Judgement:
        facts = {"decision": "mitigated", "method": "content_review", "why": ""} | facts
        row = Relationship.objects.get()
        return disclosure.judge(activity=activity, relationship=row, actor=officer, now=timezone.now(), **facts)

    def test_decision_is_recorded_and_can_be_changed(self, officer: User) -> None:
        activity = ActivityFactory()
        person_with(activity, "Ada", companies=["Novartis"], decision="")
        self.judge(activity, officer)
        self.judge(activity, officer, decision="not_relevant", why="Her talk is on anatomy.")
        row = Judgement.objects.get()
        assert (row.decision, row.method, row.judged_by) == ("not_relevant", "", officer)
        events = Event.objects.filter(action="judged a relationship").order_by("id")
        assert [event.before for event in events] == [{}, {"decision": "Consultant: Novartis: Relevant, and mitigated"}]
        changed = Event.objects.filter(action="words changed after publishing").count()
        assert changed == 2

    @pytest.mark.parametrize(
        ("facts", "words"),
        [
            ({"method": ""}, "Choose how it was mitigated"),
            ({"method": "recuse"}, "one of the steps for this person's part"),
            ({"method": "other"}, "Say why"),
            ({"decision": "not_relevant"}, "Say why"),
        ],
    )
    def test_half_a_decision_is_refused(self, officer: User, facts: dict[str, str], words: str) -> None:
        activity = ActivityFactory()
        person_with(activity, "Ada", companies=["Novartis"], decision="")
        with pytest.raises(CannotJudge, match=words):
            self.judge(activity, officer, **facts)
        assert not Judgement.objects.exists()

    def test_person_without_a_part_is_not_judged(self, officer: User) -> None:
        person_with(ActivityFactory(), "Ada", companies=["Novartis"], decision="")
        with pytest.raises(CannotJudge, match="has no part"):
            self.judge(ActivityFactory(), officer)

    def test_steps_differ_for_planning_and_teaching(self) -> None:
        assert [step.value for step in methods_for({"planner"})] == ["divest", "recuse", "plan_review", "other"]
        assert [step.value for step in methods_for({"faculty"})] == ["divest", "content_review", "attest", "other"]
        assert len(methods_for({"faculty", "planner"})) == 6

    def test_relationship_of_a_published_page_stays_when_it_ends(self, client: Client, officer: User) -> None:
        activity = ActivityFactory()
        ada = person_with(activity, "Ada", companies=["Novartis"])
        disclosure.record_on_paper(person=ada, listed=[], signature="R", actor=officer, now=timezone.now())
        assert "Consultant: Novartis" in client.get(activity.get_absolute_url()).content.decode()


class TestDesk:
    """People and disclosures of one activity, in the office."""

    def test_whole_way(self, client: Client, officer: User, mailbox: Mailbox) -> None:
        activity = ActivityFactory()
        person_with(activity, "Ada", companies=["Novartis"], decision="")
        person_with(activity, "Cy", part="planner", companies=["Lilly"], nature="employee")
        bo = Person.objects.create(name="Bo", email="bo@faculty.example")
        Role.objects.create(activity=activity, person=bo, part="planner")
        Role.objects.create(activity=activity, person=bo, part="faculty")
        client.force_login(officer)
        desk = f"/admin/activities/activity/{activity.pk}/people/"
        page = client.get(desk).content.decode()
        assert "Has not disclosed anything yet." in page
        assert "bo@faculty.example" in page
        assert "owner or employee: needs an exception" in page
        row = Relationship.objects.get(company="Novartis")

        def decide(decision: str, method: str, why: str) -> tuple[int, str]:
            typed = {"decision": decision, "method": method, "why": why}
            data = {f"relationship-{row.pk}-{name}": value for name, value in typed.items()}
            answer = client.post(desk, data | {"person": str(row.person_id)})
            return answer.status_code, answer.content.decode()

        status, page = decide("mitigated", "", "Kept words")
        assert (status, "Kept words" in page, "Choose how it was mitigated" in page) == (422, True, True)
        status, page = decide("", "attest", "")
        assert (status, "choose a decision" in page) == (422, True)
        assert decide("dance", "", "")[0] == 422
        assert decide("mitigated", "attest", "")[0] == 302
        assert Judgement.objects.get(relationship=row).method == "attest"
        assert decide("mitigated", "attest", "")[0] == 302
        assert Event.objects.filter(action="judged a relationship").count() == 1
        assert client.get(f"{desk}invite/").status_code == 302
        nobody = client.post(f"{desk}invite/", {}, follow=True)
        assert b"Nobody was asked" in nobody.content
        client.post(f"{desk}invite/", {"people": [bo.pk]})
        runner.drain("mail")
        assert [envelope.rcpt_tos for envelope in mailbox.accepted] == [["bo@faculty.example"]]

    def test_empty_desk_says_what_to_do(self, client: Client, officer: User) -> None:
        client.force_login(officer)
        page = client.get(f"/admin/activities/activity/{ActivityFactory().pk}/people/").content.decode()
        assert "Nobody is entered yet." in page
