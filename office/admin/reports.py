"""The office's pages about reports: an activity's gap review and its record in PARS, and the year's summary."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from unfold.admin import ModelAdmin

from accounts import signed_in
from activities.models import Activity
from audit.desks import page, require
from office import activity_records, gaps
from office.year import Summary, summary
from printing import sheet
from reporting import activity_batches, batches
from reporting.models import ActivityRecord
from reporting.services import recording

FIRST_YEAR, LAST_YEAR = 2000, 2100
COLUMNS = (
    "activity", "format", "first day", "last day", "hours of instruction", "physicians", "other learners",
    "claims in the year", "commercial support in US dollars",
)  # fmt: skip


def activity(site: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is missing, for whom, and which clocks run; on POST send the activity's record to PARS."""
    require(request, "office.view_reconciliation")
    found = get_object_or_404(Activity.objects.with_credit().select_related("provider"), pk=pk)
    if request.method == "POST":
        require(request, "office.add_reconciliation")
        facts = activity_records.facts(found, close="close" in request.POST)
        try:
            if facts["close"]:
                gaps.check_closing(found, timezone.now(), sure="sure" in request.POST)
            recording.send(facts=facts, actor=signed_in.person(request), now=timezone.now())
            messages.success(request, "The record is on its way to PARS.")
        except (recording.CannotRecord, gaps.CannotClose) as refusal:
            messages.error(request, str(refusal))
        return redirect(request.path)
    context = {
        "title": f"Reports: {found}",
        "activity": found,
        "review": gaps.review(found, gaps.today_at(found, timezone.now())),
        "told": activity_records.in_words(activity_records.facts(found, close=True)),
        "is_closed": recording.is_closed(found.slug),
        "records": ActivityRecord.objects.filter(own_id=found.slug).select_related("made_by")[:10],
    }
    return page(site, request, "admin/office/activity.html", context)


def year(site: ModelAdmin, request: HttpRequest, year: int) -> HttpResponseBase:
    """Show the year's summary, or give it as a table."""
    require(request, "office.view_reconciliation")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
    found = summary(year)
    if request.GET.get("as") == "csv":
        headers = {"Content-Disposition": f'attachment; filename="cme-{year}.csv"'}
        lines = sheet.lines(COLUMNS, _cells(found))
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
    complete, incomplete = activity_records.for_template([line.activity for line in found.lines])
    if request.GET.get("as") == "xlsx":
        headers = {"Content-Disposition": f'attachment; filename="pars-activities-{year}.xlsx"'}
        book = activity_batches.workbook(complete, year)
        return HttpResponse(book, content_type=batches.EXCEL, headers=headers)
    context = {
        "title": f"Summary of {year}",
        "summary": found,
        "before": year - 1,
        "after": year + 1,
        "complete": len(complete),
        "incomplete": incomplete,
    }
    return page(site, request, "admin/office/year.html", context)


def _cells(found: Summary) -> list[tuple[object, ...]]:
    return [
        (
            line.activity.title, line.activity.get_format_display(), line.activity.starts_on, line.activity.ends_on,
            line.hours if line.hours is not None else "", line.physicians, line.others, line.claims, line.support,
        )
        for line in found.lines
    ]  # fmt: skip
