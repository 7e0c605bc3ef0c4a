"""The learner's own credit: the list, and what followed from one claim."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts import signed_in
from certificates.models import Certificate
from credits.models import Claim
from reporting.models import Submission

Followup = TypeVar("Followup", Certificate, Submission)


@dataclass(frozen=True)
class Followed:
    """A claim with the certificates and reports that followed from it."""

    claim: Claim
    certificates: list[Certificate]
    submissions: list[Submission]


@login_required
def my_credits(request: HttpRequest) -> HttpResponse:
    """List the learner's claims with the state of everything that followed."""
    person = signed_in.person(request)
    claims = Claim.objects.of(person).select_related("activity__provider").prefetch_related("awards")
    return render(request, "credits/my_credits.html", {"followed": _follow(claims)})


@login_required
def claim(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one claim: what was awarded and what happens next, with dates."""
    person = signed_in.person(request)
    claims = Claim.objects.of(person).select_related("activity__provider").prefetch_related("awards")
    found = get_object_or_404(claims, reference=reference)
    return render(request, "credits/claim.html", {"item": _follow([found])[0]})


def _follow(claims: Iterable[Claim]) -> list[Followed]:
    """Find certificates and submissions of many claims in two queries."""
    claims = list(claims)
    references = [claim.reference for claim in claims]
    certificates = _by_reference(Certificate.objects.filter(reference__in=references).order_by("reference", "id"))
    submissions = _by_reference(Submission.objects.filter(reference__in=references).order_by("reference", "id"))
    return [
        Followed(claim, certificates.get(claim.reference, []), submissions.get(claim.reference, [])) for claim in claims
    ]


def _by_reference(rows: Iterable[Followup]) -> dict[str, list[Followup]]:
    """Group rows that are ordered by reference."""
    return {reference: list(group) for reference, group in groupby(rows, key=lambda row: row.reference)}
