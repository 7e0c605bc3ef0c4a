"""The catalogue: what is offered, found by words and filters."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from activities.forms.catalogue import CatalogueForm
from activities.models import Activity

PER_PAGE = 20


def catalogue(request: HttpRequest) -> HttpResponse:
    """List what matches, twenty to a page, those that can still be claimed first; wrong filters are left out."""
    now = timezone.now()
    form = CatalogueForm(request.GET)
    found = form.matching(Activity.objects.published()).soonest_first(now).with_credit()
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "now": now, "filtered": form.is_used, "query": form.query_without_page()}
    return render(request, "activities/catalogue.html", context)
