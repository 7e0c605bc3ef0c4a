"""Disclosures by personal link, on paper, and the office's judgements."""

import re
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activities import tasks, watching
from activities.models import Activity, Disclosure, Invitation, Judgement, Person, Relationship, Role
from activities.models.people import methods_for
from activities.services import disclosure, state
from activities.services.disclosure import CannotJudge, LinkClosed, Listed, NotThisPerson
from activities.services.guard import guarded
from audit.models import Event
from jobs import runner
from outbox.models import Message
from tests.activities.making import edit, perfect, person_with
from tests.conftest import Mailbox
from tests.factories import ActivityFactory, ProviderFactory, UserFactory

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
    disclosure.invite(person=ada, provider=ProviderFactory(), actor=officer, now=timezone.now())
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
        ended = timezone.now() - timedelta(seconds=1)
        Invitation.objects.update(invited_at=ended - disclosure.LINK_GOOD_FOR, expires_at=ended)
        answer = client.post(link, form(NOVARTIS))
        assert (answer.status_code, b"Ask cme@society.example for a new one." in answer.content) == (410, True)
        assert not Disclosure.objects.exists()

    def test_unknown_link_opens_nothing(self, client: Client) -> None:
        answer = client.get("/disclosure/nonsense/")
        assert (answer.status_code, b"This link is not complete" in answer.content) == (410, True)

    def test_new_link_closes_the_old_one(self, client: Client, link: str, ada: Person, officer: User) -> None:
        disclosure.invite(person=ada, provider=ProviderFactory(), actor=officer, now=timezone.now())
        answer = client.get(link)
        assert (answer.status_code, b"This link was closed: a newer one was mailed" in answer.content) == (410, True)

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

    def test_other_words_are_another_relationship_and_stand_on_no_page_before_they_are_read(
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
        today = {"signed_on": timezone.localdate().isoformat()}
        answer = client.post(f"/admin/activities/person/{ada.pk}/disclosure/", data | today)
        assert answer.status_code == 302
        ended = Relationship.objects.get(company="Novartis")
        assert ended.ended_at is not None
        assert [row.company for row in Person.objects.get().current_relationships] == ["Pfizer"]
        client.post(f"/admin/activities/person/{ada.pk}/disclosure/", form() | today)
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
        signed_on = timezone.localdate() - timedelta(days=40)
        scan = SimpleUploadedFile("paper.pdf", b"%PDF-1.7 signed %%EOF")
        paper = {"signed_on": signed_on.isoformat(), "scan": scan}
        client.post(address, form(NOVARTIS, signature="Robin Vance") | paper)  # type: ignore[operator]
        kept = Disclosure.objects.get()
        assert (kept.signature, kept.recorded_by) == ("Robin Vance", officer)
        assert timezone.localdate(kept.signed_at) == signed_on
        page = client.get(f"/admin/activities/person/{ada.pk}/change/").content.decode()
        way = f"/admin/activities/person/{ada.pk}/scan/{kept.pk}/"
        assert way in page
        answer = client.get(way)
        assert answer["Content-Disposition"] == f'attachment; filename="disclosure-{kept.pk}.pdf"'
        assert b"".join(answer.streaming_content) == b"%PDF-1.7 signed %%EOF"  # type: ignore[attr-defined]
        assert Event.objects.filter(action="downloaded a disclosure", actor=officer).exists()

    @pytest.mark.parametrize(
        ("paper", "words"),
        [
            ({"signed_on": ""}, "Enter the day that stands beside the signature."),
            ({"signed_on": "2099-01-01"}, "This day is still to come."),
            ({"signed_on": "0001-01-01"}, "Give a day between 1990 and 2100."),
            ({"scan": SimpleUploadedFile("a.pdf", b"<script>")}, "none of PDF, PNG and JPEG"),
        ],
    )
    def test_paper_that_cannot_be_is_refused(
        self, client: Client, ada: Person, officer: User, paper: dict[str, Any], words: str
    ) -> None:
        client.force_login(officer)
        today: dict[str, Any] = {"signed_on": timezone.localdate().isoformat()}
        data = form(NOVARTIS, signature="Robin Vance") | today | paper
        answer = client.post(f"/admin/activities/person/{ada.pk}/disclosure/", data)
        assert (answer.status_code, words in answer.content.decode()) == (422, True)
        assert not Disclosure.objects.exists()

    def test_paper_that_is_older_than_what_is_on_record_changes_nothing(
        self, client: Client, ada: Person, officer: User
    ) -> None:
        keep(ada, Listed("Novartis", "consultant"))
        client.force_login(officer)
        day = (timezone.localdate() - timedelta(days=3)).isoformat()
        answer = client.post(f"/admin/activities/person/{ada.pk}/disclosure/", form() | {"signed_on": day})
        assert (answer.status_code, "A newer disclosure is on record" in answer.content.decode()) == (422, True)
        assert [row.company for row in Person.objects.get().current_relationships] == ["Novartis"]

    def test_more_rows_keep_the_day(self, client: Client, ada: Person, officer: User) -> None:
        client.force_login(officer)
        typed = form(NOVARTIS, more="1") | {"signed_on": "2026-03-04"}
        page = client.post(f"/admin/activities/person/{ada.pk}/disclosure/", typed).content.decode()
        assert 'value="2026-03-04"' in page

    def test_scan_that_a_crash_left_behind_is_deleted(self, ada: Person, officer: User) -> None:
        kept = disclosure.record_on_paper(
            person=ada, listed=[], signature="R", actor=officer, now=timezone.now(),
            scan=ContentFile(b"%PDF-1.7 %%EOF"),
        )  # fmt: skip
        storage = kept.scan.storage
        left = storage.save("disclosures/left.pdf", ContentFile(b"x"))
        tasks.forget_scans(timezone.now() + timedelta(hours=2))
        assert (storage.exists(left), storage.exists(kept.scan.name)) == (False, True)

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


class TestAskingAgain:
    """Anybody can be asked, whatever part they have or will have."""

    def ask(self, client: Client, person: Person, officer: User) -> str:
        client.force_login(officer)
        assert client.get(f"/admin/activities/person/{person.pk}/ask/").status_code == 405
        return client.post(f"/admin/activities/person/{person.pk}/ask/", follow=True).content.decode()

    def test_who_has_disclosed_is_asked_again_and_the_mail_says_so(
        self, client: Client, ada: Person, officer: User
    ) -> None:
        keep(ada)
        assert "Ask for a disclosure by mail" in self.ask(client, ada, officer)
        assert "asks you to disclose again, or for the first time" in Message.objects.get(to=ada.email).text
        desk = client.get(f"/admin/activities/activity/{ada.roles.get().activity_id}/people/").content.decode()
        assert re.search(r'value="\d+">\s*Ada Okafor, MD, ada@faculty.example – asked', desk)

    def test_button_stands_in_a_form_of_its_own(self, client: Client, ada: Person, officer: User) -> None:
        """A form within a form would end the outer one: nothing of the person could be saved."""
        client.force_login(officer)
        page = BeautifulSoup(client.get(f"/admin/activities/person/{ada.pk}/change/").content, "html.parser")
        asking = page.find("form", id="ask")
        assert asking
        assert asking.find_parent("form") is None

    def test_somebody_without_a_part_is_asked_by_the_provider(self, client: Client, officer: User) -> None:
        lee = Person.objects.create(name="Lee Park", email="lee@faculty.example")
        assert "enter a provider first" in self.ask(client, lee, officer)
        provider = ProviderFactory()
        assert "Asked Lee Park. The link works until" in self.ask(client, lee, officer)
        assert Message.objects.get(to=lee.email).reply_to == provider.office_email

    def test_without_an_address_nobody_is_asked(self, client: Client, officer: User) -> None:
        assert "enter the person&#x27;s address first" in self.ask(client, Person.objects.create(name="Lee"), officer)


class TestPublishedPages:
    """A page never denies a relationship that was disclosed, and the office is told at once."""

    def settled(self, **facts: Any) -> Activity:
        """Return a page that nobody was told of."""
        made = perfect(**facts)
        watching.check_pages(Activity.objects.all(), timezone.now())
        Message.objects.all().delete()
        return made

    def told(self) -> list[str]:
        return [row.text for row in Message.objects.filter(about="office").order_by("pk")]

    def test_undecided_relationship_is_shown_and_the_office_is_told_once(self, client: Client, officer: User) -> None:
        activity = self.settled()
        dana = person_with(activity, "Dana", part="planner")
        assert "Dana, MD (Planner) has no relevant" in client.get(activity.get_absolute_url()).content.decode()
        assert self.told() == []
        for _ in range(2):
            keep(dana, Listed("Pfizer", "owner"))
        page = client.get(activity.get_absolute_url()).content.decode()
        assert "Dana, MD (Planner): Ownership interest: Pfizer." in page
        assert "have been mitigated" not in page
        assert "Dana, MD (Planner) has no relevant" not in page
        (mail,) = self.told()
        for words in (activity.title, "Pfizer", f"/admin/activities/activity/{activity.pk}/gate/"):
            assert words in mail
        client.force_login(officer)
        listed = "/admin/activities/activity/"
        assert "published, needs attention" in client.get(listed).content.decode()
        assert activity.title in client.get(f"{listed}?stage=attention").content.decode()

    def test_decision_puts_it_right(self, client: Client, officer: User) -> None:
        activity = perfect()
        dana = person_with(activity, "Dana", part="planner", companies=["Lilly"])
        keep(dana, Listed("Lilly", "consultant"), Listed("Pfizer", "speaker"))
        page = client.get(activity.get_absolute_url()).content.decode()
        assert "Dana, MD (Planner): Consultant: Lilly; Speaker: Pfizer." in page
        assert "have been mitigated" not in page
        disclosure.judge(
            activity=activity, relationship=Relationship.objects.get(company="Pfizer"), decision="not_relevant",
            method="", why="Other field.", actor=officer, now=timezone.now(),
        )  # fmt: skip
        activity.refresh_from_db()
        assert activity.open_findings == []
        page = client.get(activity.get_absolute_url()).content.decode()
        assert "Dana, MD (Planner): Consultant: Lilly." in page
        assert "have been mitigated" in page

    def test_words_that_were_written_by_hand_must_name_it_as_well(self) -> None:
        activity = self.settled()
        edit("disclosure", "Ada has a relationship with Novartis.")(activity)
        ada = activity.roles.get().person
        keep(ada, Listed("Novartis", "consultant"), Listed("Pfizer", "speaker"))
        assert "The name Pfizer is missing." in self.told()[0]

    def test_disclosure_that_expires_is_told_while_the_activity_runs(self) -> None:
        old = timezone.now() - timedelta(days=366)
        running, over = self.settled(under_way=True), self.settled()
        for activity in (running, over):
            person_with(activity, "Old", signed_at=old)
        Activity.objects.update(open_findings=[])  # it is noted as it expires, not when it was entered
        Message.objects.all().delete()
        for _ in range(2):
            tasks.look_at_old_disclosures(timezone.now())
        (mail,) = self.told()
        assert "Old, MD disclosed more than twelve months ago." in mail
        running.refresh_from_db()
        assert running.open_findings

    def test_several_pages_are_told_in_one_mail(self) -> None:
        first, second = self.settled(title="First"), self.settled(title="Second")
        dana = person_with(first, "Dana")
        Role.objects.create(activity=second, person=dana, part="faculty")
        keep(dana, Listed("Pfizer", "speaker"))
        (mail,) = self.told()
        assert ("First" in mail, "Second" in mail) == (True, True)
        assert "2 published pages" in Message.objects.get(about="office").subject

    def test_closed_page_needs_no_attention(self, officer: User) -> None:
        activity = self.settled()
        Activity.objects.update(state="closed")
        dana = person_with(activity, "Dana", companies=["Pfizer"], decision="")
        with guarded(Activity.objects.all(), actor=officer, now=timezone.now()):
            Person.objects.filter(pk=dana.pk).update(degrees="PhD")
        activity.refresh_from_db()
        assert (activity.open_findings, self.told()) == ([], [])

    def test_page_that_is_unpublished_needs_no_attention(self, officer: User) -> None:
        activity = perfect()
        keep(person_with(activity, "Dana"), Listed("Pfizer", "speaker"))
        state.move(activity=activity, verb="unpublish", actor=officer, now=timezone.now(), reason="x")
        activity.refresh_from_db()
        assert activity.open_findings == []


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
        asked = [envelope.rcpt_tos for envelope in mailbox.accepted if b"disclosure/" in envelope.content]  # type: ignore[operator]
        assert asked == [["bo@faculty.example"]]

    def test_page_that_was_open_does_not_undo_what_somebody_else_decided(self, client: Client, officer: User) -> None:
        activity = ActivityFactory()
        ada = person_with(activity, "Ada", companies=["Novartis"], decision="")
        row = ada.relationships.get()
        seen = disclosure.stamp_of(None)
        decided = {"activity": activity, "relationship": row, "decision": "mitigated", "method": "attest", "why": ""}
        disclosure.judge(**decided, actor=officer, now=timezone.now())
        client.force_login(officer)
        prefix = f"relationship-{row.pk}"
        data = {f"{prefix}-{name}": "" for name in ("decision", "method", "why")} | {f"{prefix}-seen": seen}
        answer = client.post(f"/admin/activities/activity/{activity.pk}/people/", data | {"person": str(ada.pk)})
        assert (answer.status_code, Judgement.objects.get().method) == (302, "attest")
        with pytest.raises(CannotJudge, match="decided this while your page was open"):
            disclosure.judge(**decided | {"method": "divest"}, actor=officer, now=timezone.now(), seen=seen)

    def test_empty_desk_says_what_to_do(self, client: Client, officer: User) -> None:
        client.force_login(officer)
        page = client.get(f"/admin/activities/activity/{ActivityFactory().pk}/people/").content.decode()
        assert "Nobody is entered yet." in page
