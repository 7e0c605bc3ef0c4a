"""Merging in the staff admin."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern
from django.utils import timezone
from unfold.admin import ModelAdmin

from accounts import signed_in
from accounts.models import User
from audit.admin import KeptAdmin
from audit.desks import at, page, require
from office.belongings import BELONGINGS
from office.forms import MergeForm, OtherForm
from office.models import Merge
from office.services import merging as services

View = Callable[..., HttpResponseBase]


@admin.register(Merge)
class MergeAdmin(KeptAdmin):
    """What was merged; each can be undone for a while."""

    list_display = ("__str__", "reason", "merged_by", "merged_at", "undone_at")
    list_select_related = ("kept", "merged", "merged_by")
    search_fields = ("kept__email", "kept__last_name__spelled", "merged__last_name__spelled")

    def get_urls(self) -> list[URLPattern]:
        """The pages stand where Django's forms would."""
        return [
            at(self, "of/<int:pk>/", merge, "of"),
            at(self, "<int:pk>/change/", shown, "change"),
            *super().get_urls(),
        ]


def merge(site: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the other account, show both side by side with all that would move, and on the last POST merge them."""
    require(request, "office.add_merge")
    kept = get_object_or_404(User, pk=pk)
    asked = OtherForm(request.POST if request.method == "POST" else None)
    other = asked.cleaned_data["other"] if asked.is_bound and asked.is_valid() else None
    form = MergeForm(request.POST) if "merge" in request.POST else MergeForm(initial={"other": other and other.email})
    if other and form.is_bound and form.is_valid():
        try:
            made = services.merge(
                kept=kept,
                merged=other,
                taken=form.cleaned_data,
                reason=form.cleaned_data["reason"],
                actor=signed_in.person(request),
                now=timezone.now(),
            )
        except services.CannotMerge as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("admin:office_merge_change", made.pk)
    preview = services.preview(kept, other) if other else None
    context = {
        "title": f"Merge an account with {kept}",
        "kept": kept,
        "other": other,
        "asked": asked,
        "form": form,
        "preview": preview,
        "chosen": _chosen(request, form, preview) if preview else [],
    }
    refused = bool(asked.errors or (form.is_bound and form.errors))
    return page(site, request, "admin/office/merge.html", context, refused=refused)


def _chosen(request: HttpRequest, form: MergeForm, preview: services.Preview) -> list[str]:
    """Return the fields that are taken from the other account: as was chosen, at first what the kept one lacks."""
    if form.is_bound:
        return [name for name, *_ in preview.fields if request.POST.get(name) == "merged"]
    return [name for name, _, here, there in preview.fields if there and not here]


def shown(site: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was merged; on POST undo it."""
    require(request, "office.view_merge")
    done = get_object_or_404(Merge.objects.select_related("kept", "merged", "merged_by"), pk=pk)
    if request.method == "POST":
        require(request, "office.add_merge")
        try:
            services.undo(done=done, actor=signed_in.person(request), now=timezone.now())
            messages.success(request, "The accounts are two again.")
        except services.CannotMerge as refusal:
            messages.error(request, str(refusal))
        return redirect(request.path)
    words = {kind.label: kind.words for kind in BELONGINGS} | {services.ADDRESS: "e-mail addresses"}
    moved = [(words[label], len(rows)) for label, rows in done.moved.items()]
    context = {"title": str(done), "done": done, "moved": moved, "may_undo": done.may_be_undone(timezone.now())}
    return page(site, request, "admin/office/merged.html", context)
