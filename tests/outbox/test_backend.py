"""Django's e-mail interface writes rows, one per person, and refuses what could never be sent."""

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import BadHeaderError, EmailMessage, EmailMultiAlternatives, send_mail

from jobs.models import Job
from outbox.models import Message

pytestmark = pytest.mark.django_db


def test_every_recipient_gets_a_row_and_a_job() -> None:
    email = EmailMultiAlternatives(
        "Subject", "Words", to=["Ada <ada@example.org>"], cc=["bo@example.org"], reply_to=["cme@society.example"]
    )
    email.attach_alternative("<p>Words</p>", "text/html")
    email.attach("a/b;name.txt", "text", "text/plain")
    assert email.send() == 2
    first, second = Message.objects.order_by("id")
    assert (first.to, second.to) == ("ada@example.org", "bo@example.org")
    assert (first.text, first.html, first.reply_to) == ("Words", "<p>Words</p>", "cme@society.example")
    assert first.message_id != second.message_id
    assert first.message_id.endswith("@localhost>")
    attachment = first.attachments.get()
    assert (str(attachment), bytes(attachment.content)) == ("a-b-name.txt", b"text")
    assert Job.objects.filter(kind="outbox.send").count() == 2
    assert str(first) == "Subject"


def test_bytes_travel_as_they_are_and_missing_types_are_empty() -> None:
    email = EmailMessage("Subject", "Words", to=["ada@example.org"], attachments=[("a.bin", b"\x00\x01", None)])
    email.send()
    attachment = Message.objects.get().attachments.get()
    assert (bytes(attachment.content), attachment.content_type) == (b"\x00\x01", "application/octet-stream")


@pytest.mark.parametrize("address", ["a@b.org, evil@x.example", "nobody", "", "a@b.org\nBcc: evil@x.example"])
def test_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises((ValidationError, BadHeaderError)):
        send_mail("Subject", "Words", None, [address or " "])
    assert not Message.objects.exists()


def test_line_break_in_a_subject_is_refused_before_it_is_written() -> None:
    with pytest.raises(BadHeaderError):
        send_mail("Subject\nBcc: evil@x.example", "Words", None, ["ada@example.org"])
    assert not Message.objects.exists()
