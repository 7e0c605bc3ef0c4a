"""What search engines read of an activity: schema.org facts as JSON-LD."""

import json
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from activities.models import Activity

# A script element ends at its first "</", whatever the JSON says.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def facts(activity: Activity, *, address: str) -> dict[str, Any]:
    """Return an event for what has days and hours, a learning resource for what is worked through alone."""
    provider = {"@type": "Organization", "name": activity.provider.name, "url": activity.provider.website}
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "name": activity.title,
        "description": activity.summary,
        "url": address,
        "isAccessibleForFree": activity.free,
        "inLanguage": "en",
    }
    if activity.is_self_study:
        found |= {
            "@type": "LearningResource",
            "provider": provider,
            "datePublished": activity.starts_on.isoformat(),
            "expires": activity.ends_on.isoformat(),
        }
        if activity.estimated_minutes:
            found["timeRequired"] = f"PT{activity.estimated_minutes}M"
        return found
    return found | {
        "@type": "EducationEvent",
        "organizer": provider,
        "startDate": activity.starts_on.isoformat(),
        "endDate": activity.ends_on.isoformat(),
        "eventAttendanceMode": f"https://schema.org/{MODES[activity.delivery]}EventAttendanceMode",
        "location": {"@type": "Place", "name": activity.venue or activity.place, "address": activity.place},
    }


MODES = {
    "": "Offline",
    Activity.Delivery.IN_PERSON: "Offline",
    Activity.Delivery.STREAMED: "Online",
    Activity.Delivery.HYBRID: "Mixed",
}


def as_script(data: dict[str, Any]) -> SafeString:
    """Return the facts as JSON that is safe inside a script element."""
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(ESCAPES))  # noqa: S308 (translated above)
