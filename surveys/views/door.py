"""What all pages of the way through an activity do at the door: find the activity, and say why a step is shut."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from accounts import signed_in
from activities.models import Activity
from credits.models import Claim
from surveys.models import Response, Survey
from surveys.pathway import COMPLETE_PROFILE
from surveys.steps import Step


def activity(slug: str) -> Activity:
    """Return a visible activity; others do not exist for learners."""
    return get_object_or_404(Activity.objects.visible().with_credit(), slug=slug)


def refuse(request: HttpRequest, shut: Activity, step: Step) -> HttpResponse:
    """Say in words why not, what to do, and that nothing typed is lost."""
    drafts = Response.objects.filter(
        survey__activity=shut, survey__kind=step.key, learner=signed_in.person(request), state="draft"
    )
    context = {"activity": shut, "step": step, "begun": drafts.exclude(saved_at=None).first()}
    return render(request, "surveys/not_open.html", context, status=403)


def shut(request: HttpRequest, found: Activity, step: Step) -> HttpResponse | None:
    """Return where to go instead when a survey's step is not open: to what became of it, the profile, or the reason."""
    if step.is_open:
        return None
    if step.is_done:
        return to_outcome(request, found, step.key)
    if step.fix == COMPLETE_PROFILE:
        return redirect(f"{reverse('accounts:profile')}?{urlencode({'next': found.get_absolute_url()})}")
    return refuse(request, found, step)


def to_outcome(request: HttpRequest, found: Activity, kind: str) -> HttpResponse:
    """Lead to what became of a survey: of a Request for Credit to what was awarded."""
    asks = kind == Survey.Kind.REQUEST_FOR_CREDIT
    claim = Claim.objects.by_learner(signed_in.person(request), found).first() if asks else None
    return redirect(claim) if claim else redirect("surveys:result", slug=found.slug, kind=kind)
