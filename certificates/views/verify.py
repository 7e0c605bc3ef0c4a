"""The public page that says whether a certificate is valid, by its code, its number, or its file."""

import hashlib
import re
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from accounts import limits
from certificates.forms import LARGEST_PDF, TOO_LARGE, FileForm
from certificates.models import Certificate

NUMBER = re.compile(r"(?i)(?:no\.?)?([2-9a-z]{4})([2-9a-z]{4})([2-9a-z]{4})")
DASHES = re.compile(r"[\s\u2010-\u2015\u2212-]+")
FORM_AROUND = 10_000  # bytes of a form beside its file


def verify(request: HttpRequest) -> HttpResponse:
    """Ask for a number, code or file, and go to its page."""
    typed = request.GET.get("code", "").strip()
    code = typed.rstrip("/").rpartition("/")[2]
    number = NUMBER.fullmatch(DASHES.sub("", code))
    if number:
        code = "-".join(number.groups()).upper()
    if re.fullmatch(r"[\w-]+", code, re.ASCII):
        return redirect("certificates:verify_code", code=code)
    if code:
        return _answer(request, None, typed)
    return _no_index(render(request, "certificates/verify.html", {"form": FileForm(), "empty": "code" in request.GET}))


@limits.limited("verify")
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """Say in one sentence whether the certificate with this code or number is valid, and what it proves.

    Both are random enough that nobody finds a certificate by guessing: 128 and about 59 bits. Known or not, one row is
    looked for by index, and one page is made.
    """
    named = Q(code=code) | Q(number=code.upper())
    return _answer(request, _with_next().filter(named).first(), code)


@csrf_exempt  # it changes nothing; and the check would read an upload of any size before its size is looked at
@limits.limited("verify")
def verify_file(request: HttpRequest) -> HttpResponse:
    """Say whether a file is, byte for byte, a certificate that was issued; the file is not kept."""
    if request.method != "POST":
        return redirect("certificates:verify")
    too_large = int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_PDF + FORM_AROUND
    form = FileForm() if too_large else FileForm(request.POST, request.FILES)
    if too_large or not form.is_valid():
        words = [TOO_LARGE] if too_large else form.errors["file"]
        return _no_index(render(request, "certificates/verify.html", {"form": form, "refusals": words}, status=422))
    digest = hashlib.sha256()
    for chunk in form.cleaned_data["file"].chunks():
        digest.update(chunk)
    return _answer(request, _with_next().filter(pdf__sha256=digest.hexdigest()).first(), "", file=True)


def _with_next() -> QuerySet[Certificate]:
    return Certificate.objects.select_related("superseded_by")


def _answer(request: HttpRequest, certificate: Certificate | None, code: str, *, file: bool = False) -> HttpResponse:
    context: dict[str, Any] = {
        "certificate": certificate,
        "code": code,
        "asked": True,
        "file": file,
        "form": FileForm(),
    }
    context |= {"current": certificate and certificate.current, "now": timezone.now()}
    return _no_index(render(request, "certificates/verify.html", context, status=200 if certificate else 404))


def _no_index(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "no-store"
    return response
