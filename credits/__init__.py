"""What the learner earned: the claim, and the awards as a ledger that only grows."""
