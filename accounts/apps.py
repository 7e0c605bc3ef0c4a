"""Registers the room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People."""

    name = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        """Connect the receivers that write the trail of sign-ins."""
        from accounts import events  # noqa: F401, PLC0415 (models must be there first)
