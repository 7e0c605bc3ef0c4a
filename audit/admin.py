"""The trace in the staff admin, to read only, and the base by which staff's own changes enter it."""

import json
from contextlib import suppress
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, models, transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from audit import changes
from audit.models import Event, record


class Rows(ChangeList):
    """A list that answers an address which the database cannot understand as Django does one that itself cannot."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Raise IncorrectLookupParameters for a year, number or text that no column can hold."""
        try:
            super().__init__(*args, **kwargs)
        except (AttributeError, OverflowError, TypeError, ValueError, DatabaseError) as error:
            raise IncorrectLookupParameters(error) from error


class SearchableAdmin(ModelAdmin):
    """An admin with a list."""

    def get_changelist(self, _request: HttpRequest, **_kwargs: Any) -> type[ChangeList]:
        return Rows


class RecordedAdmin(SearchableAdmin):
    """An admin whose every addition, change and deletion is an event, with values before and after.

    A form that was open while somebody else saved the same record is not saved over it: it comes back filled, with what
    changed meanwhile. Values of encrypted columns are not recorded.
    """

    formfield_overrides: dict[Any, Any] = {models.URLField: {"assume_scheme": "https"}}  # what Django 6 does by itself

    def check_change(self, request: HttpRequest, obj: Model) -> None:
        """Raise PermissionDenied unless the person may change this row; for pages beside the form."""
        if not self.has_change_permission(request, obj):
            raise PermissionDenied

    # Values before and after -----------------------------------------------------------------------------------------

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        request.changes = changes.of(form, formsets or [])  # type: ignore[attr-defined]
        return super().construct_change_message(request, form, formsets, add)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        _, after = self._changes(request, message)
        record(action="added by staff", subject=obj, actor=request.user, after=after)
        entry: LogEntry = super().log_addition(request, obj, message)
        return entry

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        before, after = self._changes(request, message)
        record(action="changed by staff", subject=obj, actor=request.user, before=before, after=after)
        entry: LogEntry = super().log_change(request, obj, message)
        return entry

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Model]) -> Any:
        for obj in queryset:
            record(action="deleted by staff", subject=obj, actor=request.user)
        return super().log_deletions(request, queryset)

    def _changes(self, request: HttpRequest, message: Any) -> tuple[changes.Values, changes.Values]:
        """Return what the form on this request changed; an action without a form has its message alone."""
        found: tuple[changes.Values, changes.Values] = request.__dict__.pop("changes", ({}, {"done": message}))
        return found

    # Two people at one record ----------------------------------------------------------------------------------------

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            if object_id is not None:
                self.lock(unquote(object_id))
                self._compare(request, self.get_object(request, unquote(object_id)))
            return super().changeform_view(request, object_id, form_url, extra_context)

    def lock(self, object_id: str) -> None:
        """Let nobody else save the record until this request is done."""
        with suppress(ValueError, ValidationError):  # what is no number of a row is answered by the page itself
            list(self.model._default_manager.select_for_update().filter(pk=object_id).order_by().values_list("pk"))  # noqa: SLF001

    def _compare(self, request: HttpRequest, obj: Model | None) -> None:
        """Note on the request what the record is now, and how that differs from what the page had shown."""
        if obj is None or not self.has_change_permission(request, obj):
            return
        fields = flatten_fieldsets(self.get_fieldsets(request, obj))
        form = self.get_form(request, obj, change=True, fields=fields)(instance=obj)
        rows = [
            formset(instance=obj, prefix=formset.get_default_prefix(), queryset=inline.get_queryset(request))
            for formset, inline in self.get_formsets_with_inlines(request, obj)
        ]
        request.stored = changes.fingerprints(form, rows)  # type: ignore[attr-defined]
        differs = changes.meanwhile(form, rows, request.POST.get("seen", ""))
        if differs:
            last = Event.objects.filter(subject_kind=obj._meta.label_lower, subject_id=str(obj.pk))  # noqa: SLF001
            who = last.values_list("actor", flat=True).first() or "Somebody else"
            refusal = f"{who} saved this record while your page was open. Nothing of yours was saved yet."
            request.refused = [refusal, *differs, "Your entries are below: save again to put them in its place."]  # type: ignore[attr-defined]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        made = super().get_form(request, obj, change, **kwargs)
        refused = getattr(request, "refused", [])

        class Form(made):  # type: ignore[misc, valid-type]
            def _post_clean(self) -> None:
                super()._post_clean()
                for words in refused:
                    self.add_error(None, words)

        return Form if refused else made

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        if context.get("original") is not None:
            form, rows = context["adminform"].form, [inline.formset for inline in context["inline_admin_formsets"]]
            stored = getattr(request, "stored", None) or changes.fingerprints(form, rows)
            context["seen"] = json.dumps(stored)
        return super().render_change_form(request, context, *args, **kwargs)


class KeptAdmin(SearchableAdmin):
    """An admin to look at rows that services write; they are kept for at least six years (ACCME)."""

    def has_add_permission(self, *_args: object) -> bool:
        """Rows follow from decisions."""
        return False

    def has_change_permission(self, *_args: object) -> bool:
        """What was written stays."""
        return False

    def has_delete_permission(self, *_args: object) -> bool:
        """It is evidence."""
        return False


@admin.register(Event)
class EventAdmin(KeptAdmin):
    """Newest first; nothing can be added, changed or deleted."""

    list_display = ("at", "actor", "action", "subject", "reason")
    list_filter = ("action", "subject_kind")
    search_fields = ("subject__spelled", "actor__spelled", "=subject_id")
    show_full_result_count = False
