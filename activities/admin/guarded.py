"""The base of all forms of the office whose saving or deleting changes what learners read."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils import timezone

from accounts import signed_in
from activities.compliance import Refused
from activities.models.querysets import ActivityQuerySet
from activities.services.guard import Guard, guarded
from audit.admin import RecordedAdmin
from audit.rows import is_number


class GuardedAdmin(RecordedAdmin):
    """A published page is not changed into what an accreditor would strike.

    A refused form comes back filled, with the findings; a refused deletion deletes nothing and says why. `touched`
    returns the activities whose pages some rows of the model are part of.
    """

    touched: Callable[[list[Any]], ActivityQuerySet]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        made = super().get_form(request, obj, change, **kwargs)
        made.struck = getattr(request, "struck", [])
        return made

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as refusal:
            request.struck = refusal.findings  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def lock(self, object_id: str) -> None:
        """Lock the activities first, as everywhere."""
        stored = list(self.model._default_manager.filter(pk=object_id)) if is_number(object_id) else []  # noqa: SLF001 (likewise)
        list(self.touched(stored).select_for_update(of=("self",)).order_by("pk").values_list("pk"))
        super().lock(object_id)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Begin to guard before anything is written."""
        stored = self.model._default_manager.filter(pk=obj.pk)  # noqa: SLF001 (Django's public name for it)
        activities = self.touched([obj, *stored])
        form.guard = Guard(activities, actor=signed_in.person(request), now=timezone.now())
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Finish guarding when all rows are written; raises Refused, which undoes them."""
        super().save_related(request, form, formsets, change)
        form.guard.finish()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with guarded(self.touched([obj]), actor=signed_in.person(request), now=timezone.now()):
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        with guarded(self.touched(list(queryset)), actor=signed_in.person(request), now=timezone.now()):
            super().delete_queryset(request, queryset)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        return self._or_say_why(request, super().delete_view, object_id, extra_context)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return self._or_say_why(request, super().changelist_view, extra_context)

    def _or_say_why(self, request: HttpRequest, view: Any, *arguments: Any) -> Any:
        if request.method != "POST":  # on SQLite a transaction of a reader would keep writers waiting
            return view(request, *arguments)
        try:
            with transaction.atomic():
                return view(request, *arguments)
        except Refused as refusal:
            messages.error(request, f"Nothing was deleted. A published page may not say this: {refusal}")
            return redirect(request.get_full_path())
