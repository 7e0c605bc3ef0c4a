"""What pages of the office's own in the admin have in common: addresses, permissions, and the admin around them."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from unfold.admin import ModelAdmin

View = Callable[..., HttpResponseBase]


def at(site: ModelAdmin, route: str, view: View, name: str) -> URLPattern:
    """Return an address below `site`, behind the admin's own sign-in; the view is given the site first."""
    wrapped = site.admin_site.admin_view(partial(view, site))
    made: URLPattern = path(route, wrapped, name=f"{site.opts.app_label}_{site.opts.model_name}_{name}")
    return made


def require(request: HttpRequest, *permissions: str) -> None:
    """Raise PermissionDenied unless the person has all these permissions (`credits.view_claim`)."""
    if not request.user.has_perms(permissions):
        raise PermissionDenied


def page(
    site: ModelAdmin,
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    refused: bool = False,
    **more: Any,
) -> HttpResponse:
    """Draw a page within the admin; a refusal is answered with 422. Hours are those of an activity's own office."""
    whole = {**site.admin_site.each_context(request), "opts": site.opts, **(context or {}), **more}
    zone = whole["activity"].provider.zone if "activity" in whole else None
    with timezone.override(zone):
        return render(request, template, whole, status=422 if refused else 200)
