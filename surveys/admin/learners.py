"""One learner in one activity, for staff: every step of the way with its reason and fix, and never an evaluation."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from accounts import signed_in
from accounts.models import User
from activities.models import Activity
from audit.admin import RecordedAdmin
from audit.desks import page
from credits.models import CheckIn, WrongCode
from surveys.models import ExtraAttempt, Survey
from surveys.pathway import Way
from surveys.services import answering as services
from surveys.standing import Standing

MOST = 50
BLOCKING = ("details", "part", "post-test", "evaluation", "request")


def learners(admin: RecordedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Find somebody: among those who have begun, or by address and name among all."""
    activity = _opened(request, pk)
    words = request.GET.get("q", "").strip()
    found = list(_matching(words) if words else _begun(activity))
    context = {"activity": activity, "title": f"Learners: {activity}", "found": found[:MOST], "words": words}
    return page(admin, request, "admin/surveys/learners.html", context | {"more": len(found) > MOST})


def learner(admin: RecordedAdmin, request: HttpRequest, pk: int, learner_pk: int) -> HttpResponse:
    """Say why there is no certificate, or that there is one; on POST allow one more attempt at the post-test."""
    activity, person = _opened(request, pk), get_object_or_404(User, pk=learner_pk)
    refusal = ""
    if request.method == "POST":
        if not request.user.has_perm("surveys.add_extraattempt"):
            raise PermissionDenied
        try:
            _allow(request, activity, person)
        except ValueError as error:
            refusal = str(error)
        else:
            messages.success(request, "One more attempt is allowed.")
            return redirect(request.path)
    standing = Standing(activity, person)
    way = Way(standing, timezone.now())
    context = {
        "activity": activity,
        "title": f"{person}: {activity}",
        "refusal": refusal,
        "person": person,
        "steps": way.steps,
        "stuck": next((step for step in way.steps if step.key in BLOCKING and not step.is_done), None),
        "claim": standing.claim,
        "participation": standing.participation,
        "parts": [(item, standing.progress.get(item.pk)) for item in standing.items],
        "tests": standing.responses.get(Survey.Kind.PRE_TEST, []) + standing.responses.get(Survey.Kind.POST_TEST, []),
        "extra": ExtraAttempt.objects.filter(activity=activity, learner=person).select_related("granted_by"),
        "may_need_attempt": way.attempts_are_used,
        **(_codes(activity, person) if activity.claim_by == Activity.ClaimBy.CODES else {}),
    }
    return page(admin, request, "admin/surveys/learner.html", context, refused=bool(refusal))


def _codes(activity: Activity, person: User) -> dict[str, object]:
    """Return the codes that a learner entered in time, and how many did not fit."""
    entered = CheckIn.objects.filter(activity=activity, learner=person).select_related("session")
    return {"entered": entered, "wrong_codes": WrongCode.objects.filter(activity=activity, learner=person).count()}


def _allow(request: HttpRequest, activity: Activity, person: User) -> None:
    actor, reason = signed_in.person(request), request.POST.get("reason", "")
    services.allow_attempt(activity=activity, learner=person, reason=reason, actor=actor, now=timezone.now())


def _opened(request: HttpRequest, pk: int) -> Activity:
    if not request.user.has_perm("surveys.view_response"):
        raise PermissionDenied
    return get_object_or_404(Activity.objects.with_credit(), pk=pk)


def _begun(activity: Activity) -> QuerySet[User]:
    """Those who have read the disclosures, answered something or claimed, the newest accounts first."""
    people = User.objects.filter(
        Q(participations__activity=activity) | Q(responses__survey__activity=activity) | Q(claims__activity=activity)
    )
    return people.distinct().order_by("-pk")[: MOST + 1]


def _matching(words: str) -> QuerySet[User]:
    people = User.objects.all()
    for word in words.split():
        people = people.filter(Q(email__icontains=word) | Q(first_name__spelled=word) | Q(last_name__spelled=word))
    return people.order_by("last_name", "first_name")[: MOST + 1]
