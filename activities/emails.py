"""The mails that ask somebody for their disclosure, and tell the office of published pages that need attention."""

from django.urls import reverse

from activities.compliance import Finding
from activities.models import Activity, Invitation, Provider
from outbox.messages import post


def pages_need_attention(pages: list[tuple[Activity, list[Finding]]]) -> None:
    """Write to the office of one provider what is wrong with which of its published pages."""
    post(
        template="activities/mail/open_findings",
        context={"pages": pages},
        to=pages[0][0].provider.office_email,
        about="office",
    )


def disclosure_wanted(invitation: Invitation, provider: Provider, activity: Activity | None, token: str) -> None:
    """Write the mail with the personal link; the link opens a page and spends nothing."""
    post(
        template="activities/mail/disclosure",
        context={
            "person": invitation.person,
            "provider": provider,
            "activity": activity,
            "path": reverse("activities:disclose", args=[token]),
            "until": invitation.expires_at,
        },
        to=invitation.person.email,
        reply_to=invitation.office_email,
    )
