"""The late grant: one person may claim after an activity's deadline."""

from django.db import models
from django.db.models import F
from django.utils.crypto import get_random_string

from accounts.models import User
from activities.models import Activity

TOKEN_LENGTH = 32


def new_token() -> str:
    """Return an unguessable word for the link that is mailed."""
    return get_random_string(TOKEN_LENGTH)


class LateGrant(models.Model):
    """The office lets one person claim and amend until `until`; the activity's own dates do not move."""

    learner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="late_grants")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="late_grants")
    until = models.DateTimeField()
    reason = models.CharField(max_length=300)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    token = models.CharField(max_length=TOKEN_LENGTH, unique=True, default=new_token, editable=False)

    class Meta:
        ordering = ("-granted_at",)
        constraints = (
            models.UniqueConstraint(
                F("learner"),
                F("activity"),
                name="late_grant_once",
                violation_error_message="This person has a late grant for this activity. Change that one instead.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.learner}: {self.activity}"
