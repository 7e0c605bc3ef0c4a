"""“Send me my certificates”: the page that asks for an address, and the list behind the mailed link."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts import addresses, limits
from certificates import mailing
from certificates.forms import AddressForm
from certificates.views.own import pdf_of


def send(request: HttpRequest) -> HttpResponse:
    """Ask for an address; the answer is the same whether somebody has it or not."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return render(request, "certificates/send.html", {"form": form}, status=422 if form.is_bound else 200)
    email = addresses.normalized(form.cleaned_data["email"])
    if not limits.allow("send", request=request):
        return limits.too_many(request)
    if limits.allow("send_to_one", key=email):
        mailing.ask(email)
    return render(request, "certificates/send.html", {"form": form, "asked": email})


def mailed(request: HttpRequest, token: str) -> HttpResponse:
    """List the certificates of the person to whom the link was mailed."""
    learner = mailing.learner_of(token)
    if learner is None:
        return render(request, "certificates/mailed.html", status=410)
    rows = mailing.certificates_of(learner)
    response = render(request, "certificates/mailed.html", {"learner": learner, "rows": rows, "token": token})
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response


def mailed_pdf(request: HttpRequest, token: str, number: str) -> HttpResponse:
    """Send one of these certificates."""
    learner = mailing.learner_of(token)
    if learner is None:
        return render(request, "certificates/mailed.html", status=410)
    return pdf_of(request, get_object_or_404(mailing.certificates_of(learner), number=number))
