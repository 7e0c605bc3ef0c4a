"""What was issued is kept as it was: bytes, pictures, signature; and what was forgotten is found."""

import io
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader
from pytest_django import Settings

from accounts.models import User
from certificates import pdf, tasks
from certificates.models import Certificate, Damaged, ListRequest, NameCorrection, Picture, Sheet, StoredPdf
from certificates.services import freeze, revoke
from cme_portal import keys
from jobs import runner
from jobs.models import Job
from outbox.models import Message
from printing import signing
from tests.certificates.making import make
from tests.factories import UserFactory, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the first certificate have stationery."""
    monkeypatch.setattr(pdf, "PAYS_FROM", 0)
    pdf.forget()
    yield
    pdf.forget()


@pytest.mark.usefixtures("prepared")
class TestSheets:
    """Thousands of certificates share one sheet of stored bytes."""

    def test_shared_bytes_are_stored_once_and_every_pdf_is_whole(self, learner: User) -> None:
        certificates = [make(UserFactory(), reference=f"R-{n}", learner=f"Ada {'abc'[n]}") for n in range(3)]
        runner.drain("certificates")
        stored = list(StoredPdf.objects.select_related("sheet").order_by("pk"))
        sheet = Sheet.objects.get()
        assert [row.sheet for row in stored] == [sheet] * 3
        assert max(len(bytes(row.content)) for row in stored) < 5000 < len(bytes(sheet.content))
        for certificate, row in zip(certificates, stored, strict=True):
            text = PdfReader(io.BytesIO(row.read())).pages[0].extract_text()
            assert certificate.number in text
            assert certificate.data["learner"] in text
        assert str(sheet) == sheet.sha256

    def test_made_anew_it_has_the_same_bytes(self, learner: User) -> None:
        certificate = make(learner)
        runner.drain("certificates")
        pdf.forget()
        certificate.refresh_from_db()
        assert pdf.make(certificate).sha256 == StoredPdf.objects.get().sha256

    def test_damaged_bytes_are_never_handed_out(self, client: Client, learner: User) -> None:
        certificate = make(learner)
        runner.drain("certificates")
        Sheet.objects.update(content=b"%PDF-1.7 damaged")
        client.force_login(learner)
        with pytest.raises(Damaged):
            client.get(certificate.get_absolute_url())


class TestPictures:
    """Logo and signatures are frozen with the words."""

    def test_picture_stays_when_the_provider_has_another(self, learner: User) -> None:
        drawn = picture().read()
        frozen = freeze(drawn)
        assert (freeze(drawn), freeze(b""), Picture.objects.count()) == (frozen, "", 1)
        signatory = {"name": "Sam Signer", "title": "Director", "picture": frozen}
        certificate = make(learner, logo=frozen, signatories=[signatory])
        page = pdf.page(certificate)
        assert page.count("data:image/png;base64") == 2
        assert "Signature of Sam Signer" in page
        pdf.make_in_full(certificate)
        assert str(Picture.objects.get()) == frozen


@pytest.mark.usefixtures("prepared")
class TestOddPages:
    """Whatever goes wrong with stationery, a certificate is laid out in full."""

    def test_nothing_where_a_name_should_be(self, learner: User) -> None:
        assert pdf.make(make(learner, learner="")).stationery is None

    def test_weasyprint_that_draws_otherwise(self, learner: User, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_args: object) -> None:
            raise KeyError("Contents")

        monkeypatch.setattr("certificates.pdf.preparing.prepare", fail)
        assert pdf.make(make(learner)).content.startswith(b"%PDF-")

    def test_stationery_that_was_dropped_is_made_again_only_where_it_pays(
        self, learner: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pdf, "KEPT", 1)
        monkeypatch.setattr(pdf, "PAYS_FROM", 1)
        made = [make(UserFactory(), reference=f"R-{n}", activity="AB"[n % 2]) for n in range(6)]
        assert [bool(pdf.make(row).stationery) for row in made] == [False, False, True, True, False, True]


class TestSweep:
    """A certificate that is due and has no job is delivered all the same."""

    def test_lost_job_is_written_anew(self, learner: User) -> None:
        certificate = make(learner)
        Job.objects.all().delete()
        tasks.forgotten(timezone.now())
        assert Job.objects.get().key == f"certificates.deliver:{certificate.pk}"
        assert runner.drain("certificates") == 1
        tasks.forgotten(timezone.now())
        assert Job.objects.filter(kind="certificates.deliver", state="todo").count() == 0

    def test_job_that_ended_without_its_work_is_done_again(self, learner: User) -> None:
        make(learner)
        Job.objects.update(state="done", ended_at=timezone.now())
        tasks.forgotten(timezone.now())
        assert runner.drain("certificates") == 1
        assert StoredPdf.objects.count() == 1

    @pytest.mark.parametrize("state", ["todo", "dead"])
    def test_waiting_and_given_up_jobs_are_left_alone(self, learner: User, state: str) -> None:
        make(learner)
        Job.objects.update(state=state, ended_at=None if state == "todo" else timezone.now())
        tasks.forgotten(timezone.now())
        assert Job.objects.get().state == state

    def test_what_is_not_due_or_proves_nothing_is_left_alone(self, learner: User) -> None:
        make(learner, hours=1)
        revoke(certificate=make(learner, kind="aapa"), reason="x", now=timezone.now())
        Job.objects.all().delete()
        tasks.forgotten(timezone.now())
        assert not Job.objects.exists()

    def test_sweep_that_fails_stops_no_other(self, learner: User, monkeypatch: pytest.MonkeyPatch) -> None:
        make(learner)
        Job.objects.all().delete()

        def fail(_now: object) -> None:
            raise ValueError

        monkeypatch.setattr(runner, "SWEEPS", [fail, tasks.forgotten])
        runner.sweep()
        assert Job.objects.count() == 1


class TestWithdrawnMeanwhile:
    """A mail that waits does not carry a certificate that proves nothing any more."""

    def test_mail_is_not_sent(self, learner: User) -> None:
        certificate = make(learner)
        runner.drain("certificates")
        revoke(certificate=certificate, reason="Withdrawn.", now=timezone.now())
        runner.drain("mail")
        message = Message.objects.get()
        assert (message.state, message.sent_at) == ("cancelled", None)
        assert "is not valid any more, so it was not sent" in message.error
        assert Job.objects.get(kind="outbox.send").state == "done"


class TestSigned:
    """With a key, every certificate carries a signature that an independent program finds valid."""

    @pytest.fixture
    def key(self, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.setattr(sys, "argv", ["keys", str(tmp_path / "signing")])
        runpy.run_path(str(keys.__file__), run_name="__main__")  # as script/setup does
        first = (tmp_path / "signing/key.pem").read_bytes()
        keys.ensure_signing(tmp_path / "signing")
        assert (tmp_path / "signing/key.pem").read_bytes() == first
        settings.SIGNING_KEY = str(tmp_path / "signing/key.pem")
        settings.SIGNING_CERTIFICATE = settings.SIGNING_CHAIN = str(tmp_path / "signing/certificate.pem")
        signing.forget()
        yield
        signing.forget()

    @pytest.mark.usefixtures("key")
    @pytest.mark.parametrize("paid", [0, 5])
    def test_signature_is_valid_and_covers_everything(
        self, learner: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paid: int
    ) -> None:
        monkeypatch.setattr(pdf, "PAYS_FROM", paid)
        pdf.forget()
        make(learner)
        runner.drain("certificates")
        pdf.forget()
        stored = StoredPdf.objects.get()
        assert bool(stored.sheet) is (paid == 0)
        file = tmp_path / "signed.pdf"
        file.write_bytes(stored.read())
        told = subprocess.run(["pdfsig", "-nocert", file], check=True, capture_output=True, text=True).stdout
        for words in ("Signature is Valid", "Total document signed", "ETSI.CAdES.detached", "SHA-256"):
            assert words in told
        file.write_bytes(stored.read().replace(b"/Producer (Weasy", b"/Producer (Wuasy"))
        told = subprocess.run(["pdfsig", "-nocert", file], check=False, capture_output=True, text=True).stdout
        assert "Signature is Valid" not in told

    def test_key_and_certificate_that_cannot_be_used_are_told(self, settings: Settings, tmp_path: Path) -> None:
        settings.SIGNING_KEY = settings.SIGNING_CERTIFICATE = str(tmp_path / "nothing.pem")
        signing.forget()
        with pytest.raises(ValueError, match="SIGNING_KEY"):
            signing.sign(b"%PDF-1.7")


def test_rows_are_told_in_words(learner: User) -> None:
    wish = NameCorrection(learner=learner, first_name="Grace", last_name="Hopper")
    assert (str(wish), str(ListRequest(pk=3))) == ("Grace Hopper", "list 3")
    assert Certificate(number="X").replacement is None
