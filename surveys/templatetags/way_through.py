"""The claim box of an activity's page: what this visitor can earn, until when, and the next step."""

from typing import Any

from django import template
from django.template.context import RequestContext
from django.utils import timezone

from accounts.models import User
from activities.models import Activity
from surveys import pathway
from surveys.models import Response

register = template.Library()


@register.inclusion_tag("surveys/way_through.html", takes_context=True)
def way_through(context: RequestContext, activity: Activity) -> dict[str, Any]:
    """Draw the learner's steps; for a visitor who is not signed in, the way to sign in."""
    user, now = context["request"].user, timezone.now()
    box: dict[str, Any] = {"activity": activity, "now": now, "user": user, "steps": [], "next": None}
    if isinstance(user, User):
        steps = pathway.steps(activity=activity, learner=user, now=now)
        box["steps"] = steps
        box["next"] = next((step for step in steps if step.state == pathway.State.OPEN and step.address), None)
        box["designation"] = activity.designation_for(user.profession)
        drafts = Response.objects.filter(survey__activity=activity, learner=user, state=Response.State.DRAFT)
        box["begun"] = drafts.exclude(saved_at=None).exists()
        box["request_step"] = next(step for step in steps if step.key == "request")
    return box
