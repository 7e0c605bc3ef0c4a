"""People in control of content in the staff admin: who they are, what they disclosed, and a disclosure on paper."""

from pathlib import Path
from typing import Any

from django.contrib import admin, messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import display

from accounts import signed_in
from activities.admin.guarded import GuardedAdmin
from activities.forms.disclosure import DisclosurePages, PaperForm
from activities.forms.struck import StruckForm
from activities.models import Activity, Disclosure, Person, Provider, Relationship, Role
from activities.models.querysets import ActivityQuerySet
from activities.services import disclosure
from audit.desks import at, page, require
from audit.models import record


class ReadOnlyInline(TabularInline):
    """Rows that only a disclosure changes."""

    extra = 0
    can_delete = False

    def has_add_permission(self, *_args: object) -> bool:
        """No."""
        return False

    def has_change_permission(self, *_args: object) -> bool:
        """No."""
        return False


class RelationshipInline(ReadOnlyInline):
    """Financial relationships, current and ended."""

    model = Relationship
    fields = readonly_fields = ("company", "nature", "described", "ended_at")


class DisclosureInline(ReadOnlyInline):
    """What was signed, and when."""

    model = Disclosure
    fields = readonly_fields = ("signed_at", "signature", "recorded_by", "paper")

    @display(description="Scan")
    def paper(self, row: Disclosure) -> SafeString | str:
        """The way to the signed paper."""
        if not row.scan:
            return ""
        address = reverse("admin:activities_person_scan", args=[row.person_id, row.pk])
        return format_html('<a href="{}">Download</a>', address)


@admin.register(Person)
class PersonInControlAdmin(GuardedAdmin):
    """Relationships are not edited here: they come out of disclosures."""

    form = StruckForm
    list_display = ("name", "degrees", "position", "email")
    search_fields = ("name__spelled", "email")
    inlines = (RelationshipInline, DisclosureInline)
    change_form_outer_before_template = "admin/activities/person_links.html"

    def get_urls(self) -> list[URLPattern]:
        """The pages of disclosures come first."""
        own = [
            at(self, "<int:pk>/disclosure/", on_paper, "disclosure"),
            at(self, "<int:pk>/ask/", ask, "ask"),
            at(self, "<int:pk>/scan/<int:disclosure_pk>/", scan, "scan"),
        ]
        return [*own, *super().get_urls()]

    def touched(self, rows: list[Any]) -> ActivityQuerySet:
        return Activity.objects.filter(roles__person__in=[row.pk for row in rows])

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Close the links that went to another address."""
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            disclosure.close_links(obj, now=timezone.now())


def on_paper(desk: PersonInControlAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Record a disclosure that came on paper or by telephone, under the name of who recorded it."""
    person = get_object_or_404(Person, pk=pk)
    desk.check_change(request, person)
    pages = DisclosurePages(person, request.POST or None)
    posted = request.method == "POST"
    paper = PaperForm(request.POST, request.FILES) if posted and not pages.wants_rows else PaperForm()
    if pages.wants_rows:
        paper.initial["signed_on"] = request.POST.get("signed_on")
    if posted and not pages.wants_rows and pages.is_valid() & paper.is_valid():
        try:
            disclosure.record_on_paper(
                person=person,
                listed=pages.listed,
                signature=pages.signature,
                actor=signed_in.person(request),
                now=timezone.now(),
                **paper.cleaned_data,
            )
        except disclosure.CannotRecord as refusal:
            paper.add_error("signed_on", str(refusal))
        else:
            messages.success(request, f"Recorded what {person} disclosed.")
            return redirect("admin:activities_person_change", pk)
    title, template = f"Disclosure of {person}", "admin/activities/disclosure.html"
    context = {"person": person, "pages": pages, "paper": paper, "agreed": disclosure.AGREED}
    return page(desk, request, template, context, title=title, refused=pages.is_refused)


def ask(desk: PersonInControlAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Mail the person a link to disclose, for the first time or again, whatever part they have or will have."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person = get_object_or_404(Person, pk=pk)
    desk.check_change(request, person)
    newest = Role.objects.filter(person=person).select_related("activity__provider").order_by("-pk").first()
    provider = newest.activity.provider if newest else Provider.objects.order_by("pk").first()
    if not person.email:
        messages.error(request, "Nobody was asked: enter the person's address first.")
    elif provider is None:
        messages.error(request, "Nobody was asked: enter a provider first; the mail comes from its office.")
    else:
        actor, now = signed_in.person(request), timezone.now()
        asked = disclosure.invite(person=person, provider=provider, actor=actor, now=now)
        until = timezone.localtime(asked.expires_at)
        messages.success(request, f"Asked {person}. The link works until {until:%B} {until.day}.")
    return redirect("admin:activities_person_change", pk)


def scan(_desk: PersonInControlAdmin, request: HttpRequest, pk: int, disclosure_pk: int) -> FileResponse:
    """Give the scan of a disclosure to staff, to save and never to show in the browser."""
    require(request, "activities.view_person")
    found = get_object_or_404(Disclosure.objects.exclude(scan=""), pk=disclosure_pk, person=pk)
    name = f"disclosure-{found.pk}{Path(str(found.scan.name)).suffix}"
    record(action="downloaded a disclosure", subject=found.person, actor=signed_in.person(request))
    return FileResponse(found.scan.open(), as_attachment=True, filename=name)
