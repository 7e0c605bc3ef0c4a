"""How allauth speaks for this portal: mails go through the outbox with the portal's name in the subject."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings


class Adapter(DefaultAccountAdapter):
    """allauth's own behaviour but for the subject line."""

    def format_email_subject(self, subject: str) -> str:
        """Say who is writing, without the brackets of a mailing list."""
        return f"{settings.SITE_NAME}: {subject}"
