"""The message: one e-mail from the moment it was decided until the server took it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class Message(models.Model):
    """An e-mail to one person. Its Message-ID is fixed at creation, so that a second delivery can be recognised."""

    class State(models.TextChoices):
        """Where the message is."""

        QUEUED = "queued", "queued"
        SENT = "sent", "sent"
        WAITING = "waiting", "waiting to retry"
        FAILED = "failed", "refused"

    message_id = models.CharField(max_length=120, unique=True)
    reference = models.CharField(max_length=40, blank=True, db_index=True)
    sender = models.CharField(max_length=320)
    to = models.EmailField(max_length=254)
    reply_to = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    error = models.TextField(blank=True, help_text="The server's own words.")
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="message_sent_at_when_sent",
            ),
        )

    def __str__(self) -> str:
        return self.subject


class Attachment(models.Model):
    """A file that travels with a message."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    content = models.BinaryField()

    def __str__(self) -> str:
        return self.name
