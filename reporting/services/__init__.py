"""What is decided about reports; carrying it out is `reporting.tasks`."""
