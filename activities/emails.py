"""The mail that asks somebody for their disclosure."""

from django.urls import reverse

from activities.models import Activity, Invitation
from outbox.messages import post


def disclosure_wanted(invitation: Invitation, activity: Activity, token: str) -> None:
    """Write the mail with the personal link; the link opens a page and spends nothing."""
    post(
        template="activities/mail/disclosure",
        context={
            "person": invitation.person,
            "activity": activity,
            "path": reverse("activities:disclose", args=[token]),
            "until": invitation.expires_at,
        },
        to=invitation.person.email,
        reply_to=invitation.office_email,
    )
