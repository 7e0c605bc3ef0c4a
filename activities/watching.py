"""Watches published pages for what an accreditor would strike, and tells the office at once.

Staff's own changes cannot make a page so (see `services.guard`). A new disclosure can, and so can time: a disclosure
counts for twelve months.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Max

from activities import compliance, emails
from activities.compliance import Finding
from activities.models import Activity, Person
from activities.models.people import GOOD_FOR
from activities.models.querysets import ActivityQuerySet

ALLOWED = {"deadline-passed"}  # staff may end an activity early, to close it


def errors_of(activity: Activity, now: datetime) -> list[Finding]:
    """Return what may not stand on the published page; load the activity `with_everything`."""
    return [row for row in compliance.PUBLISHING.check(activity, now).errors if row.code not in ALLOWED]


def save_findings(activity: Activity, errors: Iterable[Finding]) -> None:
    """Keep the errors of a published page. Call it in the transaction of the change."""
    identities = [list(row.identity) for row in errors if activity.state == Activity.State.PUBLISHED]
    if activity.open_findings != identities:
        Activity.objects.filter(pk=activity.pk).update(open_findings=identities)


def check_pages(activities: ActivityQuerySet, now: datetime) -> None:
    """Check published pages, keep the errors, and mail each office the new ones. Call it in a transaction."""
    new: dict[str, list[tuple[Activity, list[Finding]]]] = {}
    for activity in activities.filter(state=Activity.State.PUBLISHED).with_everything():
        errors, known = errors_of(activity, now), {tuple(row) for row in activity.open_findings}
        save_findings(activity, errors)
        if found := [row for row in errors if row.identity not in known]:
            new.setdefault(activity.provider.office_email, []).append((activity, found))
    for pages in new.values():
        emails.pages_need_attention(pages)


def with_expired_disclosures(now: datetime) -> ActivityQuerySet:
    """Return pages that look right, are not over, and name somebody whose newest disclosure is too old."""
    people = Person.objects.alias(newest=Max("disclosures__signed_at")).filter(newest__lt=now - GOOD_FOR)
    current = Activity.objects.filter(state=Activity.State.PUBLISHED, ends_at__gte=now, open_findings=[])
    here = current.filter(disclosure_route=Activity.DisclosureRoute.HERE)
    return here.filter(pk__in=here.filter(roles__person__in=people).values("pk"))
