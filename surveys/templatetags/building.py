"""The box beside a survey's form: its state, its versions, and what can be done with it."""

from typing import Any

from django import template
from django.template.context import RequestContext

from surveys.models import Survey

register = template.Library()


@register.inclusion_tag("admin/surveys/building.html", takes_context=True)
def building_box(context: RequestContext, survey: Survey) -> dict[str, Any]:
    """Draw the box of one survey."""
    answered = survey.responses.values("learner").distinct().count()
    versions = Survey.objects.filter(activity=survey.activity_id, kind=survey.kind).exclude(pk=survey.pk)
    return {
        "survey": survey,
        "answered": answered,
        "open": not answered and survey.state != Survey.State.RETIRED,
        "versions": [] if survey.is_set else versions,
        "questions": survey.questions.all(),
        "sets": Survey.objects.filter(kind=Survey.Kind.SET).exclude(pk=survey.pk),
        "perms": context["perms"],
        "csrf_token": context.get("csrf_token"),
    }
