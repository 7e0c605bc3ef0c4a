"""People in control of content, their parts in an activity, and their relationships with ineligible companies."""

from django.db import models
from django.db.models import F

from activities.models.activity import Activity


class Person(models.Model):
    """Somebody who plans, teaches or reviews; their relationships are held once, here."""

    name = models.CharField(max_length=150)
    degrees = models.CharField(max_length=80, blank=True)
    position = models.CharField(max_length=250, blank=True)

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "people in control of content"
        verbose_name = "person in control of content"

    def __str__(self) -> str:
        return f"{self.name}, {self.degrees}" if self.degrees else self.name


class Role(models.Model):
    """A person's part in one activity."""

    class Part(models.TextChoices):
        """What gives them control of content."""

        PLANNER = "planner", "Planner"
        FACULTY = "faculty", "Faculty"
        REVIEWER = "reviewer", "Reviewer"

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="roles")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="roles")
    part = models.CharField(max_length=10, choices=Part.choices)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(F("activity"), F("person"), F("part"), name="role_once"),)

    def __str__(self) -> str:
        return f"{self.person} ({self.get_part_display()})"


class Relationship(models.Model):
    """A financial relationship with an ineligible company (ACCME Standard 3), by name and nature, never by amount."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="relationships")
    company = models.CharField(max_length=120)
    nature = models.CharField(max_length=120)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(F("person"), F("company"), F("nature"), name="relationship_once"),)

    def __str__(self) -> str:
        return f"{self.nature}: {self.company}"
