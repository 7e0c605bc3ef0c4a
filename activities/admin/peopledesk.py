"""The people desk: who has disclosed what, whom to ask, and how each relationship is judged for this activity."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts import signed_in
from activities.admin.desk import opened
from activities.compliance import Refused
from activities.forms.desks import InviteForm, JudgementForm
from activities.models import Activity, Invitation, Person, Relationship, Role
from activities.services import disclosure
from activities.services.disclosure import CannotJudge
from audit.admin import RecordedAdmin
from audit.desks import page, require

Row = dict[str, Any]


def people(admin: RecordedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """List everybody in control of content; on POST judge the relationships of one person.

    Decisions that can be kept are kept; those that cannot come back as they were typed, with what is missing.
    """
    activity, now = opened(admin, request, pk), timezone.now()
    require(request, "activities.view_person")
    rows = _rows(activity, request.POST if request.method == "POST" else None)
    refused = [words for row in rows for words in _judge(request, activity, row)] if request.method == "POST" else []
    if request.method == "POST" and not refused:
        return redirect("admin:activities_activity_people", pk)
    return page(
        admin,
        request,
        "admin/activities/people.html",
        refused=bool(refused),
        title=f"People and disclosures: {activity}",
        activity=activity,
        rows=rows,
        to_ask=_to_ask(rows, now),
        refusal=" ".join(refused),
    )


def invite(admin: RecordedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Mail a personal link to those who are ticked."""
    activity = opened(admin, request, pk)
    require(request, "activities.view_person")
    form = InviteForm(request.POST, activity=activity)
    if request.method == "POST" and form.is_valid():
        actor, now = signed_in.person(request), timezone.now()
        for person in form.cleaned_data["people"]:
            disclosure.invite(person=person, provider=activity.provider, activity=activity, actor=actor, now=now)
            messages.success(request, f"Asked {person}.")
    elif request.method == "POST":
        messages.error(request, "Nobody was asked: tick at least one person who has an address.")
    return redirect("admin:activities_activity_people", pk)


def _to_ask(rows: list[Row], now: datetime) -> list[tuple[Person, bool, Invitation | None]]:
    """Those with an address, with whether they must be asked, and the link that they have been sent and not used."""
    people = [row["person"] for row in rows if row["person"].email]
    open_links = Invitation.objects.filter(person__in=people, used_at=None, expires_at__gt=now)
    asked = {link.person_id: link for link in open_links}
    return [(person, not person.has_disclosed(now), asked.get(person.pk)) for person in people]


def _judge(request: HttpRequest, activity: Activity, row: Row) -> list[str]:
    """Keep the posted decisions on one person; return why some were refused."""
    refused = []
    for relationship, form in row["forms"]:
        if not form.is_bound or not set(form.changed_data) - {"seen"}:
            continue
        decision = form.cleaned_data if form.is_valid() else {}
        if not decision.get("decision"):
            if decision and decision["seen"] not in ("", form.stamp):
                continue  # decided by somebody else meanwhile, and nothing was entered here
            refused.append(f"{relationship}: choose a decision.")
            continue
        actor, now = signed_in.person(request), timezone.now()
        try:
            disclosure.judge(activity=activity, relationship=relationship, actor=actor, now=now, **decision)
            messages.success(request, f"{relationship}: decided.")
        except (CannotJudge, Refused) as refusal:
            refused.append(f"{relationship}: {refusal}")
    return refused


def _rows(activity: Activity, posted: Any) -> list[Row]:
    """Each person with parts, and a form for each relationship; the posted person's forms are bound."""
    roles: dict[int, list[Role]] = {}
    for role in activity.roles.all():
        roles.setdefault(role.person_id, []).append(role)
    judged = {row.relationship_id: row for row in activity.judgements.all()}
    return [_row(rows[0].person, rows, judged, posted) for rows in roles.values()]


def _row(person: Person, roles: list[Role], judged: dict[int, Any], posted: Any) -> Row:
    parts = {str(role.part) for role in roles}
    data = posted if posted and posted.get("person") == str(person.pk) else None
    shown = [row for row in person.relationships.all() if row.ended_at is None or row.pk in judged]
    return {
        "person": person,
        "parts": [role.get_part_display() for role in roles],
        "forms": [(row, _form(row, judged.get(row.pk), parts, data)) for row in shown],
    }


def _form(relationship: Relationship, judgement: Any, parts: set[str], data: Any) -> JudgementForm:
    start = {name: getattr(judgement, name) for name in ("decision", "method", "why")} if judgement else {}
    form = JudgementForm(data, initial=start, parts=parts, prefix=f"relationship-{relationship.pk}")
    form.stamp = disclosure.stamp_of(judgement)
    return form
