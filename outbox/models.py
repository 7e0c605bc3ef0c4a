"""The message: one e-mail from the moment it was decided until the server took it."""

from typing import Any

from django.db import models
from django.db.models import Q, Subquery
from django.utils import timezone


class Delivery(models.TextChoices):
    """Where a message is, as learners and the office read it; `sent` means that a mail server has taken it."""

    ON_ITS_WAY = "on_its_way", "on its way"
    SENT = "sent", "sent"
    CAME_BACK = "came_back", "came back"


def latest(field: str, **matches: Any) -> Subquery:
    """Return one field of the latest message that matches, for a query of what was mailed; a resent one is later."""
    return Subquery(Message.objects.filter(**matches).order_by("-id").values(field)[:1])


def delivery_of(state: str | None) -> Delivery | None:
    """Return where a message in this state is; None where there is no message."""
    return Message.DELIVERIES[Message.State(state)] if state else None


class Message(models.Model):
    """An e-mail to one person. Its Message-ID is fixed at creation, so that a second delivery can be recognised."""

    class State(models.TextChoices):
        """Where the message is."""

        QUEUED = "queued", "queued"
        SENDING = "sending", "being sent"
        SENT = "sent", "sent"
        WAITING = "waiting", "waiting to retry"
        FAILED = "failed", "refused"
        CANCELLED = "cancelled", "cancelled"
        BOUNCED = "bounced", "came back"
        COMPLAINED = "complained", "reported as spam"

    DELIVERIES = {
        **dict.fromkeys((State.QUEUED, State.SENDING, State.WAITING), Delivery.ON_ITS_WAY),
        **dict.fromkeys((State.SENT, State.COMPLAINED), Delivery.SENT),
        **dict.fromkeys((State.FAILED, State.CANCELLED, State.BOUNCED), Delivery.CAME_BACK),
    }
    LEFT = (State.SENT, State.BOUNCED, State.COMPLAINED)
    WAITS = (State.QUEUED, State.SENDING, State.WAITING)  # it is on its way, and a job sees to it

    message_id = models.CharField(max_length=120, unique=True)
    reference = models.CharField(max_length=40, blank=True, db_index=True)
    sender = models.CharField(max_length=320)
    to = models.EmailField(max_length=254)
    reply_to = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    about = models.CharField(max_length=20, blank=True, help_text="What the mail is one of: its List-Id begins so.")
    attachment_key = models.CharField(
        max_length=40, blank=True, help_text="Names the attachment that is kept elsewhere: a certificate's number."
    )
    unsubscribe = models.CharField("address to unsubscribe at", max_length=300, blank=True)
    error = models.TextField(blank=True, help_text="The server's own words.")
    service_id = models.CharField(max_length=200, blank=True, db_index=True, help_text="The mail service's own number.")
    turns = models.PositiveSmallIntegerField(default=0, help_text="How many of its turns it has drawn (see pacing).")
    not_before = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=("id",), condition=Q(state__in=("queued", "sending", "waiting")), name="message_on_its_way"
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=("sent", "bounced", "complained"), sent_at__isnull=False)
                | Q(state__in=("queued", "sending", "waiting", "failed", "cancelled"), sent_at__isnull=True),
                name="message_sent_at_when_sent",
            ),
        )

    def __str__(self) -> str:
        return self.subject

    @property
    def is_urgent(self) -> bool:
        """Whether somebody waits for it in front of the screen: a code to sign in is part of no claim and no list."""
        return not self.about and not self.reference

    @property
    def domain(self) -> str:
        """Where it goes, in lower case."""
        return self.to.rpartition("@")[2].lower()


class Attachment(models.Model):
    """A file that travels with a message: its bytes, or who supplies them under which key (see `outbox.suppliers`)."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    content = models.BinaryField(null=True)
    supplier = models.CharField(max_length=40, blank=True)
    key = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(content__isnull=False, supplier="") | (Q(content__isnull=True) & ~Q(supplier="")),
                name="attachment_kept_or_supplied",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Turn(models.Model):
    """When the next mail may leave to a domain, or (with an empty domain) to anybody."""

    domain = models.CharField(max_length=254, unique=True, blank=True)
    free_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.domain
