"""The desks beside an activity: gate, statements, people, programme, copy, and the activity as a document.

Each is one page: it shows what there is, and on POST makes one call of a service.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern
from django.utils import timezone

from accounts import signed_in
from activities import compliance, document, statements
from activities.admin import codes, peopledesk
from activities.admin.desk import opened
from activities.compliance import Refused
from activities.document import Wrong
from activities.forms.desks import CopyForm, MoveForm, UploadForm, WordsForm, text_of
from activities.models import Activity, CommercialSupport, SessionImport
from activities.services import copying, programme, state, wording
from activities.statements.lint import lint
from audit.admin import RecordedAdmin
from audit.changes import stamp
from audit.desks import at, page, require

GATED = (Activity.State.DRAFT, Activity.State.PUBLISHED)
View = Callable[..., HttpResponseBase]


def urls(admin: RecordedAdmin) -> list[URLPattern]:
    """Return the desks' addresses, each behind the admin's own sign-in."""
    return [
        at(admin, "read/", read_document, "read"),
        at(admin, "<int:pk>/gate/", gate, "gate"),
        at(admin, "<int:pk>/statements/", words, "statements"),
        at(admin, "<int:pk>/people/", peopledesk.people, "people"),
        at(admin, "<int:pk>/people/invite/", peopledesk.invite, "invite"),
        at(admin, "<int:pk>/codes/", codes.codes, "codes"),
        at(admin, "<int:pk>/codes/slide/", codes.own_slide, "own_slide"),
        at(admin, "<int:pk>/codes/<int:session_pk>/", codes.slide, "session_slide"),
        at(admin, "<int:pk>/sessions/", sessions, "sessions"),
        at(admin, "<int:pk>/sessions/<int:import_pk>/", session_import, "session_import"),
        at(admin, "<int:pk>/copy/", copy, "copy"),
        at(admin, "<int:pk>/document/", write_document, "document"),
        at(admin, "<int:pk>/agreement/<int:support_pk>/", agreement, "agreement"),
    ]


def _posted(request: HttpRequest) -> tuple[Any, Any]:
    """Return what binds a form: data and files of a POST, otherwise nothing."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def gate(admin: RecordedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Show what an accreditor would say, and move the activity to another state."""
    activity, now = opened(admin, request, pk), timezone.now()
    may_move = request.user.has_perm("activities.publish_activity")
    refused = ""
    if request.method == "POST":
        form = MoveForm(request.POST)
        if not may_move or not form.is_valid() or form.cleaned_data["verb"] not in state.MOVES:
            raise PermissionDenied
        chosen = state.MOVES[form.cleaned_data["verb"]]
        try:
            state.move(
                activity=activity,
                verb=chosen.verb,
                actor=signed_in.person(request),
                now=now,
                reason=form.cleaned_data["reason"],
            )
            messages.success(request, f"{activity} is {chosen.done}.")
            return redirect("admin:activities_activity_gate", pk)
        except Refused as refusal:
            refused = f"It cannot be {chosen.done}: {len(refusal.findings)} to put right first."
        except state.CannotMove as refusal:
            refused = str(refusal)
    return page(
        admin,
        request,
        "admin/activities/gate.html",
        refused=bool(refused),
        title=f"Gate: {activity}",
        activity=activity,
        refusal=refused,
        publishing=compliance.PUBLISHING.check(activity, now) if activity.state in GATED else None,
        closing=compliance.CLOSING.check(activity, now) if activity.waits_to_be_closed(now) else None,
        moves=[row for row in state.possible(activity) if _is_due(row, activity, now)] if may_move else [],
        stage=activity.stage(now),
    )


def _is_due(move: state.Move, activity: Activity, now: datetime) -> bool:
    """Closing is offered when nobody can claim any more."""
    return move.verb != "close" or activity.waits_to_be_closed(now)


def words(admin: RecordedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Show each statement as generated, and staff's own words beside it."""
    activity = opened(admin, request, pk)
    form, refused = WordsForm(_posted(request)[0]), ""
    if request.method == "POST" and form.is_valid():
        try:
            wording.edit(
                activity=activity,
                key=form.cleaned_data["key"],
                text=form.cleaned_data["text"],
                reason=form.cleaned_data["reason"],
                actor=signed_in.person(request),
                now=timezone.now(),
                seen=form.cleaned_data["seen"],
            )
            wrong = lint_of(pk, form.cleaned_data["key"])
            if wrong:
                messages.warning(request, f"Saved, but it cannot be published so: {' '.join(wrong)}")
            else:
                messages.success(request, "Saved. The words stand on the page and on new certificates.")
            return redirect("admin:activities_activity_statements", pk)
        except (wording.CannotEdit, Refused) as refusal:
            refused = str(refusal)
    typed = form.data if refused or (form.is_bound and not form.is_valid()) else {}
    activity = opened(admin, request, pk) if refused else activity
    rows = [(row, lint(row, activity), stamp(row.text)) for row in statements.of(activity).values()]
    context = {"activity": activity, "rows": rows, "refusal": refused, "typed": typed}
    return page(
        admin,
        request,
        "admin/activities/statements.html",
        context,
        refused=bool(typed),
        title=f"Statements: {activity}",
    )


def lint_of(pk: int, key: str) -> list[str]:
    """Return what an accreditor would strike in one statement as it is kept now."""
    activity = Activity.objects.with_everything().get(pk=pk)
    return lint(statements.of(activity)[key], activity)


def sessions(admin: RecordedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Take a table of sessions and show what it would do."""
    activity = opened(admin, request, pk)
    form = UploadForm(*_posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            made = programme.upload(
                activity=activity,
                file=form.cleaned_data["file"],
                actor=signed_in.person(request),
                now=timezone.now(),
            )
            return redirect("admin:activities_activity_session_import", pk, made.pk)
        except ValidationError as error:
            form.add_error("file", error)
    context = {
        "title": f"Import sessions: {activity}",
        "activity": activity,
        "form": form,
        "columns": programme.TEMPLATE,
        "imports": activity.session_imports.select_related("uploaded_by")[:10],
    }
    return page(admin, request, "admin/activities/sessions.html", context, refused=bool(form.errors))


def session_import(admin: RecordedAdmin, request: HttpRequest, pk: int, import_pk: int) -> HttpResponse:
    """Show every row with what happens to it; on POST carry it out."""
    activity = opened(admin, request, pk)
    found = get_object_or_404(SessionImport, pk=import_pk, activity=activity)
    if request.method == "POST":
        try:
            programme.apply(wanted=found, actor=signed_in.person(request), now=timezone.now())
            messages.success(request, "The sessions are imported.")
        except Refused as refusal:
            messages.error(request, f"Nothing was imported. A published page may not say this: {refusal}")
        return redirect("admin:activities_activity_session_import", pk, import_pk)
    verdicts = (programme.ADD, programme.CHANGE, programme.SAME, programme.REFUSE)
    counts = [(verdict, sum(row["verdict"] == verdict for row in found.rows)) for verdict in verdicts]
    title = f"Import {found.name}: {activity}"
    return page(
        admin,
        request,
        "admin/activities/session_import.html",
        title=title,
        activity=activity,
        found=found,
        counts=counts,
    )


def copy(admin: RecordedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Make next year's activity."""
    activity = opened(admin, request, pk)
    require(request, "activities.add_activity")
    form = CopyForm(_posted(request)[0], initial={"title": activity.title})
    if request.method == "POST" and form.is_valid():
        try:
            made = copying.copy(
                activity=activity,
                starts_on=form.cleaned_data["starts_on"],
                title=form.cleaned_data["title"],
                actor=signed_in.person(request),
                now=timezone.now(),
            )
            messages.success(request, "Copied as a draft. The gate says what it still needs.")
            return redirect("admin:activities_activity_change", made.pk)
        except ValidationError as error:
            form.add_error(None, error.messages)
    context = {"title": f"Copy: {activity}", "activity": activity, "form": form}
    return page(admin, request, "admin/activities/copy.html", context, refused=bool(form.errors))


def write_document(admin: RecordedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Give the activity as a YAML document, to who may see all that stands in it."""
    activity = opened(admin, request, pk)
    require(request, "activities.view_person", "activities.view_commercialsupport")
    headers = {"Content-Disposition": f'attachment; filename="{activity.slug}.yaml"'}
    return HttpResponse(document.write(activity), content_type="application/yaml; charset=utf-8", headers=headers)


def read_document(admin: RecordedAdmin, request: HttpRequest) -> HttpResponse:
    """Take a YAML document and make a draft of it, by who may add all that can stand in it."""
    require(request, "activities.add_activity", "activities.add_provider", "activities.add_person")
    form = UploadForm(*_posted(request))
    faults: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            text = text_of(form.cleaned_data["file"])
            made = document.create(text, actor=signed_in.person(request), now=timezone.now())
            messages.success(request, "Made a draft of the document. The gate says what it still needs.")
            return redirect("admin:activities_activity_change", made.pk)
        except ValidationError as error:
            form.add_error("file", error)
        except Wrong as wrong:
            faults = wrong.faults
    refused = bool(form.errors or faults)
    title = "Read an activity from a document"
    return page(admin, request, "admin/activities/read.html", refused=refused, title=title, form=form, faults=faults)


def agreement(admin: RecordedAdmin, request: HttpRequest, pk: int, support_pk: int) -> FileResponse:
    """Give a signed agreement to staff who may see commercial support, to save and never to show in the browser."""
    activity = opened(admin, request, pk)
    require(request, "activities.view_commercialsupport")
    row = get_object_or_404(CommercialSupport.objects.exclude(agreement=""), pk=support_pk, activity=activity)
    return FileResponse(row.agreement.open(), as_attachment=True, filename=f"agreement-{row.pk}.pdf")
