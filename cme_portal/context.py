"""What every page's template knows about this installation."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:  # noqa: ARG001 (a context processor is given the request)
    """`site_name`, and whether the page of sent mails exists."""
    return {"site_name": settings.SITE_NAME, "show_mails": settings.SHOW_MAILS, "demo": settings.DEMO}
