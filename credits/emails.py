"""The mails about credit: claimed, changed, withdrawn, granted late, about to be lost."""

from datetime import datetime

from django.urls import reverse

from accounts.models import User
from accounts.reminders import address_to_turn_off
from activities import zones
from activities.models import Activity
from credits import deadlines
from credits.models import Claim, LateGrant
from outbox.messages import post
from reporting.models import Submission


def claimed(claim: Claim) -> None:
    """Write what was awarded, when the certificate comes, and what is reported."""
    _about(claim, "credits/mail/claimed", claim.claimed_at)


def changed(claim: Claim, *, reason: str, by_learner: bool, now: datetime) -> None:
    """Write what is awarded now, that the certificate is replaced, and why; or that nothing stands any more."""
    template = "credits/mail/withdrawn" if claim.is_withdrawn else "credits/mail/changed"
    _about(claim, template, now, reason="" if by_learner else reason)


def granted(grant: LateGrant) -> None:
    """Write until when this person may still claim, with a link that works for nobody else."""
    post(
        template="credits/mail/granted",
        context={
            "grant": grant,
            "activity": grant.activity,
            "learner": grant.learner,
            "earlier": deadlines.too_late_by(grant.activity, grant.learner, grant.until),
        },
        to=grant.learner.email,
        reply_to=grant.activity.provider.office_email,
        about="claims",
    )


def reminded(activity: Activity, learner: User, grant: LateGrant | None = None) -> None:
    """Write that credit is about to be lost, and how not to; by a late grant at its own end."""
    until = deadlines.claim_until(activity, grant)
    post(
        template="credits/mail/reminder",
        context={
            "activity": activity,
            "learner": learner,
            "until": until,
            "day": zones.local(until, activity.time_zone).date(),
            "turn_off": address_to_turn_off(learner),
        },
        to=learner.email,
        reply_to=activity.provider.office_email,
        about="reminders",
        unsubscribe=address_to_turn_off(learner),
    )


def certificates_differ(activity: Activity, count: int) -> None:
    """Write to the office that certificates were sent before the activity was changed, and where to issue them anew."""
    listed = f"{reverse('admin:credits_claim_changelist')}?activity__id__exact={activity.pk}&certificates=differ"
    post(
        template="credits/mail/certificates_differ",
        context={"activity": activity, "count": count, "path": listed},
        to=activity.provider.office_email,
        about="office",
    )


def _about(claim: Claim, template: str, now: datetime, **more: object) -> None:
    activity = claim.activity
    at_once = activity.is_self_study or activity.ends_at <= now
    post(
        template=template,
        context={
            "claim": claim,
            "credit": claim.in_words,
            "activity": activity,
            "learner": claim.learner,
            "at_once": at_once,
            "deadline": activity.deadline_in_words,
            "pharmacy": Submission.objects.filter(reference=claim.reference, registry=Submission.Registry.CPE).first(),
            **more,
        },
        to=claim.learner.email,
        reply_to=activity.provider.office_email,
        reference=claim.reference,
        about="claims",
    )
