"""A registry's table held against our reports, and the differences that were found."""

from uuid import uuid4

from django.db import models
from django.utils import timezone

from accounts.encryption import EncryptedTextField
from accounts.models import User
from reporting.models import Submission

TABLES = "registries"


def table_name(_instance: object, _name: str) -> str:
    """Return a random name for a table."""
    return f"{TABLES}/{uuid4().hex}"


class Reconciliation(models.Model):
    """An uploaded table: its columns are mapped by staff, its rows compared by a job; then the table is deleted."""

    class Kind(models.TextChoices):
        """What the table is."""

        RESULTS = "results", "Results of a file that we uploaded (PARS or CPE Monitor)"
        DOWNLOAD = "download", "All that PARS has of some activities (Download All Learners)"

    class State(models.TextChoices):
        """A comparison is a job's work and ends by itself."""

        NEW = "new", "waits for its columns"
        COMPARING = "comparing", "being compared"
        COMPARED = "compared", "compared"
        REFUSED = "refused", "refused"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=200)
    file = models.FileField(upload_to=table_name, blank=True)
    headers = models.JSONField(default=list)
    columns = models.JSONField(default=dict, help_text="The header's place by the field's name.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    refusal = models.TextField(blank=True)
    total = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    taken_over_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


class Difference(models.Model):
    """One thing that the registry and we know differently, and what was done about it."""

    class Kind(models.TextChoices):
        """What differs."""

        DECISION = "decision", "decided there"
        AMOUNT = "amount", "another amount there"
        MISSING = "missing", "not there"
        UNKNOWN = "unknown", "not ours"
        AMBIGUOUS = "ambiguous", "fits several of ours"
        LEFTOVER = "leftover", "taken back here, still there"

    reconciliation = models.ForeignKey(Reconciliation, on_delete=models.CASCADE, related_name="differences")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    row = models.PositiveIntegerField(null=True, blank=True, help_text="In the table; none for what is not there.")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decision = models.CharField(max_length=10, blank=True)
    words = EncryptedTextField(blank=True, default="")
    done = models.CharField(max_length=300, blank=True, help_text="What was done about it.")

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.get_kind_display()
