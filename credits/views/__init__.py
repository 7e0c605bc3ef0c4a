"""The learner's own credit in the browser."""
