"""The learner's credit as a list."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import signed_in
from credits.followed import follow
from credits.models import Claim


@login_required
def my_credits(request: HttpRequest) -> HttpResponse:
    """List the learner's claims with the state of everything that followed."""
    person = signed_in.person(request)
    claims = Claim.objects.of(person).select_related("activity__provider").prefetch_related("awards")
    return render(request, "credits/my_credits.html", {"followed": follow(claims)})
