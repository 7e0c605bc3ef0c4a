"""The people desk: who has disclosed what, whom to ask, and how each relationship is judged for this activity."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from accounts import signed_in
from activities.admin.desk import opened, page
from activities.forms.desks import InviteForm, JudgementForm
from activities.models import Activity, Judgement, Person, Relationship, Role
from activities.services import disclosure
from activities.services.disclosure import CannotJudge
from audit.admin import RecordedAdmin


def people(admin: RecordedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """List everybody in control of content; on POST judge one relationship."""
    activity = opened(admin, request, pk)
    rows, now = _rows(activity), timezone.now()
    refused = ""
    if request.method == "POST":
        wanted = request.POST.get("relationship", "")
        relationship = get_object_or_404(Relationship, pk=int(wanted) if wanted.isdigit() else 0)
        parts = {role.part for role in activity.roles.all() if role.person_id == relationship.person_id}
        form = JudgementForm(request.POST, parts=parts)
        refused = _judge(request, activity, relationship, form)
        if not refused:
            return redirect("admin:activities_activity_people", pk)
        rows = _rows(activity, typed=form)
    to_ask = [row for row in rows if row["person"].email and not row["person"].has_disclosed(now)]
    return page(
        admin,
        request,
        "admin/activities/people.html",
        refused=bool(refused),
        title=f"People and disclosures: {activity}",
        activity=activity,
        rows=rows,
        to_ask=to_ask,
        refusal=refused,
        now=now,
    )


def invite(admin: RecordedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Mail a personal link to those who are ticked."""
    activity = opened(admin, request, pk)
    form = InviteForm(request.POST, activity=activity)
    if request.method == "POST" and form.is_valid():
        for person in form.cleaned_data["people"]:
            disclosure.invite(
                person=person, activity=activity, actor=signed_in.person(request), now=timezone.now()
            )  # fmt: skip
            messages.success(request, f"Asked {person}.")
    elif request.method == "POST":
        messages.error(request, "Nobody was asked: tick at least one person who has an address.")
    return redirect("admin:activities_activity_people", pk)


def _judge(request: HttpRequest, activity: Activity, relationship: Relationship, form: JudgementForm) -> str:
    """Judge; return the refusal's words, or nothing."""
    if not form.is_valid():
        return f"{relationship}: {' '.join(str(words) for errors in form.errors.values() for words in errors)}"
    try:
        disclosure.judge(
            activity=activity,
            relationship=relationship,
            decision=form.cleaned_data["decision"],
            method=form.cleaned_data["method"],
            why=form.cleaned_data["why"],
            actor=signed_in.person(request),
            now=timezone.now(),
        )
    except CannotJudge as refusal:
        return f"{relationship}: {refusal}"
    messages.success(request, f"{relationship}: judged.")
    return ""


def _rows(activity: Activity, typed: JudgementForm | None = None) -> list[dict[str, Any]]:
    """Each person with parts, relationships, and a form for each relationship; `typed` comes back as it was posted."""
    roles: dict[int, list[Role]] = {}
    for role in activity.roles.all():
        roles.setdefault(role.person_id, []).append(role)
    judged = {row.relationship_id: row for row in activity.judgements.all()}
    return [_row(rows[0].person, rows, judged, typed) for rows in roles.values()]


def _row(
    person: Person, roles: list[Role], judged: dict[int, Judgement], typed: JudgementForm | None
) -> dict[str, Any]:
    parts = {str(role.part) for role in roles}
    shown = [row for row in person.relationships.all() if row.ended_at is None or row.pk in judged]
    forms = []
    for row in shown:
        decided = judged.get(row.pk)
        start: dict[str, Any] = {"relationship": row.pk}
        if decided:
            start |= {"decision": decided.decision, "method": decided.method, "why": decided.why}
        form = JudgementForm(initial=start, parts=parts, auto_id=f"judge_{row.pk}_%s")
        if typed and str(typed.data.get("relationship")) == str(row.pk):
            form = JudgementForm(typed.data, parts=parts, auto_id=f"judge_{row.pk}_%s")
        forms.append((row, decided, form))
    return {"person": person, "parts": [role.get_part_display() for role in roles], "forms": forms}
