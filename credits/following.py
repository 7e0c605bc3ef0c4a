"""What was planned or copied at the award follows the activity until it leaves; what has left is compared with it.

Certificates wait for the activity's end, and print its dates and place; reports say its last day. When the activity
changes, those that wait change with it. A certificate that was sent stays as it is: it is marked where it says
something else, and the office is told once, to issue it anew.
"""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache

from activities.models import Activity
from certificates import services as certificates
from certificates.models import Certificate
from certificates.services import Words
from credits import deadlines, emails, reports
from credits.ledger import earliest
from credits.models import Claim
from credits.words import certificate_words
from reporting.models import Submission
from reporting.services import queueing

OF_THE_ACTIVITY = ("activity", "format", "action", "place", "dates")  # not who signs today, nor today's statements


def follow_certificates(activity: Activity, rows: list[Certificate], now: datetime) -> None:
    """Bring certificates that wait up to date, and mark those that were sent and say otherwise. In a transaction."""
    claims, freeze = _claims_of(activity, rows), cache(certificates.freeze)
    for row in rows:
        claim = claims[row.reference]
        award = next((award for award in claim.standing if award.credit_type == row.kind), None)
        if award is None:
            continue
        words = certificate_words(claim, award, row.issued_at, row.data["paper"], freeze)
        words["learner"] = row.data["learner"]  # a printed name changes by the office's word alone
        if row.state == Certificate.State.ISSUED:
            certificates.follow(row, words, earliest(activity, row.issued_at))
        else:
            certificates.mark(row, differs=_differs(row.data, words), now=now)


def _differs(printed: Words, words: Words) -> bool:
    return any(printed[name] != words[name] for name in OF_THE_ACTIVITY)  # type: ignore[literal-required]


def follow_reports(activity: Activity, rows: list[Submission]) -> None:
    """Bring reports that have not left up to date: what they say, when they may leave, and their deadlines."""
    claims = _claims_of(activity, rows)
    for row in rows:
        claim = claims[row.reference]
        new = reports.now_wanted(claim, row)
        completion = new.completion if new else row.completion
        day = date.fromisoformat(completion["completed_on"])
        queueing.follow(
            submission=row,
            completion=completion,
            send_at=max(row.created_at, earliest(activity, row.created_at)),
            clocks=deadlines.clocks_of(activity, row.registry, row.board, day),
        )


def tell_the_office(activity: Activity, now: datetime) -> None:
    """Mail the office once about certificates that were sent and say something else than the page. In a transaction."""
    references = Claim.objects.filter(activity=activity).values("reference")
    differ = Certificate.objects.outdated().filter(reference__in=references)
    untold = Certificate.objects.filter(pk__in=list(differ.filter(outdated_told_at=None).values_list("pk", flat=True)))
    if untold.update(outdated_told_at=now):
        emails.certificates_differ(activity, differ.count())


def _claims_of(activity: Activity, rows: Iterable[Certificate | Submission]) -> dict[str, Claim]:
    found = Claim.objects.filter(reference__in={row.reference for row in rows}).select_related("learner")
    claims = {claim.reference: claim for claim in found.prefetch_related("awards__designation")}
    for claim in claims.values():
        claim.activity = activity  # loaded once, with everything that is printed of it
    return claims
