"""What all desks beside an activity do first: open the activity for who may."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

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
