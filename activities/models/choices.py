"""What can be chosen for an activity: its state, delivery, claiming, disclosures, unlabeled use and support."""

from django.db import models


class State(models.TextChoices):
    """Whether learners see it."""

    DRAFT = "draft", "draft"
    PUBLISHED = "published", "published"
    CLOSED = "closed", "closed"
    ARCHIVED = "archived", "archived"


class Delivery(models.TextChoices):
    """How people attend what has days and hours (PARS: delivery method)."""

    IN_PERSON = "in_person", "in person"
    STREAMED = "streamed", "live-streamed"
    HYBRID = "hybrid", "in person and live-streamed"


class ClaimBy(models.TextChoices):
    """What learners say about the extent of their participation."""

    SESSIONS = "sessions", "sessions: those they attended (an amount, where the programme has none)"
    CODES = "codes", "codes: those shown at the sessions, or one of the activity"
    AMOUNT = "amount", "amount: how much, whatever the programme says"
    IMPORTED = "imported", "nobody: the office imports completions, for example of a test taken elsewhere"


class SupportState(models.TextChoices):
    """Commercial support, as the page must say it."""

    NONE = "none", "No commercial support"
    PENDING = "pending", "Agreements pending: supporters will be named at the activity"
    NAMED = "named", "Supporters are named below"


class DisclosureRoute(models.TextChoices):
    """Where learners read who has which relationships."""

    HERE = "here", "Here: every person in control of content is entered below"
    ELSEWHERE = "elsewhere", "In material that every learner receives before the education begins"
    EXEMPT = "exempt", "Nowhere: one of the exceptions of Standard 3 applies"


class Exemption(models.TextChoices):
    """When nothing must be identified, mitigated or disclosed (ACCME Standard 3)."""

    NON_CLINICAL = "non_clinical", "The content is not clinical"
    LEARNERS = "learners", "The learners themselves are in control of the content"
    SELF_DIRECTED = "self_directed", "Self-directed: the learner sets goals and chooses the content"


class OffLabel(models.TextChoices):
    """Whether unlabeled uses are discussed."""

    UNSAID = "", "Nothing is said"
    NONE = "none", "Faculty will not discuss off-label uses"
    DISCUSSED = "discussed", "Off-label uses may be discussed"
