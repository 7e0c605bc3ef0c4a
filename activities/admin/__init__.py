"""Activities in the staff admin: the forms, and the desks beside an activity."""

from activities.admin import activity, content, people, programme, provider

__all__ = ["activity", "content", "people", "programme", "provider"]
