"""The Request for Credit in the browser, page by page."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_POST

from accounts import signed_in
from activities.models import Activity
from credits.models import Claim
from surveys import pathway, services
from surveys.models import Response
from surveys.request import CHECK, Fault, Page, RequestForCredit, Typed, faults_of

CHANGED = Fault(
    CHECK,
    "main",
    "",
    "Your answers changed after this page was shown, perhaps on another device. Nothing was sent: check them again.",
)


@login_required
def request_for_credit(request: HttpRequest, slug: str) -> HttpResponse:
    """Go to the first page, or to what was awarded, or say why it is not open."""
    return _at_the_door(request, slug, timezone.now()) or redirect("surveys:page", slug=slug, key="credit")


@login_required
def page(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Show a page filled with what was typed; on POST save it, and go on if nothing is wrong with it."""
    now = timezone.now()
    refusal = _at_the_door(request, slug, now)
    if refusal:
        return refusal
    whole = _open(request, slug, now)
    here = whole.page(key)
    if here is None:
        return redirect("surveys:request", slug=slug)
    if here == CHECK:
        return _check(request, whole, now)
    if request.method != "POST":
        return _show(request, whole, here, whole.form(here))
    return _save_and_go_on(request, whole, here, now)


@login_required
@require_POST
def save(request: HttpRequest, slug: str, key: str) -> JsonResponse:
    """Save a page as typed without judging it; answers when it was saved."""
    activity, learner, now = _activity(slug), signed_in.person(request), timezone.now()
    try:
        pathway.require_request_open(activity=activity, learner=learner, now=now)
        whole = _open(request, slug, now)
        here = whole.page(key)
        if here is None or here == CHECK:
            return JsonResponse({"refused": "There is no such page."}, status=404)
        services.save_typed(response=whole.response, typed=_typed(request, whole, here), now=now)
    except pathway.NotOpen as shut:
        return JsonResponse({"refused": shut.step.reason}, status=403)
    return JsonResponse({"saved": now.isoformat()})


def _save_and_go_on(request: HttpRequest, whole: RequestForCredit, here: Page, now: datetime) -> HttpResponse:
    """Save a page as typed; show it again with what is wrong, or go to the next."""
    try:
        services.save_typed(response=whole.response, typed=_typed(request, whole, here), now=now)
    except pathway.NotOpen as shut:
        return _refuse(request, whole.activity, shut.step)
    form = whole.bound(here)
    if not form.is_valid():
        return _show(request, whole, here, form, status=422)
    going = CHECK if request.GET.get("return") == CHECK.key else whole.after(here)
    return redirect("surveys:page", slug=whole.activity.slug, key=going.key)


def _check(request: HttpRequest, whole: RequestForCredit, now: datetime) -> HttpResponse:
    """Show all answers; on POST submit them."""
    faults = whole.faults()
    if request.method != "POST":
        return _show_check(request, whole, whole.form(CHECK), faults)
    form = whole.form(CHECK, request.POST)
    if not form.is_valid():
        return _show_check(request, whole, form, [*faults, *faults_of(CHECK, form)], status=422)
    try:
        claim = services.submit(response=whole.response, seen=request.POST.get("seen", ""), now=now)
    except services.Incomplete as incomplete:
        return _show_check(request, whole, form, incomplete.faults, status=422)
    except services.Changed:
        return _show_check(request, _open(request, whole.activity.slug, now), whole.form(CHECK), [CHANGED], status=409)
    except pathway.NotOpen as shut:
        return _refuse(request, whole.activity, shut.step)
    return redirect(claim)


def _at_the_door(request: HttpRequest, slug: str, now: datetime) -> HttpResponse | None:
    """Return where to go instead, if the request is not open to this learner now."""
    activity, learner = _activity(slug), signed_in.person(request)
    step = pathway.request_for_credit(activity=activity, learner=learner, now=now)
    if step.state == pathway.State.DONE:
        return redirect(Claim.objects.get(activity=activity, learner=learner))
    if step.state == pathway.State.OPEN:
        return None
    if not learner.has_claim_details and not activity.deadline_has_passed(now):
        details = pathway.steps(activity=activity, learner=learner, now=now)[0]
        return redirect(details.address)
    return _refuse(request, activity, step)


def _refuse(request: HttpRequest, activity: Activity, step: pathway.Step) -> HttpResponse:
    """Say in words why not, what to do, and that nothing typed is lost."""
    begun = Response.objects.filter(survey__activity=activity, learner=signed_in.person(request)).exclude(saved_at=None)
    context = {"activity": activity, "step": step, "begun": begun.first()}
    return render(request, "surveys/not_open.html", context, status=403)


def _show(
    request: HttpRequest, whole: RequestForCredit, here: Page, form: object, *, status: int = 200
) -> HttpResponse:
    faults = faults_of(here, form) if status != 200 else []  # type: ignore[arg-type]  # noqa: PLR2004
    context = _frame(whole, here) | {"form": form, "faults": faults}
    return _fresh(render(request, "surveys/page.html", context, status=status))


def _show_check(
    request: HttpRequest, whole: RequestForCredit, form: object, faults: object, *, status: int = 200
) -> HttpResponse:
    context = _frame(whole, CHECK) | {
        "form": form,
        "faults": faults,
        "summary": whole.summary(),
        "claimed": whole.claimed_in_words(),
        "seen": whole.fingerprint,
    }
    return _fresh(render(request, "surveys/check.html", context, status=status))


def _frame(whole: RequestForCredit, here: Page) -> dict[str, object]:
    return {
        "activity": whole.activity,
        "designation": whole.designation,
        "response": whole.response,
        "pages": whole.pages,
        "here": here,
        "number": whole.pages.index(here) + 1,
        "previous": whole.before(here),
        "now": timezone.now(),
    }


def _fresh(response: HttpResponse) -> HttpResponse:
    """Let no browser show an outdated page on its way back."""
    add_never_cache_headers(response)
    return response


def _open(request: HttpRequest, slug: str, now: datetime) -> RequestForCredit:
    return RequestForCredit(services.begin(activity=_activity(slug), learner=signed_in.person(request), now=now))


def _typed(request: HttpRequest, whole: RequestForCredit, here: Page) -> Typed:
    """Return the posted strings of this page's fields; an unticked box is an empty list."""
    return {name: request.POST.getlist(name) for name in whole.form(here).fields}


def _activity(slug: str) -> Activity:
    return get_object_or_404(Activity.objects.visible().with_credit(), slug=slug)
