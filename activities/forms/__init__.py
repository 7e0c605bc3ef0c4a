"""Forms for visitors, for people in control of content, and for the office's desks."""
