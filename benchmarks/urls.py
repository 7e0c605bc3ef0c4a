"""The portal's addresses and one view that does nothing, the baseline of a page."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def empty(_request: HttpRequest) -> HttpResponse:
    """Answer nothing through all of the portal's middleware."""
    return HttpResponse()


urlpatterns = [path("empty/", empty), path("", include("cme_portal.urls"))]
