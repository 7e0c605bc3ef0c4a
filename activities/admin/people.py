"""People in control of content in the staff admin: who they are, what they disclosed, and a disclosure on paper."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from unfold.admin import TabularInline

from accounts import signed_in
from activities.admin.guarded import GuardedAdmin
from activities.forms.disclosure import DisclosurePages
from activities.forms.struck import StruckForm
from activities.models import Activity, Disclosure, Person, Relationship
from activities.models.querysets import ActivityQuerySet
from activities.services import disclosure


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
    fields = readonly_fields = ("signed_at", "signature", "recorded_by")


@admin.register(Person)
class PersonInControlAdmin(GuardedAdmin):
    """Relationships are not edited here: they come out of disclosures."""

    form = StruckForm
    list_display = ("name", "degrees", "position", "email")
    search_fields = ("name__spelled", "email")
    inlines = (RelationshipInline, DisclosureInline)
    change_form_before_template = "admin/activities/person_links.html"

    def get_urls(self) -> list[URLPattern]:
        """The desk for a disclosure on paper."""
        view = self.admin_site.admin_view(partial(on_paper, self))
        return [path("<int:pk>/disclosure/", view, name="activities_person_disclosure"), *super().get_urls()]

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
    if request.method == "POST" and not pages.wants_rows and pages.is_valid():
        disclosure.record_on_paper(
            person=person,
            listed=pages.listed,
            signature=pages.signature,
            actor=signed_in.person(request),
            now=timezone.now(),
        )
        messages.success(request, f"Recorded what {person} disclosed.")
        return redirect("admin:activities_person_change", pk)
    context = {
        **desk.admin_site.each_context(request),
        "title": f"Disclosure of {person}",
        "person": person,
        "pages": pages,
        "agreed": disclosure.AGREED,
    }
    return render(request, "admin/activities/disclosure.html", context, status=422 if pages.is_refused else 200)
