"""An activity's page: on the screen, on paper, in a calendar, and behind its short address."""

import base64
from io import BytesIO
from typing import Any

import segno
from django.conf import settings
from django.contrib.admin.views.decorators import staff_member_required
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from activities import ical, linked_data, statements, uploads
from activities.models import Activity, Provider, Role
from activities.models.programme import by_day, by_kind
from activities.models.querysets import ActivityQuerySet
from printing.turn import Busy, in_turn

DAY_SECONDS = 24 * 60 * 60
RELATED = 4


def activity_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show everything an activity must say, in the order in which learners must see it."""
    activity = get_object_or_404(Activity.objects.with_words(), slug=slug)
    if not _may_read(request, activity):
        if activity.published_at is None:
            raise Http404
        return render(request, "activities/not_available.html", {"activity": activity}, status=404)
    return render(request, "activities/activity.html", _facts(activity))


def activity_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the same page on paper; the same words are rendered once a day.

    One page is rendered at a time in the whole portal, because a thousand sessions take many seconds; whoever asks
    meanwhile is asked to come back in a moment, so that no crowd can keep the web server busy with it.
    """
    activity = _readable(request, slug)
    page = render_to_string("activities/print.html", _facts(activity) | {"logo": _logo_data(activity.provider)})
    try:
        content = in_turn(page, keep_seconds=DAY_SECONDS)
    except Busy:
        return _come_back(request, activity)
    headers = {"Content-Disposition": f'inline; filename="{activity.slug}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _come_back(request: HttpRequest, activity: Activity) -> HttpResponse:
    response = render(request, "activities/being_printed.html", {"activity": activity}, status=503)
    response["Retry-After"] = "10"
    return response


def activity_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the sessions for the learner's own calendar."""
    activity = _readable(request, slug)
    content = ical.calendar(activity, address=settings.PUBLIC_URL + activity.get_absolute_url())
    headers = {"Content-Disposition": f'attachment; filename="{activity.slug}.ics"'}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)


def short_address(_request: HttpRequest, code: str) -> HttpResponse:
    """Lead from the last slide to the page, whoever it is that comes."""
    return redirect(_behind(code))


def slide(request: HttpRequest, code: str) -> HttpResponse:
    """Show the slide: address, QR code and deadline."""
    activity = _behind(code)
    address = short(activity)
    image = segno.make(address, error="m").svg_data_uri(border=0, dark="#1b2733")
    return render(request, "activities/slide.html", {"activity": activity, "address": address, "qr": image})


def qr_code(_request: HttpRequest, code: str) -> HttpResponse:
    """Give the QR code as a picture, for a slide of one's own."""
    activity = _behind(code)
    picture = BytesIO()
    segno.make(short(activity), error="m").save(picture, kind="png", scale=16, border=2)
    return HttpResponse(picture.getvalue(), content_type="image/png")


def logo(_request: HttpRequest, pk: int) -> HttpResponse:
    """Give a provider's logo; it was drawn anew when it was uploaded."""
    provider = get_object_or_404(Provider.objects.exclude(logo=""), pk=pk)
    content = uploads.bytes_of(provider.logo)
    if not content:
        raise Http404
    return HttpResponse(content, content_type="image/png")


@staff_member_required
def picture(_request: HttpRequest, name: str) -> HttpResponse:
    """Give the office a logo or signature to look at, by its random name."""
    path = f"logos/{name}.png"
    if not default_storage.exists(path):
        raise Http404
    with default_storage.open(path) as file:
        return HttpResponse(file.read(), content_type="image/png")


def short(activity: Activity) -> str:
    """Return the activity's short address in full."""
    return f"{settings.PUBLIC_URL}{reverse('activities:short', args=[activity.code])}"


def _behind(code: str) -> Activity:
    """Return the activity of a short address, if it was ever published."""
    known = Activity.objects.exclude(published_at=None).select_related("provider")
    return get_object_or_404(known, code=code.upper())


def _may_read(request: HttpRequest, activity: Activity) -> bool:
    """Whether it is visible, or a draft that this member of staff may see."""
    return activity.is_visible or request.user.has_perm("activities.view_activity")


def _readable(request: HttpRequest, slug: str) -> Activity:
    activity = get_object_or_404(Activity.objects.with_words(), slug=slug)
    if not _may_read(request, activity):
        raise Http404
    return activity


def _facts(activity: Activity) -> dict[str, Any]:
    """Gather an activity's facts and prescribed texts for a template."""
    words = statements.of(activity)
    address = settings.PUBLIC_URL + activity.get_absolute_url()
    return {
        "activity": activity,
        "words": words,
        "accreditation": [row for key, row in words.items() if key.startswith("accreditation")],
        "designations": [(words[f"designation:{row.credit_type}"], row) for row in activity.designations.all()],
        "moc": [row for key, row in words.items() if key.startswith("moc:")],
        "objectives": by_kind(activity.objectives.all()),
        "people": _people(list(activity.roles.all())),
        "days": by_day(activity.sessions.all()),
        "related": _related(activity),
        "linked_data": linked_data.as_script(linked_data.facts(activity, address=address)),
        "address": address,
        "short": short(activity),
        "now": timezone.now(),
    }


def _people(roles: list[Role]) -> list[tuple[Role, str]]:
    """Each person once, with all parts in words."""
    parts: dict[int, list[Role]] = {}
    for role in roles:
        parts.setdefault(role.person_id, []).append(role)
    return [(rows[0], ", ".join(str(row.get_part_display()) for row in rows)) for rows in parts.values()]


def _related(activity: Activity) -> list[Activity]:
    """Those that staff chose; without a choice the provider's newest others."""
    others: ActivityQuerySet = Activity.objects.published().exclude(pk=activity.pk)
    chosen = list(others.filter(related=activity)[:RELATED])
    return chosen or list(others.filter(provider=activity.provider)[:RELATED])


def _logo_data(provider: Provider) -> str:
    """Return the logo as a data address, the only kind that the printer fetches."""
    content = uploads.bytes_of(provider.logo)
    return f"data:image/png;base64,{base64.b64encode(content).decode()}" if content else ""
