"""A survey's results without names: on a page, as a workbook, and on paper."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone

from audit.admin import RecordedAdmin
from audit.desks import page
from audit.models import record
from printing import pdf
from surveys import results as figures
from surveys.models import Question, Survey
from surveys.workbook import workbook as make_workbook

PER_PAGE = 100
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def results(admin: RecordedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Show the results of one version, with the way to the others."""
    return page(admin, request, "admin/surveys/results.html", _found(request, pk))


def texts(admin: RecordedAdmin, request: HttpRequest, pk: int, question_pk: int) -> HttpResponse:
    """Show all free texts of one question, page by page."""
    found = _found(request, pk)
    question = get_object_or_404(Question, survey=pk, pk=question_pk)
    listed = Paginator(found["results"].texts(question), PER_PAGE).get_page(request.GET.get("page"))
    return page(admin, request, "admin/surveys/texts.html", found | {"question": question, "listed": listed})


def workbook(_admin: RecordedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Give the results as a workbook."""
    found = _found(request, pk)
    content = make_workbook(found["results"], found["gains"])
    return _download(request, found["survey"], content, EXCEL, "xlsx")


def paper(_admin: RecordedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Give the results on paper."""
    found = _found(request, pk)
    content = pdf.render(render_to_string("admin/surveys/results_print.html", found | {"now": timezone.now()}))
    return _download(request, found["survey"], content, "application/pdf", "pdf")


def _found(request: HttpRequest, pk: int) -> dict[str, Any]:
    """Return the survey and its results to who may see them; a question set has none."""
    if not request.user.has_perm("surveys.view_results"):
        raise PermissionDenied
    survey = get_object_or_404(Survey.objects.exclude(activity=None).select_related("activity"), pk=pk)
    assert survey.activity is not None  # noqa: S101 (those without were left out)
    versions = Survey.objects.filter(activity=survey.activity, kind=survey.kind).exclude(state=Survey.State.DRAFT)
    return {
        "survey": survey,
        "activity": survey.activity,
        "title": f"Results: {survey}",
        "results": figures.of(survey),
        "gains": figures.gains(survey.activity) if survey.is_test else [],
        "versions": versions,
    }


def _download(request: HttpRequest, survey: Survey, content: bytes, kind: str, ending: str) -> HttpResponse:
    record(action="took results away", subject=survey, actor=request.user, after={"as": ending})
    name = f"{survey.activity.slug}-{survey.kind}-{survey.version}.{ending}"  # type: ignore[union-attr]
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
