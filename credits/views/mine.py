"""What followed from one claim, and the way to change it."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts import limits, signed_in
from activities import statements
from activities.models import Activity, Entitlement
from credits import deadlines
from credits.arithmetic import Attended, earned_by_sessions
from credits.followed import follow
from credits.forms.claiming import ATTESTATION, AmountForm, AttestForm, SessionsForm, claim_form, entered
from credits.models import Award, Claim, ClaimedSession, LateGrant
from credits.offer import CannotAward, Offer
from credits.services import amending, checking_in, permission
from credits.services.claiming import ClaimRequest

CHANGED = "It is changed. A new certificate replaces the earlier one."
WITHDRAWN = "The permission is withdrawn. What was reported is being taken back."
GIVEN_AGAIN = "Thank you. Your completion is reported again; you need do nothing else."
NOTHING_REPORTED = "Nothing is reported for this claim."
UNCHANGED = "It is saved. What you are awarded is the same as before."
TOO_OFTEN = "This claim was changed ten times within an hour. Please wait an hour, then change it once more."


@login_required
def claim(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one claim: what was awarded and what happens next, with dates."""
    found = _own(request, reference)
    sessions = list(found.sessions.select_related("session"))
    context = {
        "item": follow([found])[0],
        "sessions": sessions,
        "explained": _explained(found, sessions),
        "may_amend": amending.may_amend(found, timezone.now()),
        "may_report_again": permission.may_be_given_again(found, timezone.now()),
        "may_ask_for_points": permission.may_ask_for_points(found, timezone.now()),
    }
    return render(request, "credits/claim.html", context | _until(found))


def _explained(claim: Claim, sessions: list[ClaimedSession]) -> list[tuple[Award, tuple[str, ...]]]:
    """Return how the sessions gave what stands, line by line, where the office has not set it."""
    if claim.role != Claim.Role.LEARNER or claim.was_set_by_office or not sessions:
        return []
    attended = [Attended(row.session, row.amount) for row in sessions]
    counted = ((row, earned_by_sessions(Entitlement(row.kind, row.designation), attended)) for row in claim.standing)
    return [(award, earned.lines) for award, earned in counted if earned.amount == award.amount]


@login_required
def amend(request: HttpRequest, reference: str) -> HttpResponse:
    """Let the learner add or take out sessions, or change the amount; on POST set what the claim asks for."""
    found, now = _own(request, reference), timezone.now()
    if not amending.may_amend(found, now):
        return render(request, "credits/amend_closed.html", {"claim": found, **_until(found)}, status=403)
    posted = request.POST.copy() if request.method == "POST" else None
    refusals = _read_codes(request, found, now, posted) if posted else []
    form, attest = _form(found, now, posted), AttestForm(posted)
    if refusals:
        form.errors.pop("codes", None)
        for words in refusals:
            form.add_error("codes", words)
    elif "stay" in request.POST:
        return _show_amend(request, found, form, AttestForm())
    if form.is_bound and form.is_valid() and attest.is_valid():
        if not limits.allow("amend", key=found.reference):
            form.add_error(None, TOO_OFTEN)
            return _show_amend(request, found, form, attest, status=429)
        try:
            asked = ClaimRequest(form.asked, ATTESTATION)
            seen = attest.cleaned_data["seen"]
            done = amending.amend(claim=found, request=asked, actor=signed_in.person(request), now=now, seen=seen)
        except CannotAward as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, CHANGED if done.changed else UNCHANGED)
            return redirect(found)
    return _show_amend(request, found, form, attest, status=422 if form.is_bound else 200)


def _show_amend(
    request: HttpRequest, claim: Claim, form: AmountForm | SessionsForm, attest: AttestForm, *, status: int = 200
) -> HttpResponse:
    """Draw the page of a change; it says what the claim is at this moment."""
    claim = _own(request, claim.reference)
    context = {"claim": claim, "form": form, "attest": attest, "item": follow([claim])[0], **_until(claim)}
    return render(request, "credits/amend.html", context, status=status)


@login_required
@require_POST
def total(request: HttpRequest, reference: str) -> JsonResponse:
    """Say what the sessions chosen on the page of a change would give; nothing is kept."""
    form = _form(_own(request, reference), timezone.now(), request.POST)
    return JsonResponse({"total": render_to_string("credits/total.html", {"form": form})})


@login_required
def change_permission(request: HttpRequest, reference: str) -> HttpResponse:
    """Say what withdrawing the permission to report, or giving it again, means; on POST do it."""
    found = _own(request, reference)
    if "give" in request.POST:
        if not limits.allow("amend", key=found.reference):
            messages.error(request, TOO_OFTEN)
            return redirect(found)
        try:
            permission.give_again(claim=found, actor=signed_in.person(request), now=timezone.now())
            messages.success(request, GIVEN_AGAIN)
        except permission.CannotGive as refusal:
            messages.error(request, str(refusal))
        return redirect(found)
    if request.method == "POST":
        taken_back = permission.withdraw(claim=found, actor=signed_in.person(request), now=timezone.now())
        messages.success(request, WITHDRAWN if taken_back else NOTHING_REPORTED)
        return redirect(found)
    boards = " and ".join(dict.fromkeys(row.board for row in permission.reported(found))) or "the board"
    again = permission.may_be_given_again(found, timezone.now())
    words = statements.permission(found.activity.provider)
    context = {"claim": found, "boards": boards, "may_report_again": again, "words": words}
    return render(request, "credits/change_permission.html", context)


@login_required
def late(request: HttpRequest, token: str) -> HttpResponse:
    """Lead the person with a late grant to the request; the mailed link works for nobody else."""
    grant = get_object_or_404(LateGrant.objects.select_related("activity"), token=token)
    if grant.learner != signed_in.person(request):
        return render(request, "credits/not_yours.html", {"grant": grant}, status=403)
    return redirect("surveys:begin", grant.activity.slug, "request")


def _read_codes(request: HttpRequest, claim: Claim, now: datetime, posted: QueryDict) -> list[str]:
    """Read the codes that were sent into `posted`; return why some were refused."""
    offer = Offer(claim.activity, claim.learner, now)
    done = checking_in.read(offer=offer, text=posted.get("codes", ""), network=limits.network_of(request))
    for name, value in done.inputs.items():
        posted[name] = value
    return done.refusals


def _form(claim: Claim, now: datetime, data: object) -> AmountForm | SessionsForm:
    claim.learner.profession = claim.profession
    rows = [(row.session, row.amount) for row in claim.sessions.select_related("session")]
    offer = Offer(claim.activity, claim.learner, now, frozenset(session.pk for session, _ in rows))
    initial = entered(rows) | {"amount": next((row.amount for row in claim.standing), None)}
    made: AmountForm | SessionsForm = claim_form(offer)(data, initial=initial, offer=offer)
    return made


def _own(request: HttpRequest, reference: str) -> Claim:
    """Return the person's own claim; nobody else's is there."""
    with_credit = (
        Claim.objects.with_confirmation()
        .select_related("activity__provider", "learner")
        .prefetch_related("awards__designation", "activity__designations")
    )
    return get_object_or_404(with_credit.filter(learner=signed_in.person(request)), reference=reference)


def _until(claim: Claim) -> dict[str, object]:
    activity: Activity = claim.activity
    return {"until": deadlines.claim_until(activity, deadlines.grant_for(activity, claim.learner))}
