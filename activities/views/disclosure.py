"""The disclosure form behind a personal link: no account, one person, one signature."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from activities.forms.disclosure import DisclosurePages
from activities.services import disclosure
from activities.services.disclosure import LinkClosed, NotThisPerson


def disclose(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form and keep what is signed; more rows are given without losing what was typed."""
    now = timezone.now()
    try:
        invitation = disclosure.invitation_behind(token, now=now)
        pages = DisclosurePages(invitation.person, request.POST or None)
        if request.method == "POST" and not pages.wants_rows and pages.is_valid():
            disclosure.sign(token=token, listed=pages.listed, signature=pages.signature, now=now)
            return redirect("activities:disclosed")
    except LinkClosed as closed:
        return render(request, "activities/closed_link.html", {"words": str(closed)}, status=410)
    except NotThisPerson as refusal:
        pages.form.add_error("signature", str(refusal))
    context = {"invitation": invitation, "pages": pages, "agreed": disclosure.AGREED}
    status = 422 if pages.is_refused else 200
    response = render(request, "activities/disclose.html", context, status=status)
    add_never_cache_headers(response)
    return response


def disclosed(request: HttpRequest) -> HttpResponse:
    """Thank, and say what happens next."""
    return render(request, "activities/disclosed.html")
