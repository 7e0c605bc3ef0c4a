"""What ACCME asks for when an activity is closed in PARS: hours, learners, what was to change and was evaluated."""

from django.db import models
from django.db.models import F, Q

from activities.codes import CodesField
from activities.models.activity import Activity

OUTCOMES = [("competence", "Competence"), ("performance", "Performance"), ("outcomes", "Patient outcomes")]
METHODS = [
    ("cases", "Case-based discussion"),
    ("lecture", "Lecture"),
    ("panel", "Panel"),
    ("simulation", "Simulation"),
    ("skills", "Skill-based training"),
    ("groups", "Small group discussion"),
    ("other", "Other"),
]
COMPETENCIES = [
    ("patient_care", "Patient care and procedural skills"),
    ("knowledge", "Medical knowledge"),
    ("practice_based", "Practice-based learning and improvement"),
    ("communication", "Interpersonal and communication skills"),
    ("professionalism", "Professionalism"),
    ("systems", "Systems-based practice"),
    ("patient_centered", "Provide patient-centered care"),
    ("teams", "Work in interdisciplinary teams"),
    ("evidence", "Employ evidence-based practice"),
    ("quality", "Apply quality improvement"),
    ("informatics", "Utilize informatics"),
    ("values", "Values and ethics for interprofessional practice"),
    ("roles", "Roles and responsibilities"),
    ("team_communication", "Interprofessional communication"),
    ("teamwork", "Teams and teamwork"),
    ("other", "Other"),
]


def outcomes() -> list[tuple[str, str]]:
    """Return what an activity can be designed to change."""
    return OUTCOMES


def methods() -> list[tuple[str, str]]:
    """Return PARS's educational methods."""
    return METHODS


def competencies() -> list[tuple[str, str]]:
    """Return the competencies of ABMS/ACGME, IOM and IPEC."""
    return COMPETENCIES


class ClosingRecord(models.Model):
    """The data with which one activity is closed."""

    activity = models.OneToOneField(Activity, on_delete=models.CASCADE, related_name="closing")
    hours = models.DecimalField(
        "hours of instruction",
        max_digits=7,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="All sessions offered for credit together, without breaks; may exceed the maximum credit.",
    )
    designed_to_change = CodesField(table=outcomes)
    evaluated = CodesField("changes evaluated", table=outcomes)
    competencies = CodesField(table=competencies)
    methods = CodesField("educational methods", table=methods)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(hours=None) | Q(hours__gt=0), name="closing_hours_positive"),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Closing data: {self.activity}"


class LearnerCount(models.Model):
    """How many people of one profession took part; PARS adds up physicians and others, JA-PARS takes each."""

    class Profession(models.TextChoices):
        """JA-PARS's professions."""

        PHYSICIAN = "physician", "Physicians, residents included"
        NURSE = "nurse", "Nurses"
        PHARMACIST = "pharmacist", "Pharmacists"
        PHARMACY_TECHNICIAN = "pharmacy_technician", "Pharmacy technicians"
        PA = "pa", "Physician assistants"
        PSYCHOLOGIST = "psychologist", "Psychologists"
        OPTOMETRIST = "optometrist", "Optometrists"
        SOCIAL_WORKER = "social_worker", "Social workers"
        DENTIST = "dentist", "Dentists"
        DENTAL_STAFF = "dental_staff", "Allied dental staff"
        DIETITIAN = "dietitian", "Registered dietitians"
        DIETETIC_TECHNICIAN = "dietetic_technician", "Dietetic technicians"
        ATHLETIC_TRAINER = "athletic_trainer", "Athletic trainers"
        OTHER = "other", "Other learners"

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="learner_counts")
    profession = models.CharField(max_length=20, choices=Profession.choices)
    learners = models.PositiveIntegerField()

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(F("activity"), F("profession"), name="learners_once_per_profession"),)

    def __str__(self) -> str:
        return f"{self.learners} {self.get_profession_display()}"
