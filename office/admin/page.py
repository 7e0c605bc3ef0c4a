"""What the office's own pages in the admin have in common: who may see them, and the admin around them."""

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from unfold.admin import ModelAdmin


def require(request: HttpRequest, permission: str) -> None:
    """Raise PermissionDenied without this permission of the office."""
    if not request.user.has_perm(f"office.{permission}"):
        raise PermissionDenied


def page(  # noqa: PLR0913, PLR0917 (a page has this many parts)
    site: ModelAdmin,
    request: HttpRequest,
    model: type[Model],
    template: str,
    context: Mapping[str, object],
    status: int = 200,
) -> HttpResponse:
    """Draw a page within the admin."""
    whole = {**site.admin_site.each_context(request), "opts": model._meta, **context}  # noqa: SLF001 (the admin's own)
    return render(request, template, whole, status=status)
