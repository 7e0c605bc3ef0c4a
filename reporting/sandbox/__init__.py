"""A PARS of our own to practise with: strict about credentials and data, and slow to decide like a board.

It speaks the draft Learner Activity API (see `reporting.pars`) and shares no code with the client, so that a mistake
in one is not repeated in the other.
"""
