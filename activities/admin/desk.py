"""What all desks beside an activity do alike: open the activity for who may, and draw a page of the office."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from activities.models import Activity
from audit.admin import RecordedAdmin


def opened(admin: RecordedAdmin, request: HttpRequest, pk: int) -> Activity:
    """Return the activity with all its facts to who may see it, and on POST to who may change it."""
    activity = get_object_or_404(Activity.objects.with_everything(), pk=pk)
    if not admin.has_view_permission(request, activity):
        raise PermissionDenied
    if request.method == "POST":
        admin.check_change(request, activity)
    return activity


def require(request: HttpRequest, *names: str) -> None:
    """Raise PermissionDenied unless the person has all these permissions of the room."""
    if not request.user.has_perms([f"activities.{name}" for name in names]):
        raise PermissionDenied


def page(
    admin: RecordedAdmin, request: HttpRequest, name: str, *, refused: bool = False, **context: Any
) -> HttpResponse:
    """Draw a desk; a refusal is answered with 422."""
    whole = {**admin.admin_site.each_context(request), "opts": Activity._meta, **context}  # noqa: SLF001 (the admin's own context)
    return render(request, name, whole, status=422 if refused else 200)
