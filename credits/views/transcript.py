"""The learner's credit as a list, as a table and on paper, and the credit from elsewhere in it."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone

from accounts import signed_in
from activities import uploads
from credits import unfinished
from credits.forms.outside import OutsideForm, WantedForm
from credits.models import OutsideCredit
from credits.transcript import SELF_REPORTED, Transcript
from printing import sheet
from printing.turn import Busy, in_turn

HEADERS = (
    "Completed", "Activity", "Provider", "Amount", "Credit", "MOC points", "UAN", "Certificate", "Reference", "Claimed",
)  # fmt: skip


@login_required
def my_credits(request: HttpRequest) -> HttpResponse:
    """List the learner's claims with the state of everything that followed, credit from elsewhere, and totals."""
    form = WantedForm(request.GET)
    transcript = _transcript(request, form)
    begun = unfinished.of(signed_in.person(request), timezone.now())
    context = {"form": form, "transcript": transcript, "query": request.GET.urlencode(), "begun": begun}
    return render(request, "credits/my_credits.html", context, status=200 if transcript else 422)


@login_required
def table(request: HttpRequest) -> HttpResponse:
    """Give the transcript as CSV."""
    transcript = _transcript(request, WantedForm(request.GET))
    if transcript is None:
        return my_credits(request)
    rows = (
        (
            line.day.isoformat(),
            line.title,
            line.provider,
            line.amount,
            line.kind,
            "; ".join(line.points),
            line.uan,
            line.certificate,
            line.reference or SELF_REPORTED,
            line.claimed_on.isoformat() if line.claimed_on else "",
        )
        for line in transcript.lines
    )
    headers = {"Content-Disposition": 'attachment; filename="transcript.csv"'}
    return HttpResponse("".join(sheet.lines(HEADERS, rows)), content_type="text/csv; charset=utf-8", headers=headers)


@login_required
def paper(request: HttpRequest) -> HttpResponse:
    """Give the transcript on paper."""
    transcript = _transcript(request, WantedForm(request.GET))
    if transcript is None:
        return my_credits(request)
    context = {"transcript": transcript, "now": timezone.now(), "public_url": settings.PUBLIC_URL}
    page = render_to_string("credits/transcript_print.html", context)
    try:
        content = in_turn(page)
    except Busy:
        response = render(request, "credits/being_printed.html", status=503)
        response["Retry-After"] = "10"
        return response
    headers = {"Content-Disposition": 'attachment; filename="transcript.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@login_required
def add_outside(request: HttpRequest) -> HttpResponse:
    """Enter credit from elsewhere."""
    return _edit(request, OutsideCredit(learner=signed_in.person(request)))


@login_required
def change_outside(request: HttpRequest, row: int) -> HttpResponse:
    """Change or remove what the learner entered."""
    found = _own(request, row)
    if request.method == "POST" and "remove" in request.POST:
        found.delete()
        found.document.delete(save=False)
        messages.success(request, "It is removed from your transcript.")
        return redirect("credits:my_credits")
    return _edit(request, found)


@login_required
def document(request: HttpRequest, row: int) -> HttpResponse:
    """Give the learner their own document, to save and never to show in the browser."""
    found = get_object_or_404(OutsideCredit.objects.exclude(document=""), pk=row, learner=signed_in.person(request))
    with found.document.open():
        content = found.document.read()
    headers = {"Content-Disposition": f'attachment; filename="credit-{found.pk}.{uploads.ending_of_proof(content)}"'}
    return HttpResponse(content, content_type="application/octet-stream", headers=headers)


def _edit(request: HttpRequest, row: OutsideCredit) -> HttpResponse:
    posted = request.method == "POST"
    form = OutsideForm(request.POST if posted else None, request.FILES if posted else None, instance=row)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, "It stands in your transcript, marked as self-reported.")
        return redirect("credits:my_credits")
    status = 422 if form.is_bound else 200
    return render(request, "credits/outside.html", {"form": form, "row": row}, status=status)


def _own(request: HttpRequest, pk: int) -> OutsideCredit:
    return get_object_or_404(OutsideCredit, pk=pk, learner=signed_in.person(request))


def _transcript(request: HttpRequest, form: WantedForm) -> Transcript | None:
    return Transcript(signed_in.person(request), form.wanted) if form.is_valid() else None
