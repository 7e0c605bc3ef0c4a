"""The audit event: one change, as it was made."""

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone


class Event(models.Model):
    """Who did what to which record, with the values before and after, never with secrets.

    The person and the record are kept by number and name, not by foreign key: the trace outlives both.
    """

    at = models.DateTimeField(default=timezone.now)
    actor_id = models.BigIntegerField(null=True, help_text="Empty: the portal itself.")
    actor = models.CharField(max_length=200)
    action = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    subject = models.CharField(max_length=300)
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("subject_kind", "subject_id"), name="audit_by_subject"),)

    def __str__(self) -> str:
        return f"{self.action}: {self.subject}"


def record(
    *,
    action: str,
    subject: models.Model,
    actor: Any = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> Event:
    """Write one event in the caller's transaction; `actor=None` means the portal itself."""
    return Event.objects.create(
        actor_id=actor.pk if actor else None,
        actor=str(actor)[:200] if actor else "the portal",
        action=action,
        subject_kind=subject._meta.label_lower,  # noqa: SLF001 (Django's public name for it)
        subject_id=str(subject.pk),
        subject=str(subject)[:300],
        before=before or {},
        after=after or {},
        reason=reason,
    )
