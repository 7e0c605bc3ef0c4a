"""The owner's download, and the public page that says whether a certificate is valid."""

import re

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts import signed_in
from certificates.models import Certificate, StoredPdf


@login_required
def download(request: HttpRequest, number: str) -> HttpResponse:
    """Send the stored PDF to its owner or the CME office; for everybody else there is no such page."""
    person = signed_in.person(request)
    office = person.has_perm("certificates.view_certificate")
    visible = Certificate.objects.all() if office else Certificate.objects.of(person)
    certificate = get_object_or_404(visible, number=number)
    stored = StoredPdf.objects.filter(certificate=certificate).first()
    if stored is None:
        return render(request, "certificates/not_yet.html", {"certificate": certificate}, status=409)
    headers = {
        "Content-Disposition": f'attachment; filename="certificate-{certificate.number}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(bytes(stored.content), content_type="application/pdf", headers=headers)


def verify(request: HttpRequest) -> HttpResponse:
    """Ask for a number or code, and go to its page."""
    code = request.GET.get("code", "").strip().rstrip("/").rpartition("/")[2].removeprefix("No. ")
    if re.fullmatch(r"(?i)[2-9a-z]{12}", code):  # a number without its hyphens
        code = "-".join(code[place : place + 4] for place in (0, 4, 8)).upper()
    if re.fullmatch(r"[\w-]+", code, re.ASCII):
        return redirect("certificates:verify_code", code=code)
    if code:
        return _no_index(render(request, "certificates/verify.html", {"code": code, "asked": True}, status=404))
    return _no_index(render(request, "certificates/verify.html"))


def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """Say in one sentence whether the certificate with this code or number is valid, and what it proves.

    Both are random enough that nobody finds a certificate by guessing: 128 and about 59 bits.
    """
    named = Q(code=code) | Q(number=code.upper())
    certificate = Certificate.objects.select_related("superseded_by").filter(named).first()
    context = {"certificate": certificate, "code": code, "asked": True}
    return _no_index(render(request, "certificates/verify.html", context, status=200 if certificate else 404))


def _no_index(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
