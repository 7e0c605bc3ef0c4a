"""What other rooms may want to know about reports."""

from django.dispatch import Signal

# PARS has taken an activity's record: `record` is the ActivityRecord, in the transaction that writes it down.
activity_registered = Signal()
