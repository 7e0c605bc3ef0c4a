"""The mail that asks, some weeks later, what became of a learner's plans."""

from django.conf import settings
from django.urls import reverse

from credits.models import Claim
from outbox.messages import post


def follow_up(claim: Claim, plans: list[str]) -> None:
    """Bring the learner's own words back, with the way to a few questions."""
    activity = claim.activity
    address = reverse("surveys:begin", args=[activity.slug, "follow-up"])
    post(
        template="surveys/mail/follow_up",
        context={"claim": claim, "activity": activity, "plans": plans, "address": settings.PUBLIC_URL + address},
        to=claim.learner.email,
        reply_to=activity.provider.office_email,
        reference=claim.reference,
    )
