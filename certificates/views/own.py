"""What the owner does with a certificate: download it, and ask for a correction of the name on it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts import signed_in
from certificates import naming
from certificates.forms import NameForm
from certificates.models import Certificate, StoredPdf

ASKED = "We received your request. The CME office reviews it and writes to you."


@login_required
def download(request: HttpRequest, number: str) -> HttpResponse:
    """Send the stored PDF to its owner or the CME office; for everybody else there is no such page."""
    person = signed_in.person(request)
    office = person.has_perm("certificates.view_certificate")
    visible = Certificate.objects.all() if office else Certificate.objects.of(person)
    certificate = get_object_or_404(visible.select_related("superseded_by"), number=number)
    if not certificate.is_valid and "anyway" not in request.GET:
        return render(request, "certificates/outdated.html", {"certificate": certificate})
    return pdf_of(request, certificate)


def pdf_of(request: HttpRequest, certificate: Certificate) -> HttpResponse:
    """Send a certificate's stored PDF, or the page that says when it comes."""
    stored = StoredPdf.objects.select_related("sheet").filter(certificate=certificate).first()
    if stored is None:
        return render(request, "certificates/not_yet.html", {"certificate": certificate}, status=409)
    headers = {
        "Content-Disposition": f'attachment; filename="certificate-{certificate.number}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(stored.read(), content_type="application/pdf", headers=headers)


@login_required
def correct_name(request: HttpRequest, number: str) -> HttpResponse:
    """Ask how the name should read; on POST write the wish down for the office."""
    person = signed_in.person(request)
    certificate = get_object_or_404(Certificate.objects.of(person).standing(), number=number)
    waiting = naming.waiting(person)
    initial = {name: getattr(person, name) for name in ("first_name", "last_name", "degrees")}
    posted = request.POST if request.method == "POST" else None
    form = NameForm(posted, initial=initial, printed=certificate.data["learner"])
    if not waiting and form.is_bound and form.is_valid():
        naming.ask(certificate=certificate, **form.cleaned_data)
        messages.success(request, ASKED)
        return redirect("credits:claim", certificate.reference)
    context = {"certificate": certificate, "form": form, "waiting": waiting}
    return render(request, "certificates/name.html", context, status=422 if form.is_bound else 200)
