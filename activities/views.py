"""What anybody may read: the catalogue and the page of an activity."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from activities import statements
from activities.models import Activity
from activities.models.activity import by_kind


def catalogue(request: HttpRequest) -> HttpResponse:
    """List the published activities, those that can still be claimed first."""
    now = timezone.now()
    activities = list(Activity.objects.published().with_credit())
    activities.sort(key=lambda activity: (activity.deadline_has_passed(now), -activity.starts_at.timestamp()))
    return render(request, "activities/catalogue.html", {"activities": activities, "now": now})


def activity_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show everything an activity must say, in the order in which learners must see it."""
    activity = get_object_or_404(Activity.objects.published().with_credit(), slug=slug)
    return render(request, "activities/activity.html", _page(activity))


def _page(activity: Activity) -> dict[str, object]:
    """Gather an activity's facts and prescribed texts for its template."""
    roles = list(activity.roles.select_related("person").prefetch_related("person__relationships"))
    return {
        "activity": activity,
        "accreditation": statements.accreditation(activity.provider),
        "designations": [statements.designation(row, activity) for row in activity.designations.all()],
        "moc": statements.moc(list(activity.moc_registrations.all())) if activity.offers_moc else None,
        "objectives": by_kind(activity.objectives.all()),
        "roles": roles,
        "disclosures": statements.disclosures(roles),
        "mitigation": statements.mitigation(listed=bool(roles)) if activity.relationships_mitigated else "",
        "support": statements.support(activity, list(activity.support.all())),
        "sessions": list(activity.sessions.all()),
        "now": timezone.now(),
    }
