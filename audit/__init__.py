"""Who changed what, when and why: a trace that can only grow."""
