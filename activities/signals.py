"""What rooms above may follow: an activity was copied."""

from django.dispatch import Signal

# Sent inside the copying transaction with `source` and `made`, so that rooms above copy what they hold.
activity_copied = Signal()
