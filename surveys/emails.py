"""The mail that asks, some weeks later, what became of a learner's plans."""

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from activities.models import Activity
from credits.models import Claim
from outbox.messages import post


def attempt_allowed(activity: Activity, learner: User) -> None:
    """Tell a learner that the office has allowed one more attempt at the post-test."""
    address = reverse("surveys:begin", args=[activity.slug, "post-test"])
    post(
        template="surveys/mail/attempt",
        context={"activity": activity, "learner": learner, "address": settings.PUBLIC_URL + address},
        to=learner.email,
        reply_to=activity.provider.office_email,
    )


def follow_up(claim: Claim) -> None:
    """Show the way to a few questions; the learner's own words stay on that page, because staff can read mails."""
    activity = claim.activity
    address = reverse("surveys:begin", args=[activity.slug, "follow-up"])
    post(
        template="surveys/mail/follow_up",
        context={"claim": claim, "activity": activity, "address": settings.PUBLIC_URL + address},
        to=claim.learner.email,
        reply_to=activity.provider.office_email,
        reference=claim.reference,
    )
