"""The pages: verification by file, certificates by mail, a name that is wrong; and the office's desks."""

import base64
import csv
import io
import re
import zipfile
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit.models import Event
from certificates import bundle, mailing, naming, tasks
from certificates.models import Certificate, ListRequest, NameCorrection, StoredPdf
from certificates.services import revoke
from jobs import runner
from jobs.models import Job
from outbox.models import Message
from tests.certificates.making import make
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
WISHES = "/admin/certificates/namecorrection/"


@pytest.fixture
def officer(client: Client) -> User:
    user: User = UserFactory(officer=True)
    client.force_login(user)
    return user


class TestVerifyingAFile:
    """Whoever has the file can compare it with what was issued."""

    def post(self, client: Client, content: bytes, name: str = "c.pdf") -> str:
        answer = client.post("/verify/file/", {"file": SimpleUploadedFile(name, content)})
        assert answer["Cache-Control"] == "no-store"
        return answer.content.decode()

    def test_the_very_file_is_known(self, client: Client, learner: User) -> None:
        make(learner)
        runner.drain("certificates")
        page = self.post(client, StoredPdf.objects.get().read())
        assert "This certificate is valid." in page
        assert "byte for byte" in page

    def test_one_other_byte_makes_it_another_file(self, client: Client, learner: User) -> None:
        make(learner)
        runner.drain("certificates")
        page = self.post(client, StoredPdf.objects.get().read() + b"\n")
        assert "This file is not one of our certificates." in page
        assert "Ada Okafor" not in page

    @pytest.mark.parametrize(
        ("content", "words"),
        [(b"hello", "This file is not a PDF."), (b"", "This file is empty."), (b"%PDF-" + b"0" * 5 * 2**20, "5 MB")],
    )
    def test_what_cannot_be_one_is_refused(self, client: Client, content: bytes, words: str) -> None:
        assert words in self.post(client, content)

    def test_huge_upload_is_refused_before_it_is_read(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def read(*_args: object) -> None:
            raise AssertionError("The upload was read.")

        monkeypatch.setattr("django.http.request.HttpRequest.parse_file_upload", read)
        strict = Client(enforce_csrf_checks=True)
        answer = strict.post("/verify/file/", {"file": SimpleUploadedFile("c.pdf", b"%PDF-" + b"0" * 6 * 2**20)})
        assert (answer.status_code, "5 MB" in answer.content.decode()) == (422, True)

    def test_nothing_chosen_is_refused(self, client: Client) -> None:
        answer = client.post("/verify/file/", {})
        assert answer.status_code == 422
        assert "Choose the PDF file" in answer.content.decode()
        assert client.get("/verify/file/")["Location"] == "/verify/"


class TestVerdicts:
    """The answer is whole: valid, not valid and what is instead, or not issued yet."""

    def shown(self, client: Client, certificate: Certificate) -> str:
        return client.get(certificate.verification_path).content.decode()

    def test_chain_is_followed_to_its_end(self, client: Client, learner: User) -> None:
        first = make(learner)
        wish = naming.ask(certificate=first, first_name="Áda", last_name="Okafor", degrees="", note="")
        naming.grant(correction=wish, actor=UserFactory(officer=True), now=timezone.now())
        wish = naming.ask(certificate=first, first_name="Ada", last_name="Okáfor", degrees="", note="")
        (last,) = naming.grant(correction=wish, actor=UserFactory(officer=True), now=timezone.now())
        page = self.shown(client, first)
        assert "Not valid: this certificate was replaced by" in page
        assert f'Valid in its place: <a class="number" href="/verify/{last.number}/">' in page
        revoke(certificate=last, reason="x", now=timezone.now())
        assert "The last one that replaced it was revoked" in self.shown(client, first)
        client.force_login(learner)
        old = client.get(first.get_absolute_url()).content.decode()
        assert ("This certificate was replaced" in old, last.get_absolute_url() in old) == (True, False)
        assert "was revoked" in client.get(last.get_absolute_url()).content.decode()
        assert client.get(f"{first.get_absolute_url()}?anyway=yes").status_code == 409

    def test_before_the_activity_has_ended_nothing_is_proved(self, client: Client, learner: User) -> None:
        assert "Not issued yet" in self.shown(client, make(learner, hours=2))

    @pytest.mark.parametrize("how", ["No.{}", "no. {}", "{} ", "NO {}"])
    @pytest.mark.parametrize("dash", ["-", " ", "\u2013", ""])
    def test_number_may_be_typed_as_people_type(self, client: Client, learner: User, how: str, dash: str) -> None:
        certificate = make(learner)
        typed = how.format(certificate.number.lower().replace("-", dash))
        assert client.get("/verify/", {"code": typed})["Location"] == f"/verify/{certificate.number}/"

    def test_reference_of_a_claim_and_an_empty_field_are_told(self, client: Client) -> None:
        assert "the reference of a claim" in client.get("/verify/R-4K7M-Q2XP-9TRD/").content.decode()
        assert "Enter the number" in client.get("/verify/", {"code": " "}).content.decode()


class TestGuessing:
    """Codes cannot be tried out by the thousand."""

    def test_too_many_tries_from_one_place_are_stopped(self, client: Client) -> None:
        answers = [client.get(f"/verify/nothing-{n}/").status_code for n in range(121)]
        assert set(answers[:120]) == {404}
        assert answers[120] == 429

    def test_known_and_unknown_codes_cost_the_same(self, client: Client, learner: User) -> None:
        counts = []
        for code in (make(learner).code, "x" * 22):
            with CaptureQueriesContext(connection) as counted:
                client.get(f"/verify/{code}/")
            counts.append(len(counted))
        assert counts[0] == counts[1]


class TestSendMeMyCertificates:
    """An address in, the same answer always; the links need the mailbox."""

    def ask(self, client: Client, email: str) -> str:
        answer = client.post("/certificates/", {"email": email})
        assert answer.status_code == 200
        return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", answer.content.decode()).replace(email, "")

    def test_answer_is_the_same_whether_somebody_has_the_address(self, client: Client, learner: User) -> None:
        make(learner)
        assert self.ask(client, learner.email) == self.ask(client, "nobody@example.org")
        assert ListRequest.objects.count() == 2

    def test_owner_receives_links_that_work_without_signing_in(self, client: Client, learner: User) -> None:
        certificate, other = make(learner), make(UserFactory(), reference="R-2")
        waiting = make(learner, hours=3, kind="aapa", reference="R-3")
        runner.drain("certificates")
        self.ask(client, learner.email.upper())
        runner.drain("mail")
        message = Message.objects.get(subject="Your certificates")
        assert (message.to, message.about, ListRequest.objects.count()) == (learner.email, "certificates", 0)
        assert certificate.number in message.text
        address = re.search(r"https?://[^/]+(/certificates/list/\S+)", message.text)
        assert address
        listed = client.get(address[1])
        page = listed.content.decode()
        assert (certificate.number in page, other.number in page) == (True, False)
        assert (listed["Referrer-Policy"], "Comes " in page) == ("no-referrer", True)
        assert client.get(f"{address[1]}{certificate.number}.pdf").content.startswith(b"%PDF-")
        assert client.get(f"{address[1]}{other.number}.pdf").status_code == 404
        assert client.get(f"{address[1]}{waiting.number}.pdf").status_code == 409

    def test_unknown_address_is_told_by_mail_only(self, client: Client) -> None:
        self.ask(client, "nobody@example.org")
        runner.drain("mail")
        assert "There are none." in Message.objects.get().text

    def test_other_address_that_was_confirmed_will_do(self, client: Client, learner: User) -> None:
        make(learner)
        for address, verified in (("old@example.org", True), ("claimed@example.org", False)):
            EmailAddress.objects.create(user=learner, email=address, verified=verified)
            self.ask(client, address)
        runner.drain("mail")
        texts = {row.to: "There are none." in row.text for row in Message.objects.filter(about="certificates")}
        assert texts["old@example.org"] is False
        assert texts["claimed@example.org"] is True

    def test_wishes_that_were_never_answered_are_erased(self, client: Client) -> None:
        self.ask(client, "nobody@example.org")
        tasks.forget_lists(timezone.now())
        assert ListRequest.objects.count() == 1
        tasks.forget_lists(timezone.now() + timedelta(days=2))
        assert ListRequest.objects.count() == 0

    def test_link_does_not_tell_the_address(self, learner: User) -> None:
        token = mailing.address_of(learner).rstrip("/").rpartition("/")[2]
        assert learner.email not in base64.urlsafe_b64decode(token.partition(":")[0] + "==").decode()

    def test_link_dies_with_the_day_and_with_the_address(self, client: Client, learner: User) -> None:
        certificate = make(learner)
        path = mailing.address_of(learner).partition("8000")[2]
        assert client.get(path).status_code == 200
        User.objects.update(email="new@example.org")
        assert client.get(path).status_code == 410
        assert client.get(f"{path}{certificate.number}.pdf").status_code == 410
        assert client.get("/certificates/list/forged/").status_code == 410

    def test_one_mailbox_is_written_to_three_times_an_hour_and_nobody_sees_that(self, client: Client) -> None:
        answers = {self.ask(client, "nobody@example.org") for _ in range(5)}
        assert (len(answers), ListRequest.objects.count()) == (1, 3)

    def test_one_place_asks_twenty_times_a_minute(self, client: Client) -> None:
        answers = [client.post("/certificates/", {"email": f"p{n}@example.org"}).status_code for n in range(21)]
        assert answers[19:] == [200, 429]

    @pytest.mark.parametrize("email", ["", "nobody", "a@b.org\nBcc: c@d.org"])
    def test_what_is_no_address_is_told(self, client: Client, email: str) -> None:
        answer = client.post("/certificates/", {"email": email})
        assert answer.status_code == 422
        assert not ListRequest.objects.exists()
        assert client.get("/certificates/").status_code == 200

    def test_wish_that_was_answered_already_is_no_fault(self) -> None:
        mailing.ask("nobody@example.org")
        ListRequest.objects.all().delete()
        runner.drain("mail")
        assert (Message.objects.count(), Job.objects.get().state) == (0, "done")


class TestNames:
    """A learner asks, the office grants with one click, and everything that stands is issued anew."""

    def ask(self, client: Client, learner: User) -> Certificate:
        certificate = make(learner, learner=learner.display_name)
        client.force_login(learner)
        answer = client.post(
            f"/certificates/{certificate.number}/name/",
            {"first_name": "Áda", "last_name": "Okafor", "degrees": "MD", "note": "A typing error."},
        )
        assert answer.status_code == 302
        return certificate

    def test_granted_name_is_on_every_certificate_that_stands(self, client: Client, learner: User) -> None:
        certificate = self.ask(client, learner)
        second = make(learner, reference="R-2", learner=learner.display_name)
        revoked = make(learner, reference="R-3", learner=learner.display_name)
        revoke(certificate=revoked, reason="x", now=timezone.now())
        same = make(learner, reference="R-4", learner="Áda Okafor, MD")
        page = client.get(f"/certificates/{certificate.number}/name/").content.decode()
        assert "The CME office has not decided yet" in page
        officer = UserFactory(officer=True)
        client.force_login(officer)
        listed = client.get(WISHES).content.decode()
        wish = NameCorrection.objects.get()
        assert f'formaction="{WISHES}{wish.pk}/grant/"' in listed
        answer = client.post(f"{WISHES}{wish.pk}/grant/", follow=True).content.decode()
        assert "Áda Okafor, MD: 2 certificates issued anew." in answer
        learner.refresh_from_db()
        assert learner.first_name == "Áda"
        replaced = {row.reference: row for row in Certificate.objects.filter(version=2)}
        assert set(replaced) == {certificate.reference, second.reference}
        today = f"{timezone.now():%B %-d, %Y}"
        assert replaced["R-1"].data == {**certificate.data, "learner": "Áda Okafor, MD", "issued_on": today}
        assert Certificate.objects.get(pk=same.pk).replacement is None
        wish.refresh_from_db()
        assert (wish.state, wish.decided_by) == ("granted", officer)
        assert Event.objects.filter(action="granted a name", actor="Ada Okafor, MD").exists()
        runner.drain("certificates")
        mails = Message.objects.filter(subject__startswith="Your corrected certificate:")
        assert any(f"It replaces No. {certificate.number}" in mail.text for mail in mails)
        assert any("Reason: Your name was corrected to Áda Okafor, MD." in mail.text for mail in mails)
        again = client.post(f"{WISHES}{wish.pk}/grant/", follow=True).content.decode()
        assert "This was decided already." in again

    def test_declined_wish_is_told_and_changes_nothing(self, client: Client, learner: User) -> None:
        self.ask(client, learner)
        wish = NameCorrection.objects.get()
        client.force_login(UserFactory(officer=True))
        assert "declined" in client.post(f"{WISHES}{wish.pk}/decline/", follow=True).content.decode()
        learner.refresh_from_db()
        assert (learner.first_name, Certificate.objects.count()) == ("Ada", 1)
        assert "could not agree" in Message.objects.get().text
        assert "declined" in client.get(WISHES).content.decode()

    def test_many_are_granted_at_once(self, client: Client, learner: User) -> None:
        self.ask(client, learner)
        wish = NameCorrection.objects.get()
        client.force_login(UserFactory(officer=True))
        client.post(WISHES, {"action": "grant_all", "_selected_action": [wish.pk]})
        wish.refresh_from_db()
        assert wish.state == "granted"

    def test_second_wish_waits_for_the_first(self, client: Client, learner: User) -> None:
        certificate = self.ask(client, learner)
        client.post(f"/certificates/{certificate.number}/name/", {"first_name": "X", "last_name": "Y"})
        naming.ask(certificate=certificate, first_name="X", last_name="Y", degrees="", note="")
        assert str(NameCorrection.objects.get()) == "Áda Okafor, MD"

    def test_name_that_is_printed_already_is_refused(self, client: Client, learner: User) -> None:
        certificate = make(learner, learner=learner.display_name)
        client.force_login(learner)
        names = {"first_name": learner.first_name, "last_name": learner.last_name, "degrees": learner.degrees}
        answer = client.post(f"/certificates/{certificate.number}/name/", names)
        assert answer.status_code == 422
        assert "the name on the certificate already" in answer.content.decode()

    def test_incomplete_name_is_refused(self, client: Client, learner: User) -> None:
        certificate = make(learner)
        client.force_login(learner)
        answer = client.post(f"/certificates/{certificate.number}/name/", {"first_name": "Áda"})
        assert answer.status_code == 422
        assert "Enter your family name." in answer.content.decode()

    def test_who_may_only_look_decides_nothing(self, client: Client, learner: User) -> None:
        self.ask(client, learner)
        wish = NameCorrection.objects.get()
        looker = UserFactory(is_staff=True)
        client.force_login(looker)
        assert client.post(f"{WISHES}{wish.pk}/grant/").status_code == 403
        client.force_login(UserFactory(officer=True))
        assert client.get(f"{WISHES}{wish.pk}/grant/").status_code == 405

    def test_somebody_elses_certificate_is_not_found(self, client: Client, learner: User) -> None:
        certificate = make(UserFactory())
        client.force_login(learner)
        assert client.get(f"/certificates/{certificate.number}/name/").status_code == 404


@pytest.mark.usefixtures("officer")
def test_list_says_which_are_valid_and_what_name_was_printed(client: Client, learner: User) -> None:
    revoked = make(learner, reference="R-2", learner="Grace Hopper, MD")
    revoke(certificate=revoked, reason="x", now=timezone.now())
    first = make(learner)
    wish = naming.ask(certificate=first, first_name="Áda", last_name="Okafor", degrees="", note="")
    (second,) = naming.grant(correction=wish, actor=UserFactory(officer=True), now=timezone.now())
    page = client.get("/admin/certificates/certificate/").content.decode()
    assert f"replaced by {second}" in page
    assert ("revoked" in page, "Grace Hopper, MD" in page) == (True, True)


def test_colleague_who_was_faster_is_told(client: Client, learner: User, officer: User) -> None:
    wish = naming.ask(certificate=make(learner), first_name="Áda", last_name="Okafor", degrees="", note="")
    naming.decline(correction=wish, actor=officer, now=timezone.now())
    page = client.post(WISHES, {"action": "grant_all", "_selected_action": [wish.pk]}, follow=True).content.decode()
    assert "This was decided already." in page


@pytest.mark.usefixtures("officer")
def test_chosen_certificates_come_in_one_zip(client: Client, learner: User) -> None:
    made = [make(learner, reference=f"R-{n}", learner=name) for n, name in enumerate(("Łukasz ../etc", "=1+1"))]
    runner.drain("certificates")
    StoredPdf.objects.filter(certificate=made[1]).update(content=b"%PDF-1.7 damaged")
    late = make(learner, reference="R-9", hours=1)
    chosen = {"action": "download", "_selected_action": [row.pk for row in [*made, late]]}
    answer = client.post("/admin/certificates/certificate/", chosen)
    assert (answer["Content-Type"], answer.streaming) == ("application/zip", True)
    assert made[0].number in Event.objects.get(action="downloaded certificates").after["certificates"]
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:  # type: ignore[arg-type]
        assert archive.testzip() is None
        names = archive.namelist()
        assert names == [f"Łukasz-etc-{made[0].number}.pdf", bundle.TABLE]
        assert archive.read(names[0]) == StoredPdf.objects.get(certificate=made[0]).read()
        table = list(csv.reader(archive.read(bundle.TABLE).decode().splitlines()))
    assert [(row[0], row[1], row[5]) for row in table[1:]] == [
        (made[0].number, "Łukasz ../etc", names[0]), (made[1].number, "'=1+1", "damaged"),
        (late.number, "Ada Okafor, MD", "not made yet"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Ju\u0308rgen Mu\u0308ller, MD", "Jürgen-Müller-MD"),
        ("लक्ष्मी शर्मा", "लक्ष्मी-शर्मा"),
        ("นางสาว สมศรี", "นางสาว-สมศรี"),
        ("../../etc", "etc"),
        ("...", "certificate"),
    ],
)
def test_names_of_files_keep_marks_with_their_letters(name: str, file: str) -> None:
    assert bundle._file_name(name) == file
