"""The office's desks about credit: late grants and teaching at one activity, and corrections of many claims."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern
from django.utils import timezone
from unfold.admin import ModelAdmin

from accounts import signed_in
from accounts.models import User
from activities import zones
from activities.models import Activity
from audit.desks import at, page, require
from audit.models import record
from audit.rows import is_number
from certificates import bundle
from certificates.admin import zip_of
from credits import corrections, deadlines
from credits.corrections import Planned
from credits.forms.office import CorrectionForm, GrantForm, TeachingForm
from credits.models import Claim, Correction
from credits.models.claim import ClaimQuerySet
from credits.offer import CannotAward
from credits.services import correcting, granting, teaching

View = Callable[..., HttpResponseBase]
MOST = 2000
EARLIER = "{} ends before this grant, on {}. After it: {}"


def urls(admin: ModelAdmin) -> list[URLPattern]:
    """Return the desks' addresses, each behind the admin's own sign-in."""
    return [
        at(admin, "late/<int:pk>/", late, "late"),
        at(admin, "teaching/<int:pk>/", teach, "teaching"),
        at(admin, "certificates/<int:pk>.zip", certificates, "certificates"),
        at(admin, "correct/", correct, "correct"),
        at(admin, "correct/<int:pk>/", correction, "correction"),
    ]


def late(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Show which registries still wait and who was granted time; on POST grant it to one person."""
    activity, now = _opened(request, pk, "add_lategrant"), timezone.now()
    if "take_back" in request.POST:
        return _take_back(request, activity)
    asked = request.GET.get("person", "")
    person = User.objects.filter(pk=asked).first() if is_number(asked) else None
    initial = {"person": person.email if person else ""}
    form = GrantForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            made = granting.grant(
                learner=form.cleaned_data["person"],
                activity=activity,
                until=form.cleaned_data["until"],
                reason=form.cleaned_data["reason"],
                actor=signed_in.person(request),
                now=now,
            )
        except granting.CannotGrant as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{made.learner} can claim now; the link was mailed to {made.learner.email}.")
            for clock in deadlines.too_late_by(activity, made.learner, made.until):
                messages.warning(request, EARLIER.format(clock.name, f"{clock.until:%B %-d, %Y}", clock.consequence))
            return redirect(request.path)
    today = zones.local(now, activity.time_zone).date()
    context = {
        "title": f"Late grants: {activity}",
        "activity": activity,
        "form": form,
        "used": granting.used(activity),
        "clocks": [(clock, clock.has_passed(today)) for clock in deadlines.clocks(activity, today)],
        "grants": activity.late_grants.select_related("learner", "granted_by"),
    }
    return page(admin, request, "admin/credits/late.html", context, refused=bool(form.errors))


def _take_back(request: HttpRequest, activity: Activity) -> HttpResponse:
    number = request.POST["take_back"]
    grant = get_object_or_404(activity.late_grants.all(), pk=number if is_number(number) else 0)
    try:
        granting.take_back(grant=grant, reason=request.POST.get("why", ""), actor=signed_in.person(request))
        messages.success(request, f"{grant.learner} cannot claim any more. They were not written to.")
    except granting.CannotGrant as refusal:
        messages.error(request, str(refusal))
    return redirect(request.path)


def teach(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Show who was awarded credit for teaching; on POST award it to one person."""
    activity = _opened(request, pk, "add_award")
    form = TeachingForm(request.POST if request.method == "POST" else None, activity=activity)
    if form.is_bound and form.is_valid():
        try:
            teaching.award(**form.cleaned_data, activity=activity, actor=signed_in.person(request), now=timezone.now())
        except CannotAward as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "It is awarded, and the certificate is on its way.")
            return redirect(request.path)
    claims = Claim.objects.filter(activity=activity, role=Claim.Role.FACULTY)
    context = {
        "title": f"Credit for teaching: {activity}",
        "activity": activity,
        "form": form,
        "claims": claims.select_related("learner").prefetch_related("awards"),
    }
    return page(admin, request, "admin/credits/teaching.html", context, refused=bool(form.errors))


def certificates(_admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send every valid certificate of an activity in one ZIP."""
    activity = get_object_or_404(Activity, pk=pk)
    require(request, "certificates.view_certificate")
    claims = Claim.objects.filter(activity=activity).values("reference")
    record(action="downloaded certificates", subject=activity, actor=request.user)
    return zip_of(bundle.of_references(claims), f"{activity.slug}-certificates")


def correct(admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Show what a correction would do, claim by claim; decide exactly what was shown, for those that are ticked."""
    require(request, "credits.change_award")
    shown = [number for number in request.POST.getlist("shown") or request.POST.getlist("claims") if is_number(number)]
    if not shown:
        messages.error(request, "Tick at least one claim.")
        return redirect("admin:credits_claim_changelist")
    form = CorrectionForm(request.POST)
    if form.is_valid() and "decide" in request.POST:
        made = _decide(request, form)
        if made:
            return redirect("admin:credits_claim_correction", made.pk)
    readable = "verb" in form.cleaned_data and "amount" not in form.errors
    amount = form.cleaned_data.get("amount")
    claims = _with_all(Claim.objects.filter(pk__in=shown))
    context = {
        "title": "Withdraw or change credit, or issue certificates anew",
        "form": form,
        "rows": corrections.plans(claims, form.cleaned_data["verb"], amount, signed_in.person(request))
        if readable
        else [Planned(row) for row in claims],
        "chosen": request.POST.getlist("claims"),
        "previewed": form.intended if readable else "",
        "first": "first" in request.POST,
    }
    refused = bool(form.errors) and not context["first"]
    return page(admin, request, "admin/credits/correct.html", context, refused=refused)


def _decide(request: HttpRequest, form: CorrectionForm) -> Correction | None:
    """Decide what was shown; None, with the reason in the form, when it was something else or is incomplete."""
    if form.cleaned_data["previewed"] != form.intended:
        form.add_error(None, "This was not shown yet. Look at what follows now, and decide again.")
        return None
    try:
        return correcting.correct(
            claims=form.cleaned_data["claims"],
            verb=form.cleaned_data["verb"],
            amount=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"],
            actor=signed_in.person(request),
            now=timezone.now(),
        )
    except correcting.CannotCorrect as refusal:
        form.add_error("reason", str(refusal))
        return None


def correction(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a correction has come, and what became of each claim."""
    require(request, "credits.view_claim")
    found = get_object_or_404(Correction.objects.select_related("decided_by"), pk=pk)
    rows = found.rows.select_related("claim__learner", "claim__activity")
    ended = {state: sum(row.state == state for row in rows) for state in ("done", "failed")}
    context = {"title": f"Correction {found.pk}", "found": found, "rows": rows, "total": len(rows), **ended}
    return page(admin, request, "admin/credits/correction.html", context)


def _with_all(claims: ClaimQuerySet) -> list[Claim]:
    """Load what the plan of a correction asks for."""
    loaded = list(
        claims.with_both_roles().select_related("learner").prefetch_related("awards", "sessions__session")[:MOST]
    )
    activities = Activity.objects.with_words().prefetch_related("provider__designs")
    found = activities.in_bulk({claim.activity_id for claim in loaded})
    for claim in loaded:
        claim.activity = found[claim.activity_id]
    return loaded


def _opened(request: HttpRequest, pk: int, permission: str) -> Activity:
    require(request, f"credits.{permission}")
    return get_object_or_404(Activity.objects.with_credit(), pk=pk)
