"""The office chooses how certificates look, sees them before, and issues them anew when their words were wrong."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader
from pytest_django import Settings

from accounts.models import User
from activities.models import Activity, Provider
from audit.models import Event
from certificates.models import Certificate, Picture, StoredPdf
from credits.models import CertificateDesign, Claim
from credits.services import correcting
from jobs import runner
from outbox.models import Message
from printing import turn
from tests.credits.making import amend, claim
from tests.factories import ActivityFactory, ProviderFactory, UserFactory, picture
from tests.office_forms import form_of

pytestmark = pytest.mark.django_db
DESK = "/admin/credits/claim/correct/"
DESIGNS = "/admin/credits/certificatedesign/"


@pytest.fixture
def officer(client: Client) -> User:
    user: User = UserFactory(officer=True)
    client.force_login(user)
    return user


def choose(activity: Activity, template: str, credit_type: str = "", paper: str = "letter") -> CertificateDesign:
    return CertificateDesign.objects.create(
        provider=activity.provider, template=template, credit_type=credit_type, paper=paper
    )


class TestChoosing:
    """A type's own design, else the provider's, else the classic one on the portal's usual paper."""

    def test_own_design_of_the_type_comes_first(self, activity: Activity, settings: Settings) -> None:
        claim(UserFactory(), activity)
        settings.PAPER = "a4"
        claim(UserFactory(), activity)
        choose(activity, "modern-1")
        claim(UserFactory(), activity)
        choose(activity, "classic-1", "ama_pra", "a4")
        claim(UserFactory(), activity)
        claim(UserFactory(profession="other"), activity)
        found = [(row.template, row.data["paper"]) for row in Certificate.objects.order_by("pk")]
        assert found == [
            ("classic-1", "letter"), ("classic-1", "a4"), ("modern-1", "letter"), ("classic-1", "a4"),
            ("modern-1", "letter"),
        ]  # fmt: skip

    @pytest.mark.usefixtures("officer")
    def test_choice_is_made_in_the_admin(self, client: Client, activity: Activity) -> None:
        page = client.get(f"{DESIGNS}add/").content.decode()
        assert f"{DESIGNS}preview/{activity.provider_id}/modern-1/a4/" in page
        data = {"provider": activity.provider_id, "credit_type": "", "template": "modern-1", "paper": "a4"}
        assert client.post(f"{DESIGNS}add/", data).status_code == 302
        assert str(CertificateDesign.objects.get()) == "All types: Modern: to the left, with a colored edge"
        assert "has a design for this type already" in client.post(f"{DESIGNS}add/", data).content.decode()


class TestPreview:
    """A design is shown with the words of a real award; nothing is issued."""

    @pytest.mark.usefixtures("officer")
    def test_newest_award_is_printed(self, client: Client, activity: Activity) -> None:
        claim(UserFactory(first_name="Grace"), activity)
        before = Certificate.objects.count()
        answer = client.get(f"{DESIGNS}preview/{activity.provider_id}/modern-1/a4/")
        page = PdfReader(io.BytesIO(answer.content)).pages[0]
        text = " ".join(page.extract_text().split())
        assert ("Grace Okafor, MD" in text, "PREVIEW, NOT ISSUED" in text, "12.25" in text) == (True, True, True)
        assert round(float(page.mediabox.width)) == 842
        assert Certificate.objects.count() == before

    @pytest.mark.usefixtures("officer")
    def test_without_an_award_an_activity_will_do(self, client: Client, activity: Activity) -> None:
        answer = client.get(f"{DESIGNS}preview/{activity.provider_id}/modern-1/a4/")
        assert "18.50 AMA PRA" in PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
        empty = ProviderFactory(name="Society of Nothing")
        answer = client.get(f"{DESIGNS}preview/{empty.pk}/modern-1/a4/")
        assert (answer.status_code, "offers credit yet" in answer.content.decode()) == (404, True)
        assert client.get(f"{DESIGNS}preview/{activity.provider_id}/unknown-1/a4/").status_code == 404
        assert client.get(f"{DESIGNS}preview/{activity.provider_id}/modern-1/napkin/").status_code == 404

    @pytest.mark.usefixtures("officer")
    def test_while_something_else_is_printed_it_waits(
        self, client: Client, activity: Activity, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        claim(UserFactory(), activity)
        monkeypatch.setattr(turn.cache, "add", lambda *_args: False)
        answer = client.get(f"{DESIGNS}preview/{activity.provider_id}/modern-1/a4/")
        assert (answer.status_code, "Something else is being printed" in answer.content.decode()) == (503, True)

    def test_who_may_not_see_designs_sees_no_preview(self, client: Client, activity: Activity) -> None:
        client.force_login(UserFactory(is_staff=True))
        assert client.get(f"{DESIGNS}preview/{activity.provider_id}/modern-1/a4/").status_code == 403


class TestPictures:
    """Signatures are uploaded with the provider, drawn anew, and frozen into each certificate."""

    @pytest.mark.usefixtures("officer")
    def test_signatures_are_drawn_anew_and_printed(self, client: Client, activity: Activity) -> None:
        address = f"/admin/activities/provider/{activity.provider_id}/change/"
        data = form_of(client, address)
        data |= {
            "signature": SimpleUploadedFile("s.png", picture().read()),
            "second_signatory_name": "Pat President",
            "second_signatory_title": "President",
            "second_signature": SimpleUploadedFile("s.png", picture().read()),
            "logo": SimpleUploadedFile("l.png", picture().read()),
        }
        assert client.post(address, data).status_code == 302
        wrong = form_of(client, address) | {"signature": SimpleUploadedFile("s.png", b"<svg onload=alert(1)>")}
        assert "Upload a valid image" in client.post(address, wrong).content.decode()
        activity = Activity.objects.with_credit().get(pk=activity.pk)
        claim(UserFactory(), activity)
        words = Certificate.objects.get().data
        assert [row["name"] for row in words["signatories"]] == ["Sam Signer", "Pat President"]
        assert words["signatories"][0]["picture"] == words["signatories"][1]["picture"] == words["logo"] != ""
        assert Picture.objects.count() == 1
        runner.drain("certificates")
        assert len(PdfReader(io.BytesIO(StoredPdf.objects.get().read())).pages[0].images) >= 1

    def test_office_alone_looks_at_uploaded_pictures(self, client: Client, activity: Activity) -> None:
        activity.provider.signature.save("s.png", picture())
        address = activity.provider.signature.url
        assert client.get(address).status_code == 302
        client.force_login(UserFactory())
        assert client.get(address).status_code == 302
        client.force_login(UserFactory(is_staff=True))
        assert client.get(address)["Content-Type"] == "image/png"
        assert client.get("/uploads/logos/nothing.png").status_code == 404

    def test_file_that_is_gone_prints_nothing(self, activity: Activity) -> None:
        Provider.objects.filter(pk=activity.provider_id).update(logo="logos/gone.png")
        claim(UserFactory(), Activity.objects.with_credit().get(pk=activity.pk))
        assert Certificate.objects.get().data["logo"] == ""


class TestIssuingAnew:
    """Many certificates are issued with the words of now: first shown, then done by a job."""

    @pytest.fixture
    def claims(self, activity: Activity, officer: User) -> list[Claim]:
        made = [claim(UserFactory(), activity) for _ in range(2)]
        runner.drain("certificates")
        return made

    def test_preview_names_what_changes_and_the_job_does_it(self, client: Client, claims: list[Claim]) -> None:
        Activity.objects.update(title="Progress in Better Examples")
        data = {"shown": [row.pk for row in claims], "claims": [claims[0].pk], "verb": "reissue"}
        page = client.post(DESK, data).content.decode()
        assert "activity: Progress in Better Examples" in page
        assert "Issue the certificates of those included anew" in page
        data |= {"reason": "The title was wrong.", "decide": "yes", "previewed": "reissue"}
        address = client.post(DESK, data)["Location"]
        runner.drain("office")
        runner.drain("certificates")
        page = client.get(address).content.decode()
        assert "Issue certificates anew, with current wording and design" in page
        old, other, new = Certificate.objects.order_by("pk")
        assert (new.supersedes, new.version, new.data["activity"]) == (old, 2, "Progress in Better Examples")
        assert (old.data["activity"], other.replacement) == ("Progress in Examples", None)
        assert new.number in page
        event = Event.objects.get(action="corrected")
        assert (event.before, event.after) == ({"certificates": old.number}, {"certificates": new.number})
        assert (
            f"It replaces No. {old.number}" in Message.objects.filter(subject__contains="certificate").latest("id").text
        )

    def test_what_would_say_the_same_is_left_alone(self, client: Client, claims: list[Claim]) -> None:
        page = client.post(DESK, {"claims": [claims[0].pk], "verb": "reissue"}).content.decode()
        assert "Its certificates say all this already." in page

    def test_withdrawn_claim_has_nothing_to_issue(self, client: Client, claims: list[Claim]) -> None:
        correcting.correct(
            claims=claims[:1], verb="withdraw", amount=None, reason="x", actor=UserFactory(officer=True),
            now=timezone.now(),
        )  # fmt: skip
        runner.drain("office")
        page = client.post(DESK, {"claims": [claims[0].pk], "verb": "reissue"}).content.decode()
        assert "Its credit was withdrawn: it has no certificate." in page

    def test_name_of_the_profile_comes_only_with_the_offices_word(self, client: Client, claims: list[Claim]) -> None:
        User.objects.filter(pk=claims[0].learner_id).update(first_name="Eve")
        amend(Claim.objects.get(pk=claims[0].pk), "6.00")
        assert Certificate.objects.latest("pk").data["learner"] == "Ada Okafor, MD"
        page = client.post(DESK, {"claims": [claims[0].pk], "verb": "reissue"}).content.decode()
        assert "learner: Eve Okafor, MD" in page

    def test_long_words_and_another_design_are_told(self, client: Client, claims: list[Claim]) -> None:
        choose(claims[0].activity, "modern-1")
        Provider.objects.update(accreditation="joint")
        page = client.post(DESK, {"claims": [claims[0].pk], "verb": "reissue"}).content.decode()
        assert "design: Modern: to the left" in page
        assert "new statements" in page


class TestBundle:
    """Every valid certificate of an activity in one file."""

    def test_activitys_certificates_and_no_others(self, client: Client, officer: User, activity: Activity) -> None:
        other = ActivityFactory(title="Another")
        claim(UserFactory(), activity)
        claim(UserFactory(), other)
        runner.drain("certificates")
        answer = client.get(f"/admin/credits/claim/certificates/{activity.pk}.zip")
        with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:  # type: ignore[arg-type]
            assert len(archive.namelist()) == 2  # and the table
        assert activity.slug in answer["Content-Disposition"]
        assert Event.objects.get(action="downloaded certificates").subject == str(activity)
        page = client.get(f"/admin/activities/activity/{activity.pk}/gate/").content.decode()
        assert f"/admin/credits/claim/certificates/{activity.pk}.zip" in page

    def test_who_may_not_see_certificates_gets_none(self, client: Client, activity: Activity) -> None:
        client.force_login(UserFactory(is_staff=True))
        assert client.get(f"/admin/credits/claim/certificates/{activity.pk}.zip").status_code == 403
