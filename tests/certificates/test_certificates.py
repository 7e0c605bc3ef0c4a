"""Issue, delivery, the stored bytes, and who may see them."""

import base64
import hashlib
import io
import socket

import pytest
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader
from weasyprint.urls import FatalURLFetchingError

from accounts.models import User
from certificates import pdf, services
from certificates.models import Certificate, StoredPdf
from certificates.tasks import attachment
from jobs import runner
from jobs.models import Job
from outbox.models import Message
from tests.certificates.making import make
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def text_of(content: bytes) -> str:
    return " ".join(PdfReader(io.BytesIO(content)).pages[0].extract_text().split())


def test_certificate_is_delivered_once_with_its_stored_bytes(learner: User) -> None:
    certificate = make(learner)
    assert runner.drain("certificates") == 1
    assert runner.drain("certificates") == 0
    certificate.refresh_from_db()
    stored = StoredPdf.objects.get()
    message = Message.objects.get()
    assert (certificate.state, stored.certificate_id) == ("delivered", certificate.pk)
    assert stored.sha256 == str(stored) == hashlib.sha256(stored.read()).hexdigest()
    attached = message.attachments.get()
    assert (attached.content, attached.supplier, attached.key) == (None, "certificate", certificate.number)
    assert attachment(certificate.number) == stored.read()
    assert (message.to, message.reply_to, message.reference) == (learner.email, "cme@society.example", "R-1")
    assert f"Certificate number: {certificate.number}" in message.text


def test_certificate_is_not_delivered_before_its_time(learner: User) -> None:
    certificate = make(learner, hours=1)
    assert runner.drain("certificates") == 0
    assert not certificate.is_due
    Job.objects.update(due=timezone.now())
    assert runner.drain("certificates") == 1


def test_pdf_says_what_the_ama_asks_for_and_is_tagged(learner: User) -> None:
    certificate = make(learner)
    content = pdf.make(certificate).whole
    text = text_of(content)
    for words in ("Ada Okafor, MD", "Society of Examples (SOE)", "Progress in Examples", "live activity",
                  "Portland, Oregon", "January 24–27, 2022", "12.25 AMA PRA Category 1 Credits™",
                  certificate.number, certificate.code):  # fmt: skip
        assert words in text
    reader = PdfReader(io.BytesIO(content))
    root = reader.trailer["/Root"]
    assert (len(reader.pages), root["/Lang"], root["/MarkInfo"]["/Marked"].value) == (1, "en", True)
    assert reader.metadata is not None
    assert reader.metadata.title == "Certificate of Credit: Progress in Examples"


def test_same_words_give_the_same_bytes(learner: User) -> None:
    certificate = make(learner)
    assert pdf.make(certificate).sha256 == pdf.make(certificate).sha256


def test_later_change_of_name_changes_no_certificate(learner: User) -> None:
    certificate = make(learner)
    before = pdf.make(certificate).sha256
    User.objects.update(last_name="Changed")
    certificate.refresh_from_db()
    assert pdf.make(certificate).sha256 == before


@pytest.mark.parametrize(
    "name",
    [
        "<b>Ada</b>",
        '<img src="file:///etc/passwd">',
        '<link rel="attachment" href="file:///etc/passwd">',
        "<style>@import 'http://127.0.0.1:1/x.css'</style>",
    ],
)
def test_markup_in_a_name_is_printed_as_text(learner: User, name: str) -> None:
    content = pdf.make_in_full(make(learner, learner=name)).whole
    assert "".join(name.split()) in "".join(text_of(content).split())
    assert b"root:" not in content


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://127.0.0.1:1/x.png", "ftp://127.0.0.1:1/x"])
@pytest.mark.parametrize(
    "markup",
    [
        '<img src="{}" alt="">',
        "<style>@import '{}';</style>",
        "<style>@font-face {{ font-family: X; src: url({}) }} p {{ font-family: X }}</style>",
        "<style>p {{ background: url({}) }}</style>",
        '<link rel="stylesheet" href="{}">',
        '<link rel="attachment" href="{}">',
        '<object data="{}"></object>',
    ],
)
def test_page_that_refers_outside_is_not_rendered(
    learner: User, markup: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "page", lambda _certificate: f"<p>Words</p>{markup.format(address)}")
    with pytest.raises(FatalURLFetchingError):
        pdf.make_in_full(make(learner))


def test_picture_in_a_picture_is_not_fetched(learner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an SVG refers to is left out without a word; the listener would see who asks."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        inner = f"<image width='9' height='9' href='http://127.0.0.1:{listener.getsockname()[1]}/x.png'/>"
        svg = f"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>{inner}</svg>"
        outer = f'<img alt="" src="data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}">'
        monkeypatch.setattr(pdf, "page", lambda _certificate: f'<html lang="en"><title>T</title>{outer}</html>')
        assert pdf.make_in_full(make(learner)).content.startswith(b"%PDF-")
        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.mark.parametrize("length", [20, 50, 120])
def test_long_names_stay_on_the_page(learner: User, length: int) -> None:
    certificate = make(learner, learner="Adamantine " * (length // 10), activity="Examples " * (length // 8))
    content = pdf.make_in_full(certificate).whole
    assert len(PdfReader(io.BytesIO(content)).pages) == 1


def test_second_certificate_of_one_claim_kind_and_version_is_refused(learner: User) -> None:
    make(learner)
    with pytest.raises(IntegrityError):
        make(learner)


class TestDownload:
    """The owner and nobody else downloads the stored bytes."""

    def test_owner_gets_the_stored_bytes_and_no_cache_keeps_them(self, client: Client, learner: User) -> None:
        certificate = make(learner)
        runner.drain("certificates")
        client.force_login(learner)
        answer = client.get(certificate.get_absolute_url())
        assert answer.content == StoredPdf.objects.get().read()
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["Content-Type"] == "application/pdf"

    def test_another_learner_is_told_that_there_is_no_such_page(self, client: Client, learner: User) -> None:
        certificate = make(learner)
        runner.drain("certificates")
        client.force_login(UserFactory())
        answer = client.get(certificate.get_absolute_url())
        assert answer.status_code == 404
        assert b"There is no such page" in answer.content

    def test_office_may_read_every_certificate(self, client: Client, learner: User) -> None:
        certificate = make(learner)
        runner.drain("certificates")
        client.force_login(UserFactory(officer=True))
        assert client.get(certificate.get_absolute_url()).status_code == 200

    def test_nobody_signed_in_is_asked_to_sign_in(self, client: Client, learner: User) -> None:
        certificate = make(learner)
        assert client.get(certificate.get_absolute_url())["Location"].startswith("/accounts/login/code/?next=/cert")

    def test_owner_who_comes_too_early_is_told_when(self, client: Client, learner: User) -> None:
        client.force_login(learner)
        waiting, due = make(learner, hours=30), make(learner, kind="participation")
        page = client.get(waiting.get_absolute_url())
        assert page.status_code == 409
        assert "after the activity has ended" in page.content.decode()
        assert b"within minutes" in client.get(due.get_absolute_url()).content


class TestVerification:
    """Anybody with the code learns whether a certificate is valid, and nothing that is not on it."""

    def test_code_tells_what_the_certificate_proves(self, client: Client, learner: User) -> None:
        certificate = make(learner)
        answer = client.get(certificate.verification_path)
        page = answer.content.decode()
        for words in ("This certificate is valid.", "Ada Okafor, MD", "12.25 <em>AMA PRA", "Society of Examples (SOE)"):
            assert words in page
        assert learner.email not in page
        assert (answer["X-Robots-Tag"], answer["Referrer-Policy"]) == ("noindex", "same-origin")

    def test_printed_number_does_as_well_in_any_letters(self, client: Client, learner: User) -> None:
        certificate = make(learner)
        typed = f"No. {certificate.number.lower()}"
        answer = client.get("/verify/", {"code": typed}, follow=True)
        assert b"This certificate is valid." in answer.content

    def test_replaced_certificate_names_its_successor(self, client: Client, learner: User) -> None:
        old = make(learner)
        new = make(learner, kind="participation")
        Certificate.objects.filter(pk=new.pk).update(supersedes=old)
        assert f"replaced by {new.number}" in client.get(old.verification_path).content.decode()

    def test_unknown_code_is_told_what_to_do(self, client: Client) -> None:
        answer = client.get("/verify/nothing/")
        assert answer.status_code == 404
        assert b"No certificate has this number or code." in answer.content

    @pytest.mark.parametrize("typed", ["abc", " abc ", "https://cme.example/verify/abc/"])
    def test_code_or_whole_address_may_be_typed(self, client: Client, typed: str) -> None:
        assert client.get("/verify/", {"code": typed})["Location"] == "/verify/abc/"

    @pytest.mark.parametrize("typed", ["a b", "ä/?"])
    def test_what_cannot_be_a_code_is_told_so(self, client: Client, typed: str) -> None:
        answer = client.get("/verify/", {"code": typed})
        assert answer.status_code == 404
        assert b"No certificate has this number or code." in answer.content
        assert client.get("/verify/%00/").status_code == 404

    def test_form_is_offered(self, client: Client) -> None:
        assert b"Certificate number" in client.get("/verify/").content


def test_office_sees_certificates_and_changes_none(client: Client, learner: User) -> None:
    certificate = make(learner)
    client.force_login(UserFactory(officer=True))
    address = f"/admin/certificates/certificate/{certificate.pk}/change/"
    assert certificate.number in client.get("/admin/certificates/certificate/").content.decode()
    assert "/admin/outbox/message/?q=R-1" in client.get(address).content.decode()
    assert client.post(address, {"kind": "x"}).status_code == 403
    assert client.post(address.replace("change", "delete")).status_code == 403
    assert client.get("/admin/certificates/certificate/add/").status_code == 403
    assert str(certificate) == certificate.number


@pytest.mark.django_db
def test_number_is_found_without_its_hyphens(client: Client) -> None:
    answer = client.get("/verify/", {"code": "4k7mq2xp9trd"})
    assert answer["Location"] == "/verify/4K7M-Q2XP-9TRD/"


def test_certificate_that_has_left_follows_nothing(learner: User) -> None:
    certificate = make(learner)
    Certificate.objects.update(state="delivered", delivered_at=timezone.now())
    services.follow(certificate, {**certificate.data, "activity": "Another"}, timezone.now())
    certificate.refresh_from_db()
    assert certificate.data["activity"] == "Progress in Examples"
