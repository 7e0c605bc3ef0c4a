"""Sweeps: what time makes wrong, and what a crash left behind."""

from datetime import datetime

from django.db import transaction

from activities import uploads, watching
from activities.models import Disclosure
from jobs.registry import sweeps


@sweeps
def forget_scans(now: datetime) -> None:
    """Delete scans that a crash left behind without a row."""
    kept = Disclosure.objects.exclude(scan="").values_list("scan", flat=True)
    uploads.forget_orphans(Disclosure.scan.field, uploads.SCANS, kept, now)


@sweeps
def look_at_old_disclosures(now: datetime) -> None:
    """Tell offices of published pages that name somebody whose disclosure has expired."""
    with transaction.atomic():
        watching.check_pages(watching.with_expired_disclosures(now), now)
