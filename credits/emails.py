"""The mail that confirms a claim."""

from credits.models import Award, Claim
from outbox.messages import post


def claimed(claim: Claim, award: Award) -> None:
    """Write what was awarded, when the certificate comes, and what is reported."""
    post(
        template="credits/mail/claimed",
        context={
            "claim": claim,
            "award": award,
            "activity": claim.activity,
            "learner": claim.learner,
            "at_once": claim.activity.is_self_study or claim.activity.ends_at <= claim.claimed_at,
        },
        to=claim.learner.email,
        reply_to=claim.activity.provider.office_email,
        reference=claim.reference,
    )
