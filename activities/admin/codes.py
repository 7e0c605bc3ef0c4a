"""The codes that prove participation, for the office: a list to print, and a slide for each session."""

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from activities.admin.desk import opened
from activities.models import Activity
from activities.views.page import short
from audit.admin import RecordedAdmin
from audit.desks import page, require


def codes(admin: RecordedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """List every session with its code, to print, and lead to its slide."""
    activity = _opened(admin, request, pk)
    context = {"activity": activity, "title": f"Codes: {activity}"}
    return page(admin, request, "admin/activities/codes.html", context)


def slide(admin: RecordedAdmin, request: HttpRequest, pk: int, session_pk: int) -> HttpResponse:
    """Show a session's last slide: its code, and where it is entered."""
    activity = _opened(admin, request, pk)
    session = get_object_or_404(activity.sessions.all(), pk=session_pk)
    return last_slide(request, activity, session.code, session.title)


def own_slide(admin: RecordedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Show the last slide of content in another system, with the activity's own code."""
    activity = _opened(admin, request, pk)
    return last_slide(request, activity, activity.own_code, "")


def last_slide(request: HttpRequest, activity: Activity, code: str, session: str) -> HttpResponse:
    """Draw a slide with address, QR code, and the code to enter there."""
    address = short(activity)
    qr = segno.make(address, error="m").svg_data_uri(border=0, dark="#1b2733")
    context = {"activity": activity, "address": address, "qr": qr, "code": code, "session": session}
    return render(request, "activities/slide.html", context)


def _opened(admin: RecordedAdmin, request: HttpRequest, pk: int) -> Activity:
    require(request, "activities.view_session")
    return opened(admin, request, pk)
