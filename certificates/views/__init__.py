"""Pages about certificates: the owner's, the public one, and those behind a mailed link."""
