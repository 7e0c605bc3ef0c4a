"""An activity's own record in PARS: registered, changed, closed."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User


class ActivityRecord(models.Model):
    """One sending of an activity's record, as it was then. PARS knows it by `own_id`: a second sending changes it."""

    class State(models.TextChoices):
        """A record is sent until PARS has taken or refused it."""

        READY = "ready", "on its way to PARS"
        ACCEPTED = "accepted", "accepted by PARS"
        REJECTED = "rejected", "refused by PARS"

    own_id = models.CharField("provider activity ID", max_length=80, db_index=True)
    record = models.JSONField(help_text="A snapshots.ActivityFacts.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.READY)
    number = models.CharField("ACCME activity ID", max_length=20, blank=True)
    reason = models.TextField(blank=True)
    sent = models.JSONField(default=dict)
    answered = models.JSONField(default=dict)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(state="ready", ended_at=None) | (~Q(state="ready") & Q(ended_at__isnull=False)),
                name="activity_record_ended",
            ),
            models.UniqueConstraint("own_id", condition=Q(state="ready"), name="activity_record_one_on_its_way"),
        )

    def __str__(self) -> str:
        return f"{self.own_id}: {self.get_state_display()}"
