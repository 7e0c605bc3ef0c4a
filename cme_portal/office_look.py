"""How the CME office's admin looks: the names and colors that django-unfold asks for."""

from typing import Any

from django.templatetags.static import static

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "CME office",
    "SITE_HEADER": "CME office",
    "SITE_URL": "/",
    "SHOW_HISTORY": True,
    "STYLES": [lambda _request: static("staff.css")],
    "SCRIPTS": [lambda _request: static("staff.js")],
    "COLORS": {
        "primary": {
            "50": "#eef6f8", "100": "#d5e9ed", "200": "#aed4dc", "300": "#7cb7c4", "400": "#4895a6",
            "500": "#27798b", "600": "#0f5c6e", "700": "#0d4e5d", "800": "#0e414d", "900": "#0f3741", "950": "#05232b",
        },
    },
    "SIDEBAR": {"show_search": True, "show_all_applications": True},
}  # fmt: skip
