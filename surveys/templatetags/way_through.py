"""The claim box of an activity's page: what this visitor can earn, until when, and the next step."""

from typing import Any

from django import template
from django.template.context import RequestContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from activities.models import Activity
from credits import deadlines
from surveys.models import Survey
from surveys.pathway import Way
from surveys.standing import Standing
from surveys.steps import Step

register = template.Library()

WORDS = {
    "details": "Complete your details",
    "pre-test": "Take the pre-test",
    "part": "Study",
    "post-test": "Take the post-test",
    "evaluation": "Evaluate the activity",
    "request": "Request your credit",
    "follow-up": "Tell us what came of it",
}
AGAIN = {"part": "Go on studying", "request": "Continue your request"}


@register.inclusion_tag("surveys/way_through.html", takes_context=True)
def way_through(context: RequestContext, activity: Activity) -> dict[str, Any]:
    """Draw the learner's steps; for a visitor who is not signed in, the way to sign in."""
    user, now = context["request"].user, timezone.now()
    box: dict[str, Any] = {"activity": activity, "now": now, "user": user, "steps": [], "next": None}
    if not isinstance(user, User):
        studied = bool(activity.content.all())
        address = "surveys:study" if studied else "surveys:begin"
        kind = [] if studied else [Survey.Kind.REQUEST_FOR_CREDIT]
        words = "Sign in and study" if studied else "Sign in and claim"
        return box | {"sign_in_words": words, "sign_in_address": reverse(address, args=[activity.slug, *kind])}
    way = Way(Standing(activity, user), now)
    following = next((step for step in way.steps if step.is_open and step.address), None)
    return box | {
        "steps": way.steps,
        "next": following,
        "next_words": _words(way, following) if following else "",
        "entitlements": activity.entitlements(user.profession),
        "claim_until": deadlines.claim_until(activity, way.standing.grant),
        "request_step": way.step(Survey.Kind.REQUEST_FOR_CREDIT),
    }


def _words(way: Way, step: Step) -> str:
    """What the button says; what was begun is continued."""
    draft = way.standing.draft(step.key)
    begun = bool(way.standing.progress) if step.key == "part" else draft is not None and draft.is_kept
    return AGAIN.get(step.key, "Continue") if begun else WORDS[step.key]
