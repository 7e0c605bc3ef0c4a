"""Activities in the office: the form beside the gate, the desks, uploads, and what each page costs."""

import importlib
import re
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image
from PIL.ExifTags import Base
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from activities import statements, uploads
from activities.models import Activity, CommercialSupport, MocRegistration, Person, StatementEdit
from activities.services import wording
from audit.changes import stamp
from audit.models import Event
from tests.activities.making import edit, perfect, person_with, support
from tests.factories import ActivityFactory, ProviderFactory, UserFactory, make_sessions, picture
from tests.office_forms import form_of

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\nsigned\n%%EOF\n"


@pytest.fixture
def officer(client: Client) -> User:
    user: User = UserFactory(officer=True)
    client.force_login(user)
    return user


def change(activity: Activity) -> str:
    return f"/admin/activities/activity/{activity.pk}/change/"


class TestForm:
    """Facts are changed here; a published page is not changed into what an accreditor would strike."""

    def test_published_activity_is_changed_and_its_words_are_recorded(self, client: Client, officer: User) -> None:
        activity = perfect(moc="18.50", questions=2)
        data = form_of(client, change(activity)) | {"designations-0-maximum": "19.25", "venue": "The Hall"}
        answer = client.post(change(activity), data)
        assert answer.status_code == 302
        activity.refresh_from_db()
        assert (activity.venue, activity.state) == ("The Hall", "published")
        event = Event.objects.get(action="words changed after publishing")
        assert (event.actor_id, list(event.after)) == (officer.pk, ["designation:ama_pra"])

    def test_what_an_accreditor_would_strike_is_refused_and_everything_typed_comes_back(
        self, client: Client, officer: User
    ) -> None:
        activity = perfect(venue="Before")
        data = form_of(client, change(activity)) | {"delivery": "", "venue": "Typed", "objectives-0-DELETE": "on"}
        answer = client.post(change(activity), data)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "A published page may not say this: Choose how people attend." in page
        assert "A published page may not say this: Enter at least one learning objective." in page
        assert 'value="Typed"' in page
        assert "was changed successfully" not in page
        activity.refresh_from_db()
        assert (activity.venue, activity.delivery, activity.objectives.count()) == ("Before", "in_person", 1)
        assert not Event.objects.filter(action__in=("changed by staff", "words changed after publishing")).exists()

    def test_draft_may_be_as_unfinished_as_it_is(self, client: Client, officer: User) -> None:
        activity = ActivityFactory(draft=True)
        data = form_of(client, change(activity)) | {"delivery": ""}
        assert client.post(change(activity), data).status_code == 302
        page = client.get(change(activity)).content.decode()
        assert "to put right before it can be published" in page
        soup = BeautifulSoup(page, "html.parser")
        jumps = [link["href"].removeprefix("#") for link in soup.select("nav[aria-label='On this form'] a")]
        assert [name for name in jumps if soup.find(id=name) is None] == []

    def test_points_above_credits_are_refused(self, client: Client, officer: User) -> None:
        activity = ActivityFactory(draft=True, moc="18.50")
        data = form_of(client, change(activity)) | {"moc_registrations-0-maximum": "18.75"}
        assert "Points never exceed credits: at most 18.50." in client.post(change(activity), data).content.decode()
        both = data | {"designations-0-maximum": "18.75"}
        assert client.post(change(activity), both).status_code == 302
        assert MocRegistration.objects.get().maximum == Decimal("18.75")
        wrong = data | {"designations-0-maximum": "much"}
        assert client.post(change(activity), wrong).status_code == 200
        other = data | {"designations-0-credit_type": "ancc", "moc_registrations-0-maximum": "19.00"}
        assert "Points never exceed credits" in client.post(change(activity), other).content.decode()

    def test_part_is_given_to_another_person(self, client: Client, officer: User) -> None:
        activity = perfect(draft=True)
        bo = Person.objects.create(name="Bo")
        data = form_of(client, change(activity))
        assert data["roles-0-person"] == [str(activity.roles.get().person_id)]
        page = client.post(change(activity), data | {"roles-0-person": bo.pk, "title": ""}).content.decode()
        assert f'<option value="{bo.pk}" selected' in " ".join(page.split())
        assert client.post(change(activity), data | {"roles-0-person": bo.pk}).status_code == 302
        assert activity.roles.get().person == bo

    def test_objectives_change_places(self, client: Client, officer: User) -> None:
        activity = perfect(draft=True)
        activity.objectives.create(position=2, text="Second.")
        swapped = {"objectives-0-position": "2", "objectives-1-position": "1"}
        assert client.post(change(activity), form_of(client, change(activity)) | swapped).status_code == 302
        assert [row.text for row in activity.objectives.all()] == ["Second.", "Discuss it."]

    def test_new_activity_begins_as_a_draft(self, client: Client, officer: User) -> None:
        provider = ProviderFactory()
        data = form_of(client, "/admin/activities/activity/add/") | {
            "title": "New", "slug": "new", "provider": provider.pk, "format": "live", "delivery": "in_person",
            "time_zone": "America/Chicago", "starts_on": "2027-06-01", "ends_on": "2027-06-02",
            "claim_until_day": "2027-07-01",
        }  # fmt: skip
        assert client.post("/admin/activities/activity/add/", data).status_code == 302
        assert (Activity.objects.get().state, Activity.objects.get().time_zone) == ("draft", "America/Chicago")
        unmatched = data | {"slug": "x", "moc_registrations-TOTAL_FORMS": "1", "moc_registrations-0-board": "ABIM"}
        unmatched |= {"moc_registrations-0-maximum": "1.00", "moc_registrations-0-point_types": ["Medical Knowledge"]}
        assert client.post("/admin/activities/activity/add/", unmatched).status_code == 302

    def test_zone_is_chosen_from_the_list(self, client: Client, officer: User) -> None:
        activity = ActivityFactory(draft=True)
        data = form_of(client, change(activity)) | {"time_zone": "Mars/Olympus"}
        assert "Select a valid choice" in client.post(change(activity), data).content.decode()

    def test_only_drafts_can_be_deleted(self, client: Client, officer: User) -> None:
        published, draft = ActivityFactory(), ActivityFactory(draft=True)
        for activity, status in ((published, 403), (draft, 302)):
            activity.surveys.all().delete()
            address = f"/admin/activities/activity/{activity.pk}/delete/"
            assert client.post(address, {"post": "yes"}).status_code == status
        assert list(Activity.objects.all()) == [published]

    def test_address_of_what_was_published_stays(self, client: Client, officer: User) -> None:
        activity = perfect()
        data = form_of(client, change(activity)) | {"slug": "elsewhere"}
        assert client.post(change(activity), data).status_code == 302
        assert Activity.objects.get().slug == activity.slug

    def test_unknown_number_leads_back(self, client: Client, officer: User) -> None:
        assert client.post("/admin/activities/activity/abc/change/", {}).status_code == 302

    def test_number_that_is_none_is_refused(self, client: Client, officer: User) -> None:
        activity = ActivityFactory(draft=True, moc="18.50")
        data = form_of(client, change(activity)) | {"designations-0-maximum": "NaN"}
        assert client.post(change(activity), data).status_code == 200

    def test_list_tells_what_waits_to_be_closed(self, client: Client, officer: User) -> None:
        ActivityFactory(title="Open one")
        ActivityFactory(title="Over one", over=True)
        page = client.get("/admin/activities/activity/?stage=ready").content.decode()
        assert ("Over one" in page, "Open one" in page, "ready to close" in page) == (True, False, True)


class TestGuard:
    """Other forms do not put onto a published page what an accreditor would strike."""

    def test_session(self, client: Client, officer: User) -> None:
        activity = perfect(format="series")
        activity.designations.update(per_session=Decimal(1))
        make_sessions(activity, 1)
        row = activity.sessions.get()
        address = f"/admin/activities/session/{row.pk}/delete/"
        answer = client.post(address, {"post": "yes"}, follow=True)
        assert b"Nothing was deleted. A published page may not say this: A series" in answer.content
        selected = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        answer = client.post("/admin/activities/session/", selected, follow=True)
        assert b"Nothing was deleted." in answer.content
        assert activity.sessions.count() == 1
        address = f"/admin/activities/session/{row.pk}/change/"
        data = form_of(client, address) | {"ends": "08:30:00"}
        page = client.post(address, data).content.decode()
        assert "A published page may not say this: No session gives more than 0.50" in page
        assert client.post(address, data | {"ends": "09:00:00", "title": "Renamed"}).status_code == 302
        assert activity.sessions.get().title == "Renamed"

    def test_sessions_of_a_draft_are_deleted(self, client: Client, officer: User) -> None:
        activity = perfect(draft=True)
        make_sessions(activity, 2)
        rows = list(activity.sessions.all())
        client.post(f"/admin/activities/session/{rows[0].pk}/delete/", {"post": "yes"})
        selected = {"action": "delete_selected", "_selected_action": [rows[1].pk], "post": "yes"}
        client.post("/admin/activities/session/", selected)
        assert activity.sessions.count() == 0

    def test_imported_sessions(self, client: Client, officer: User) -> None:
        activity = perfect(format="series")
        activity.designations.update(per_session=Decimal(1))
        make_sessions(activity, 1)
        row = activity.sessions.get()
        table = f"Title,Day,Begins,Ends,Credit\n{row.title},{row.day},{row.begins},{row.ends},0.5\n".encode()
        desk = f"/admin/activities/activity/{activity.pk}/sessions/"
        shown = client.post(desk, {"file": SimpleUploadedFile("a.csv", table)}, follow=True)
        address = shown.redirect_chain[-1][0]
        answer = client.post(address, follow=True)
        assert b"Nothing was imported. A published page may not say this: No session gives" in answer.content
        assert (activity.sessions.get().credit, b"Import the other rows" in answer.content) == (Decimal(1), True)

    def test_judgement(self, client: Client, officer: User) -> None:
        activity = perfect()
        person_with(activity, "Bo", companies=["Pfizer"], decision="not_relevant")
        row = Person.objects.get(name="Bo").relationships.get()
        text = "Ada, MD (Faculty): Consultant: Novartis. Bo has none."
        edit("disclosure", text)(activity)
        prefix = f"relationship-{row.pk}"
        data = {f"{prefix}-decision": "mitigated", f"{prefix}-method": "attest", "person": str(row.person_id)}
        answer = client.post(f"/admin/activities/activity/{activity.pk}/people/", data)
        assert (answer.status_code, b"The name Pfizer is missing." in answer.content) == (422, True)
        assert activity.judgements.get(relationship=row).decision == "not_relevant"

    def test_survey_and_question(self, client: Client, officer: User) -> None:
        activity = perfect(questions=1)
        survey = activity.surveys.get()
        answer = client.post(f"/admin/surveys/survey/{survey.pk}/delete/", {"post": "yes"}, follow=True)
        assert b"nobody can claim without it" in answer.content
        address = f"/admin/surveys/survey/{survey.pk}/change/"
        data = form_of(client, address) | {"questions-0-choice_lines": ""}
        assert "it cannot be answered without them" in client.post(address, data).content.decode()
        assert survey.questions.get().choices.count() == 2

    def test_provider(self, client: Client, officer: User) -> None:
        activity = perfect(credit={"ama_pra": "1.00", "ancc": "1.00", "participation": "1.00"})
        activity.provider.accredited_by_ancc = True
        activity.provider.save()
        address = f"/admin/activities/provider/{activity.provider_id}/change/"
        data = form_of(client, address)
        del data["accredited_by_ancc"]
        assert "is not accredited to designate ANCC contact hours" in client.post(address, data).content.decode()
        activity.provider.refresh_from_db()
        assert activity.provider.accredited_by_ancc

    def test_activities_of_a_person_are_found(self, client: Client, officer: User) -> None:
        activity = perfect()
        person = Person.objects.get()
        page = client.get(f"/admin/activities/person/{person.pk}/change/").content.decode()
        address = f"/admin/activities/activity/?roles__person__id__exact={person.pk}"
        assert address in page
        assert str(activity) in client.get(address).content.decode()


class TestGate:
    """The gate's own page."""

    def test_publish_and_take_back(self, client: Client, officer: User) -> None:
        activity = perfect(draft=True)
        desk = f"/admin/activities/activity/{activity.pk}/gate/"
        assert "Nothing to say." in client.get(desk).content.decode()
        assert client.post(desk, {"verb": "publish"}).status_code == 302
        refused = client.post(desk, {"verb": "unpublish", "reason": ""})
        assert (refused.status_code, b"Say why" in refused.content) == (422, True)
        client.post(desk, {"verb": "unpublish", "reason": "A date is wrong."})
        assert Activity.objects.get().state == "draft"
        page = client.get(f"/admin/audit/event/?subject_kind=activities.activity&subject_id={activity.pk}").content
        assert b"unpublished" in page

    def test_stays_shut_and_says_how_many(self, client: Client, officer: User) -> None:
        activity = ActivityFactory(draft=True)
        answer = client.post(f"/admin/activities/activity/{activity.pk}/gate/", {"verb": "publish"})
        assert (answer.status_code, b"It cannot be published: 2 to put right first." in answer.content) == (422, True)
        assert Activity.objects.get().state == "draft"

    def test_every_finding_links_to_where_it_is_put_right(self, client: Client, officer: User) -> None:
        activity = ActivityFactory(draft=True, city="", support_state="named", pars_id="")
        activity.surveys.all().delete()
        person_with(activity, "Ada", companies=["Novartis"], decision="")
        edit("designation:ama_pra", "Approved for.")(activity)
        make_sessions(activity, 1)
        activity.sessions.update(day=date(2020, 1, 1))
        page = BeautifulSoup(client.get(f"/admin/activities/activity/{activity.pk}/gate/").content, "html.parser")
        links = {link["href"] for link in page.select(".finding a")}
        base = f"/admin/activities/activity/{activity.pk}"
        assert {
            f"{base}/change/#id_city",
            f"{base}/change/#support-group",
            f"{base}/people/",
            f"{base}/statements/",
            f"{base}/sessions/",
            f"/admin/activities/provider/{activity.provider_id}/change/",
            f"/admin/surveys/survey/add/?activity={activity.pk}&kind=request",
        } <= links
        form = BeautifulSoup(client.get(f"{base}/change/").content, "html.parser")
        for link in links:
            if link.startswith(f"{base}/change/#"):
                assert form.find(id=link.partition("#")[2]) is not None, link

    def test_only_who_may_publish_sees_the_buttons(self, client: Client) -> None:
        editor = UserFactory(is_staff=True)
        names = ("view_activity", "change_activity")
        editor.user_permissions.set(Permission.objects.filter(codename__in=names))
        activity = perfect(draft=True)
        client.force_login(editor)
        desk = f"/admin/activities/activity/{activity.pk}/gate/"
        assert b">Publish<" not in client.get(desk).content
        assert client.post(desk, {"verb": "publish"}).status_code == 403
        assert Activity.objects.get().state == "draft"

    def test_who_may_only_look_sees_every_form_and_changes_nothing(self, client: Client) -> None:
        activity = perfect(moc="18.50", questions=1)
        make_sessions(activity, 1)
        viewer = UserFactory(is_staff=True)
        viewer.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
        client.force_login(viewer)
        rows = {
            "session": activity.sessions.get().pk,
            "person": Person.objects.get().pk,
            "provider": activity.provider_id,
        }
        for name, pk in {"activity": activity.pk, **rows}.items():
            address = f"/admin/activities/{name}/{pk}/change/"
            assert client.get(address).status_code == 200
            assert client.post(address, {}).status_code == 403

    def test_unknown_move_is_refused(self, client: Client, officer: User) -> None:
        assert (
            client.post(f"/admin/activities/activity/{ActivityFactory().pk}/gate/", {"verb": "sell"}).status_code == 403
        )

    def test_staff_without_permission_see_no_desk(self, client: Client) -> None:
        viewer = UserFactory(is_staff=True)
        client.force_login(viewer)
        pk = perfect().pk
        for desk in ("gate", "statements", "people", "sessions", "copy", "document"):
            assert client.get(f"/admin/activities/activity/{pk}/{desk}/").status_code == 403
        viewer.user_permissions.set(Permission.objects.filter(codename="view_activity"))
        assert client.get(f"/admin/activities/activity/{pk}/statements/").status_code == 200
        for desk in ("people", "document", "copy"):  # these show people, supporters, or make something
            assert client.get(f"/admin/activities/activity/{pk}/{desk}/").status_code == 403
        assert client.post(f"/admin/activities/activity/{pk}/statements/", {"key": "support"}).status_code == 403


class TestStatements:
    """Staff's own words beside the generated ones."""

    def desk(self, activity: Activity) -> str:
        return f"/admin/activities/activity/{activity.pk}/statements/"

    def test_edit_is_kept_beside_shown_as_such_and_taken_back(self, client: Client, officer: User) -> None:
        activity = perfect()
        own = {"key": "off_label", "text": "Nobody will discuss off-label uses.", "reason": "Shorter."}
        assert client.post(self.desk(activity), own).status_code == 302
        kept = StatementEdit.objects.get()
        assert (kept.generated, kept.edited_by) == ("Faculty will not discuss off-label uses.", officer)
        assert str(kept) == f"off_label: {activity}"
        page = client.get(self.desk(activity)).content.decode()
        assert "edited by hand" in page
        assert "Nobody will discuss off-label uses." in client.get(activity.get_absolute_url()).content.decode()
        changed = Event.objects.get(action="words changed after publishing")
        assert changed.after == {"off_label": "Nobody will discuss off-label uses."}
        client.post(self.desk(activity), {"key": "off_label", "text": kept.generated})
        assert not StatementEdit.objects.exists()
        assert Event.objects.filter(action="withdrew an edit").exists()

    def test_page_that_was_open_does_not_replace_words_of_somebody_else(self, officer: User) -> None:
        activity, now = perfect(), timezone.now()
        seen = stamp(statements.of(activity)["off_label"].text)
        told = {"activity": activity, "key": "off_label", "reason": "Shorter.", "actor": officer, "now": now}
        wording.edit(**told, text="Nothing off-label.")
        with pytest.raises(wording.CannotEdit, match=r"They are now: “Nothing off-label\.”"):
            wording.edit(**told, text="No off-label uses.", seen=seen)

    def test_words_to_strike_do_not_reach_a_published_page(self, client: Client, officer: User) -> None:
        activity = perfect()
        own = {"key": "designation:ama_pra", "text": "Approved for 18.50 credits.", "reason": "Shorter."}
        answer = client.post(self.desk(activity), own)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "“approved for” is wrong" in page
        assert ">Approved for 18.50 credits.</textarea>" in page
        assert not StatementEdit.objects.exists()

    def test_draft_shows_what_is_wrong_with_an_edit(self, client: Client, officer: User) -> None:
        activity = perfect(draft=True)
        own = {"key": "designation:ama_pra", "text": "Approved for 18.50 credits.", "reason": "Shorter."}
        assert client.post(self.desk(activity), own).status_code == 302
        page = client.get(self.desk(activity)).content.decode()
        assert page.count("“approved for” is wrong") == 2
        assert "Saved, but it cannot be published so:" in page

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            ({"key": "off_label", "text": " ", "reason": "x"}, "The text is empty."),
            ({"key": "off_label", "text": "Ours.", "reason": ""}, "Say why the prescribed words do not fit."),
            ({"key": "moc:ABIM", "text": "Ours.", "reason": "x"}, "has no such statement any more"),
        ],
    )
    def test_half_an_edit_is_refused(self, client: Client, officer: User, data: dict[str, str], words: str) -> None:
        answer = client.post(self.desk(perfect()), data)
        assert (answer.status_code, words in answer.content.decode()) == (422, True)

    def test_text_without_a_statement_is_refused(self, client: Client, officer: User) -> None:
        assert client.post(self.desk(perfect()), {"text": "Ours."}).status_code == 422


class TestUploads:
    """Judged by content, not by name."""

    def post_logo(self, client: Client, provider: Any, content: Any) -> Any:
        address = f"/admin/activities/provider/{provider.pk}/change/"
        return client.post(address, form_of(client, address) | {"logo": content})

    @pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
    def test_logo_is_drawn_anew_and_made_small(self, client: Client, officer: User, form: str) -> None:
        provider = ProviderFactory()
        assert self.post_logo(client, provider, picture(form, (2000, 1000))).status_code == 302
        provider.refresh_from_db()
        with provider.logo.open() as file, Image.open(file) as drawn:
            assert (drawn.format, drawn.size) == ("PNG", (800, 400))
        assert "logo.png" not in provider.logo.name
        address = f"/admin/activities/provider/{provider.pk}/change/"
        assert client.post(address, form_of(client, address) | {"short_name": "XYZ"}).status_code == 302
        provider.refresh_from_db()
        assert (provider.short_name, bool(provider.logo)) == ("XYZ", True)

    def test_what_is_no_picture_is_refused(
        self, client: Client, officer: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        provider = ProviderFactory()
        gif = picture("GIF")
        gif.name = "logo.png"
        huge = picture(size=(3000, 3000))
        monkeypatch.setattr(uploads, "PIXELS", 1000)
        files = (SimpleUploadedFile("logo.png", b"<svg onload=alert(1)>"), gif, huge)
        for file in files:
            answer = self.post_logo(client, provider, file)
            assert (answer.status_code, "logo" in answer.content.decode()) == (200, True)
        monkeypatch.setattr(uploads, "LARGEST_LOGO", 10)
        assert "larger than 0 MB" in self.post_logo(client, provider, picture()).content.decode()
        provider.refresh_from_db()
        assert not provider.logo

    def test_picture_stands_as_it_was_taken(self, client: Client, officer: User) -> None:
        """A telephone writes its position beside the pixels."""
        provider, taken, turned = ProviderFactory(), BytesIO(), Image.Exif()
        turned[Base.Orientation] = 6
        Image.new("RGB", (200, 80)).save(taken, "JPEG", exif=turned)
        self.post_logo(client, provider, SimpleUploadedFile("logo.jpg", taken.getvalue()))
        provider.refresh_from_db()
        with provider.logo.open() as file, Image.open(file) as drawn:
            assert drawn.size == (80, 200)

    def test_gray_of_sixteen_bits_keeps_its_shades(self, client: Client, officer: User) -> None:
        provider, taken = ProviderFactory(), BytesIO()
        Image.new("I;16", (9, 9), 256 * 100).save(taken, "PNG")
        self.post_logo(client, provider, SimpleUploadedFile("logo.png", taken.getvalue()))
        provider.refresh_from_db()
        with provider.logo.open() as file, Image.open(file) as drawn:
            assert drawn.getpixel((4, 4)) == (100, 100, 100, 255)

    @pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
    def test_half_a_picture_is_refused_whoever_is_loaded(self, client: Client, officer: User, form: str) -> None:
        importlib.import_module("printing.preparing")  # and with it WeasyPrint, which takes halves
        noise = Image.effect_noise((400, 400), 90).convert("RGB")
        taken, provider = BytesIO(), ProviderFactory()
        noise.save(taken, form)
        half = SimpleUploadedFile(f"logo.{form.lower()}", taken.getvalue()[: len(taken.getvalue()) // 2])
        page = self.post_logo(client, provider, half).content.decode()
        assert re.search("not a picture that can be used|not an image or a corrupted image", page)
        provider.refresh_from_db()
        assert not provider.logo

    def test_agreement_must_be_a_pdf(self, client: Client, officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
        activity = ActivityFactory(draft=True, support_state="named")
        support(agreement="")(activity)
        data = form_of(client, change(activity))
        wrong = SimpleUploadedFile("agreement.pdf", b"PK a document of another kind", "application/pdf")
        page = client.post(change(activity), data | {"support-0-agreement": wrong}).content.decode()
        assert "This file is not a PDF." in page
        right = SimpleUploadedFile("anything.bin", PDF)
        assert client.post(change(activity), data | {"support-0-agreement": right}).status_code == 302
        row = CommercialSupport.objects.get()
        assert row.agreement.name.startswith("agreements/")
        assert client.post(change(activity), form_of(client, change(activity))).status_code == 302
        monkeypatch.setattr(uploads, "LARGEST_PDF", 3)
        large = SimpleUploadedFile("a.pdf", PDF)
        assert "larger than" in client.post(change(activity), data | {"support-0-agreement": large}).content.decode()

    def test_agreement_is_read_by_who_may_see_support_and_by_nobody_else(self, client: Client, officer: User) -> None:
        activity = ActivityFactory()
        support(agreement="")(activity)
        row = CommercialSupport.objects.get()
        address = f"/admin/activities/activity/{activity.pk}/agreement/{row.pk}/"
        assert client.get(address).status_code == 404
        row.agreement.save("a.pdf", ContentFile(PDF))
        answer = client.get(address)
        assert b"".join(answer) == PDF
        assert answer["Content-Disposition"].startswith("attachment")
        assert "Agreement with Amgen" in client.get(change(activity)).content.decode()
        viewer = UserFactory(is_staff=True)
        viewer.user_permissions.set(Permission.objects.filter(codename="view_activity"))
        client.force_login(viewer)
        assert client.get(address).status_code == 403
        assert Client().get(address).status_code == 302


def test_change_of_the_providers_name_is_recorded_for_each_published_activity(client: Client, officer: User) -> None:
    first, second = perfect(), ActivityFactory()
    ActivityFactory(draft=True)
    address = f"/admin/activities/provider/{first.provider_id}/change/"
    assert client.post(address, form_of(client, address) | {"name": "Society of New Examples"}).status_code == 302
    events = Event.objects.filter(action="words changed after publishing")
    assert {event.subject_id for event in events} == {str(first.pk), str(second.pk)}


def test_change_of_a_persons_name_is_recorded(client: Client, officer: User) -> None:
    activity = perfect()
    address = f"/admin/activities/person/{Person.objects.get().pk}/change/"
    assert client.post(address, form_of(client, address) | {"name": "Ada Lovelace"}).status_code == 302
    event = Event.objects.get(action="words changed after publishing")
    assert (event.subject_id, list(event.after)) == (str(activity.pk), ["disclosure"])


@pytest.mark.parametrize("rows", [1, 60])
def test_no_page_of_the_office_asks_more_than_thirty_times(
    client: Client, officer: User, django_assert_max_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    activity = perfect(moc="18.50", questions=3, support_state="named", over=True)
    for number in range(rows):
        person_with(activity, f"P{number}", companies=["Lilly", "Amgen"])
        support(supporter=f"S{number}")(activity)
        activity.objectives.create(position=number + 2, text="More.")
    make_sessions(activity, rows * 10)
    ActivityFactory.create_batch(min(rows, 20))
    pk, person = activity.pk, Person.objects.earliest("pk").pk
    base = "/admin/activities/activity"
    addresses = [f"{base}/", f"{base}/add/", f"{base}/read/", *(f"{base}/{pk}/{desk}/" for desk in DESKS)]
    addresses += ["/admin/activities/provider/", f"/admin/activities/provider/{activity.provider_id}/change/"]
    addresses += ["/admin/activities/person/", f"/admin/activities/person/{person}/change/"]
    addresses += [f"/admin/activities/person/{person}/disclosure/", "/admin/surveys/survey/"]
    for address in addresses:
        with django_assert_max_num_queries(30, info=address):
            assert client.get(address).status_code == 200


DESKS = ("change", "gate", "statements", "people", "sessions", "copy", "document")


def test_learner_does_not_enter(client: Client, learner: User) -> None:
    client.force_login(learner)
    assert client.get("/admin/").status_code in {302, 403}
    assert client.get(f"/admin/activities/activity/{ActivityFactory().pk}/gate/").status_code == 302
