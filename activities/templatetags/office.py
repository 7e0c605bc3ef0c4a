"""The gate's findings beside an activity's form, each with a link to where it can be put right."""

from typing import Any

from django import template
from django.template.context import RequestContext
from django.urls import reverse
from django.utils import timezone

from activities import compliance
from activities.compliance import Finding
from activities.models import Activity

register = template.Library()

DESKS = {"people", "statements", "sessions"}


@register.inclusion_tag("admin/activities/beside_findings.html", takes_context=True)
def findings_beside(context: RequestContext, activity: Activity) -> dict[str, Any]:
    """Draw what the gate that comes next says of the activity as it is stored."""
    stored = Activity.objects.with_everything().get(pk=activity.pk)
    now = timezone.now()
    gate = compliance.CLOSING if stored.waits_to_be_closed(now) else compliance.PUBLISHING
    gated = stored.state in {Activity.State.DRAFT, Activity.State.PUBLISHED}
    return {
        "activity": stored,
        "findings": gate.check(stored, now) if gated else None,
        "stage": stored.stage(now),
        "perms": context["perms"],
    }


@register.simple_tag
def place_of(finding: Finding, activity: Activity) -> str:
    """Return the address at which a finding can be put right."""
    if finding.place in DESKS:
        return reverse(f"admin:activities_activity_{finding.place}", args=[activity.pk])
    if finding.place == "provider":
        return reverse("admin:activities_provider_change", args=[activity.provider_id])
    if finding.place.startswith("admin:"):
        name, _, query = finding.place.partition("?")
        return f"{reverse(name)}?{query}"
    form = reverse("admin:activities_activity_change", args=[activity.pk])
    return f"{form}#{finding.place if finding.place.endswith('-group') else f'id_{finding.place}'}"
