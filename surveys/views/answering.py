"""A survey in the browser, page by page: saved as typed, checked as a whole, submitted once."""

import json
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts import limits, signed_in
from activities.models import Activity
from credits import deadlines
from credits.services import checking_in
from surveys import pathway
from surveys.answering import CHECK, Answering, Base, Fault, Page, Typed, faults_of, fingerprints
from surveys.forms.page import PageForm
from surveys.models import Answer, Survey
from surveys.request import CREDIT, MOC, RequestForCredit, whole
from surveys.services import answering as services
from surveys.steps import NotOpen
from surveys.views import door

SUBMITTED = "Your claim is submitted. You don’t need to do anything else."
TOO_LONG = "Something on this page is longer than it can be. Shorten it; until then nothing of it is kept."
CHANGED = Fault(
    CHECK,
    "main",
    "",
    "Your answers changed after this page was shown, perhaps on another device. Nothing was sent: check them again.",
)


@login_required
def begin(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Go to the first page with something left to do, or to what was awarded, or say why it is not open."""
    activity, now = door.activity(slug), timezone.now()
    refusal = _at_the_door(request, activity, kind, now)
    if refusal:
        return refusal
    response = services.begin(activity=activity, learner=signed_in.person(request), kind=kind, now=now)
    answering = whole(response, now)
    first = answering.next_page if response.saved_at else answering.pages[0]
    return redirect("surveys:page", slug=slug, kind=kind, key=first.key)


@login_required
def page(request: HttpRequest, slug: str, kind: str, key: str) -> HttpResponse:
    """Show a page filled with what was typed; on POST save it, and go on if nothing is wrong with it."""
    activity, now = door.activity(slug), timezone.now()
    refusal = _at_the_door(request, activity, kind, now)
    if refusal:
        return refusal
    try:
        return _page(request, _resumed(request, activity, kind, now), key, now)
    except NotOpen as shut:
        return door.refuse(request, activity, shut.step)
    except services.AlreadySubmitted:
        return door.to_outcome(request, activity, kind)


@login_required
@require_POST
def save(request: HttpRequest, slug: str, kind: str, key: str) -> JsonResponse:
    """Save a page as typed without judging it; answers when it was saved, what is left, and what the page now shows."""
    activity, now = door.activity(slug), timezone.now()
    try:
        answering = _resumed(request, activity, kind, now)
        typed, too_long = _typed(request, answering, key)
        if typed is None:
            return JsonResponse({"refused": "There is no such page."}, status=404)
        if too_long:
            return JsonResponse({"refused": TOO_LONG}, status=422)
        answering = _save(request, answering, typed, now)
    except NotOpen as shut:
        return JsonResponse({"refused": shut.step.reason}, status=403)
    except services.AlreadySubmitted:
        return JsonResponse({"refused": "This was submitted already, perhaps on another device."}, status=409)
    body = {"saved": now.isoformat(), "left": answering.left, "shown": json.dumps(fingerprints(typed))}
    if isinstance(answering, RequestForCredit):
        more = {"total": answering.total(key), "identity": answering.said_of_identity(key)}
        body |= {name: value for name, value in more.items() if value}
    return JsonResponse(body)


def _page(request: HttpRequest, answering: Answering, key: str, now: datetime) -> HttpResponse:
    if key == CHECK.key:
        return _check(request, answering, now)
    if request.method == "POST":
        return _save_and_go_on(request, answering, key, now)
    here = answering.page(key)
    if here is None:
        return _to_what_is_left(answering)
    return show(request, answering, here, answering.form(here))


def _to_what_is_left(answering: Answering) -> HttpResponse:
    return redirect("surveys:begin", slug=answering.activity.slug, kind=answering.survey.kind)


def _save(request: HttpRequest, answering: Answering, typed: Typed, now: datetime) -> Answering:
    """Save a page as typed and return the response anew: another answer may bring other questions."""
    services.save_typed(response=answering.response, typed=typed, base=_base(request), now=now)
    return whole(answering.response, now)


def _save_and_go_on(request: HttpRequest, answering: Answering, key: str, now: datetime) -> HttpResponse:
    """Save a page as typed; show it again with what is wrong, or go to the next.

    From a page that does not apply any more, or never was one, the way leads to what is left to do.
    """
    typed, too_long = _typed(request, answering, key)
    here = answering.page(key)
    if too_long and here:
        return show(request, answering, here, answering.form(here, request.POST), status=422)
    refusals = _read_codes(request, answering, key, typed)
    answering = _save(request, answering, typed, now) if typed is not None else answering
    here = answering.page(key)
    if here is None:
        return _to_what_is_left(answering)
    if "stay" in request.POST and not refusals:
        return redirect("surveys:page", slug=answering.activity.slug, kind=answering.survey.kind, key=key)
    form = answering.bound(here)
    if refusals:
        form.errors.pop("codes", None)
        for words in refusals:
            form.add_error("codes", words)
    if not form.is_valid():
        return show(request, answering, here, form, status=422)
    going = CHECK if request.GET.get("return") == CHECK.key else answering.after(here)
    return redirect("surveys:page", slug=answering.activity.slug, kind=answering.survey.kind, key=going.key)


def _check(request: HttpRequest, answering: Answering, now: datetime) -> HttpResponse:
    """Show all answers; on POST submit them."""
    faults = answering.faults()
    form = _last_form(answering, request)
    if request.method != "POST":
        return _show_check(request, answering, form, faults)
    if form and not form.is_valid():
        return _show_check(request, answering, form, [*faults, *faults_of(CHECK, form)], status=422)
    try:
        services.submit(response=answering.response, seen=request.POST.get("seen", ""), now=now)
    except services.Incomplete as incomplete:
        return _show_check(request, answering, form, incomplete.faults, status=422)
    except services.Changed:
        again = _resumed(request, answering.activity, answering.survey.kind, now)
        return _show_check(request, again, _last_form(again), [CHANGED], status=409)
    if isinstance(answering, RequestForCredit):
        messages.success(request, SUBMITTED)
    return door.to_outcome(request, answering.activity, answering.survey.kind)


def _last_form(answering: Answering, request: HttpRequest | None = None) -> PageForm | None:
    """Return the attestation of a request; other surveys have none."""
    if not isinstance(answering, RequestForCredit):
        return None
    return answering.form(CHECK, request.POST if request and request.method == "POST" else None)


def _at_the_door(request: HttpRequest, activity: Activity, kind: str, now: datetime) -> HttpResponse | None:
    """Return where to go instead, if the survey is not open to this learner now."""
    step = pathway.step(kind, activity=activity, learner=signed_in.person(request), now=now)
    return door.shut(request, activity, step)


def show(
    request: HttpRequest, answering: Answering, here: Page, form: PageForm, *, status: int = 200, back: str = ""
) -> HttpResponse:
    """Draw one page of a survey; `back` makes it a preview."""
    faults = faults_of(here, form) if form.is_bound and form.errors else []
    context = _frame(answering, here) | {
        "form": form,
        "faults": faults,
        "shown": answering.base(form),
        "preview": back,
    }
    return render(request, "surveys/page.html", context, status=status)


def _show_check(
    request: HttpRequest, answering: Answering, form: PageForm | None, faults: list[Fault], *, status: int = 200
) -> HttpResponse:
    context = _frame(answering, CHECK) | {
        "form": form,
        "faults": faults,
        "summary": answering.summary(),
        "claimed": answering.claimed_in_words() if isinstance(answering, RequestForCredit) else "",
        "said": answering.said_of_identity(MOC.key) if isinstance(answering, RequestForCredit) else [],
        "seen": answering.fingerprint,
    }
    return render(request, "surveys/check.html", context, status=status)


def _frame(answering: Answering, here: Page) -> dict[str, object]:
    """Return what every page of a survey is drawn with."""
    plans = answering.survey.kind == Survey.Kind.FOLLOW_UP and answering.response.pk
    return {
        "activity": answering.activity,
        "survey": answering.survey,
        "offer": getattr(answering, "offer", None),
        "response": answering.response,
        "pages": answering.pages,
        "here": here,
        "number": answering.pages.index(here) + 1,
        "previous": answering.before(here),
        "left": answering.left,
        "asks": here in answering.sections,
        "plans": Answer.objects.plans(activity=answering.activity, learner=answering.learner) if plans else [],
        "until": _until(answering),
        "now": timezone.now(),
    }


def _until(answering: Answering) -> datetime | None:
    """Return until when a request can be made, with the office's leave where there is one."""
    if not answering.activity or answering.survey.kind != Survey.Kind.REQUEST_FOR_CREDIT:
        return None
    return deadlines.claim_until(answering.activity, deadlines.grant_for(answering.activity, answering.learner))


def _resumed(request: HttpRequest, activity: Activity, kind: str, now: datetime) -> Answering:
    """Return the response that the page belongs to; raises what `services.resume` raises."""
    number, learner = request.POST.get("response", ""), signed_in.person(request)
    return whole(services.resume(activity=activity, learner=learner, kind=kind, number=number, now=now), now)


def _typed(request: HttpRequest, answering: Answering, key: str) -> tuple[Typed | None, bool]:
    """Return the posted strings of a page's fields, and of no others, and whether one is longer than it may be.

    None if there is no such page. An unticked box is an empty list; a field with one value has the last one.
    """
    fields = answering.fields(key, request.POST)
    if fields is None:
        return None, False
    posted = {name: request.POST.getlist(name) for name in fields}
    typed = {name: values if fields[name].several else values[-1:] for name, values in posted.items()}
    return typed, any(not fields[name].takes(values) for name, values in typed.items())


def _read_codes(request: HttpRequest, answering: Answering, key: str, typed: Typed | None) -> list[str]:
    """Read the codes that were sent with the page of credit into `typed`; return why some were refused."""
    if typed is None or key != CREDIT.key or not isinstance(answering, RequestForCredit):
        return []
    text = " ".join(typed.get("codes", []))
    done = checking_in.read(offer=answering.offer, text=text, network=limits.network_of(request))
    typed.update({name: [value] for name, value in done.inputs.items()})
    return done.refusals


def _base(request: HttpRequest) -> Base | None:
    """Return the fingerprints of what the page had shown; without them every field counts as changed."""
    try:
        base = json.loads(request.POST.get("shown", ""))
    except (ValueError, RecursionError):
        return None
    return base if isinstance(base, dict) else None
