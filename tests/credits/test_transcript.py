"""The transcript: what was earned here and elsewhere, between two days, with totals, on paper and as a table."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from accounts.models import User
from activities import zones
from credits.forms import outside
from credits.models import OutsideCredit
from credits.transcript import Transcript, Wanted
from printing import turn
from reporting.models import Submission
from reporting.snapshots import STATE_CREDIT
from surveys.models import Response
from tests.credits.making import ADA, amend, claim
from tests.factories import ActivityFactory, UserFactory, picture, today
from tests.printing.reading import starts_of_lines
from tests.reporting.making import report
from tests.surveys.conftest import address as page_of

pytestmark = pytest.mark.django_db
ENTERED = {
    "title": "A course", "provider": "Another society", "kind": "AMA PRA Category 1 Credits™", "amount": "2.5",
    "earned_on": "2026-03-01",
}  # fmt: skip


def elsewhere(learner: User, **facts: object) -> OutsideCredit:
    return OutsideCredit.objects.create(
        learner=learner,
        **{"title": "A course", "provider": "Others", "credit": "Credits", "amount": Decimal(2), "earned_on": today()}
        | facts,
    )


class TestLines:
    """What stands in it."""

    def test_lines_and_totals_by_kind(self, learner: User) -> None:
        credit = {"ama_pra": "20.00", "ipce": "4.00"}
        first = claim(learner, ActivityFactory(credit=credit), "5.00")
        claim(learner, ActivityFactory(credit=credit), "2.50")
        amend(first, "6.00")
        elsewhere(learner)
        found = Transcript(learner, Wanted())
        assert found.totals == [
            ("AMA PRA Category 1 Credits™", "8.50"),
            ("IPCE credits", "6.50"),
            ("Credits (self-reported)", "2.00"),
        ]
        assert [line.words for line in found.lines if line.is_self_reported] == ["2.00 Credits"]

    def test_day_is_the_meetings_last_or_that_of_the_completed_study(self, learner: User) -> None:
        meeting = ActivityFactory()
        claim(learner, meeting, "5.00")
        claim(learner, ActivityFactory(self_study=True, to_study=True), "5.00")
        days = sorted(line.day for line in Transcript(learner, Wanted()).lines)
        assert days[0] == meeting.ends_on
        assert abs((days[1] - today()).days) <= 1

    def test_range_and_kind_narrow_it(self, learner: User) -> None:
        meeting = ActivityFactory(credit={"ama_pra": "20.00", "ipce": "20.00"})
        claim(learner, meeting, "5.00")
        elsewhere(learner, earned_on=date(2020, 1, 1))
        day = meeting.ends_on

        def lines(*wanted: object) -> list[str]:
            return sorted(line.words for line in Transcript(learner, Wanted(*wanted)).lines)  # type: ignore[arg-type]

        both = ["5.00 AMA PRA Category 1 Credits™", "5.00 IPCE credits"]
        assert lines(day, day) == both
        assert lines(None, date(2020, 12, 31)) == ["2.00 Credits"]
        assert lines(date(2021, 1, 1)) == both
        assert lines(None, None, "ipce") == ["5.00 IPCE credits"]
        assert lines(None, None, "elsewhere") == ["2.00 Credits"]
        assert lines(None, None, "ancc") == []

    def test_withdrawn_claim_counts_nothing_and_is_still_listed(self, learner: User) -> None:
        made = claim(learner, ActivityFactory(), "5.00")
        row = made.awards.get()
        row.pk, row.amount, row.reverses, row.reason = None, -row.amount, made.awards.get(), "x"
        row.save(force_insert=True)
        found = Transcript(learner, Wanted())
        assert (found.lines, found.totals, [item.claim for item in found.followed]) == ([], [], [made])
        assert Transcript(learner, Wanted(kind="ama_pra")).followed == []


class TestPages:
    """As a list, a table and on paper."""

    def test_list_shows_totals_timeline_and_what_was_entered(self, signed_in: Client, learner: User) -> None:
        made = claim(learner, ActivityFactory(), "5.00")
        elsewhere(learner, title="Elsewhere & away")
        page = signed_in.get("/credits/").content.decode()
        for words in (made.reference, "Elsewhere &amp; away", "self-reported", "Transcript as PDF", "5.00"):
            assert words in page
        page = signed_in.get("/credits/?since=2100-01-01").content.decode()
        assert "Nothing that you claimed here fits." in page

    def test_day_that_is_none_is_said(self, signed_in: Client) -> None:
        for address in ("/credits/", "/credits/transcript.csv", "/credits/transcript.pdf"):
            answer = signed_in.get(f"{address}?since=yesterday")
            assert (answer.status_code, b"Enter a valid date." in answer.content) == (422, True)
        answer = signed_in.get("/credits/?since=2026-02-01&until=2026-01-01")
        assert (answer.status_code, b"This day lies before the first one." in answer.content) == (422, True)

    def test_table_has_a_row_for_each_amount(self, signed_in: Client, learner: User) -> None:
        made = claim(learner, ActivityFactory(), "5.00")
        elsewhere(learner, title="=1+1")
        rows = list(csv.DictReader(io.StringIO(signed_in.get("/credits/transcript.csv").content.decode("utf-8-sig"))))
        assert sorted((row["Activity"], row["Amount"], row["Reference"]) for row in rows) == [
            ("'=1+1", "2.00", "self-reported"), ("Progress in Examples", "5.00", made.reference),
        ]  # fmt: skip

    def test_points_stand_beside_the_credit_as_far_as_they_have_come(self, signed_in: Client, learner: User) -> None:
        made = claim(learner, ActivityFactory(moc="18.50"), "5.00", ADA)
        (line,) = Transcript(learner, Wanted()).lines
        assert line.points == ("5.00 Medical Knowledge MOC points, ABIM (ready to send)",)
        Submission.objects.get().move("sending")
        Submission.objects.get().move("accepted")
        table = signed_in.get("/credits/transcript.csv").content.decode("utf-8-sig")
        (row,) = csv.DictReader(io.StringIO(table))
        assert row["MOC points"] == "5.00 Medical Knowledge MOC points, ABIM"
        assert row["Claimed"] == zones.local(made.claimed_at, made.activity.time_zone).date().isoformat()
        text = PdfReader(io.BytesIO(signed_in.get("/credits/transcript.pdf").content)).pages[0].extract_text()
        assert "5.00 Medical Knowledge MOC points, ABIM" in " ".join(text.split())

    def test_report_to_a_state_is_no_points(self, learner: User) -> None:
        made = claim(learner, ActivityFactory(), "5.00")
        report(learner, reference=made.reference, credit_type=STATE_CREDIT)
        assert Transcript(learner, Wanted()).lines[0].points == ()

    def test_self_study_says_the_day_on_which_it_was_completed(self, signed_in: Client, learner: User) -> None:
        made = claim(learner, ActivityFactory(self_study=True, to_study=True), "5.00")
        page = signed_in.get("/credits/").content.decode()
        assert f"completed {made.completed_day:%B} {made.completed_day.day}" in page

    def test_request_that_was_begun_is_listed_with_the_way_on(self, signed_in: Client, learner: User) -> None:
        begun, over = ActivityFactory(title="Begun"), ActivityFactory(title="Too late", over=True)
        signed_in.post(page_of(begun, "credit"), {"amount": "2.25"})
        survey = over.surveys.get()
        Response.objects.create(survey=survey, learner=learner, started_at=timezone.now(), saved_at=timezone.now())
        page = signed_in.get("/credits/").content.decode()
        assert "Not submitted yet: <strong>Begun</strong>" in page
        assert f'href="{page_of(begun)}"' in page
        assert "Too late" not in page

    def test_paper_says_where_to_verify_and_keeps_every_column(self, signed_in: Client, learner: User) -> None:
        claim(learner, ActivityFactory(), "5.00")
        elsewhere(learner, title="x" * 250, provider="y" * 200)
        (page,) = PdfReader(io.BytesIO(signed_in.get("/credits/transcript.pdf").content)).pages
        text = "".join(page.extract_text().split())
        assert f"{settings.PUBLIC_URL}/verify/" in text
        assert "2.00Credits" in text
        assert max(starts_of_lines(page)) < float(page.mediabox.width) - 72

    def test_paper_names_learner_totals_and_what_is_self_reported(self, signed_in: Client, learner: User) -> None:
        claim(learner, ActivityFactory(), "5.00")
        elsewhere(learner)
        answer = signed_in.get("/credits/transcript.pdf?since=2020-01-01")
        text = " ".join(PdfReader(io.BytesIO(answer.content)).pages[0].extract_text().split())
        for words in ("Ada Okafor, MD", "from January 1, 2020", "5.00 AMA PRA Category 1 Credits™", "self-reported"):
            assert words in text
        assert answer["Cache-Control"] == "private, no-store"

    def test_paper_waits_its_turn(self, signed_in: Client) -> None:
        cache.set(turn.PRINTING, 1, 60)
        answer = signed_in.get("/credits/transcript.pdf")
        cache.delete(turn.PRINTING)
        assert (answer.status_code, answer["Retry-After"]) == (503, "10")


class TestElsewhere:
    """What the learner enters, with a document."""

    def test_kind_is_chosen_from_the_list_or_named(self, signed_in: Client) -> None:
        other = {**ENTERED, "kind": "other"}
        refused = signed_in.post("/credits/elsewhere/", other)
        assert "Name the kind of credit, as your certificate does." in refused.content.decode()
        assert "Choose the kind of credit." in signed_in.post("/credits/elsewhere/", {}).content.decode()
        signed_in.post("/credits/elsewhere/", {**other, "credit": "CPEU"})
        signed_in.post("/credits/elsewhere/", ENTERED)
        named, chosen = OutsideCredit.objects.order_by("pk")
        assert (named.credit, chosen.credit) == ("CPEU", "AMA PRA Category 1 Credits™")
        page = signed_in.get(f"/credits/elsewhere/{named.pk}/").content.decode()
        assert ('value="CPEU"' in page, '<option value="other" selected>' in page) == (True, True)

    def test_it_is_added_changed_and_removed(self, signed_in: Client, learner: User) -> None:
        assert signed_in.get("/credits/elsewhere/").status_code == 200
        document = SimpleUploadedFile("proof.pdf", b"%PDF-1.7 x %%EOF")
        assert signed_in.post("/credits/elsewhere/", {**ENTERED, "document": document}).status_code == 302
        row = OutsideCredit.objects.get()
        assert (row.learner, str(row), row.earned_on) == (learner, "2.50 AMA PRA Category 1 Credits™", date(2026, 3, 1))
        answer = signed_in.get(f"/credits/elsewhere/{row.pk}/document/")
        assert answer["Content-Disposition"] == f'attachment; filename="credit-{row.pk}.pdf"'
        assert answer.content == b"%PDF-1.7 x %%EOF"
        signed_in.post(f"/credits/elsewhere/{row.pk}/", {**ENTERED, "amount": "1.2"})
        row.refresh_from_db()
        assert (str(row.amount), bool(row.document)) == ("1.20", True)
        earlier = row.document.name
        again = SimpleUploadedFile("proof.pdf", b"%PDF-1.7 y %%EOF")
        signed_in.post(f"/credits/elsewhere/{row.pk}/", {**ENTERED, "amount": "3", "document": again})
        assert not row.document.storage.exists(earlier)
        row.refresh_from_db()
        assert (str(row.amount), bool(row.document)) == ("3.00", True)
        signed_in.post(f"/credits/elsewhere/{row.pk}/", {"remove": "yes"})
        assert OutsideCredit.objects.count() == 0
        assert not row.document.storage.exists(row.document.name)

    def test_documents_are_kept_up_to_a_limit(
        self, signed_in: Client, learner: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(outside, "MOST_DOCUMENTS", 1)
        document = SimpleUploadedFile("proof.pdf", b"%PDF-1.7 x %%EOF")
        signed_in.post("/credits/elsewhere/", {**ENTERED, "document": document})
        row, document = OutsideCredit.objects.get(), SimpleUploadedFile("proof.pdf", b"%PDF-1.7 y %%EOF")
        refused = signed_in.post("/credits/elsewhere/", {**ENTERED, "document": document})
        assert (refused.status_code, "Remove one" in refused.content.decode()) == (422, True)
        assert OutsideCredit.objects.count() == 1
        document.seek(0)
        assert signed_in.post(f"/credits/elsewhere/{row.pk}/", {**ENTERED, "document": document}).status_code == 302
        assert signed_in.post("/credits/elsewhere/", ENTERED).status_code == 302

    @pytest.mark.parametrize("content", [picture().read(), picture("JPEG").read()], ids=["png", "jpeg"])
    def test_pictures_are_taken_as_documents(self, signed_in: Client, content: bytes) -> None:
        document = SimpleUploadedFile("proof", content)
        assert signed_in.post("/credits/elsewhere/", {**ENTERED, "document": document}).status_code == 302

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"amount": "0"}, "Enter how much you were awarded."),
            ({"amount": "1.333"}, "no more than 2 decimal places"),
            ({"earned_on": "2100-01-01"}, "This day is still to come."),
            ({"earned_on": "0001-01-01"}, "Give a day between 1990 and 2100."),
            ({"title": ""}, "This field is required."),
            ({"document": SimpleUploadedFile("x.pdf", b"%PDF-1.7 and its end is missing")}, "The file is incomplete."),
            ({"document": SimpleUploadedFile("x.png", picture().read()[:60])}, "The file is incomplete."),
            ({"document": SimpleUploadedFile("x.pdf", b"<script>")}, "none of PDF, PNG and JPEG"),
            ({"document": SimpleUploadedFile("x.pdf", b"%PDF-" + b"x" * 5 * 1024 * 1024)}, "larger than 5 MB"),
        ],
    )
    def test_what_is_wrong_is_said(self, signed_in: Client, wrong: dict[str, object], words: str) -> None:
        answer = signed_in.post("/credits/elsewhere/", {**ENTERED, **wrong})
        assert (answer.status_code, words in answer.content.decode()) == (422, True)
        assert OutsideCredit.objects.count() == 0

    def test_it_is_its_owners_alone(self, client: Client, learner: User) -> None:
        row = elsewhere(learner)
        row.document.save("x", picture())
        client.force_login(UserFactory(officer=True))
        for address in (f"/credits/elsewhere/{row.pk}/", f"/credits/elsewhere/{row.pk}/document/"):
            assert client.get(address).status_code == 404
        assert client.post(f"/credits/elsewhere/{row.pk}/", {"remove": "yes"}).status_code == 404
