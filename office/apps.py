"""Registers the room."""

from django.apps import AppConfig


class OfficeConfig(AppConfig):
    """The CME office."""

    name = "office"
    verbose_name = "CME office"

    def ready(self) -> None:
        """Take over the IDs that PARS gives activities."""
        from office.activity_records import take_over_number  # noqa: PLC0415 (models must be loaded first)
        from reporting.signals import activity_registered  # noqa: PLC0415

        activity_registered.connect(take_over_number, dispatch_uid="office.take_over_number")
