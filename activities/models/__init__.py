"""Providers, activities and what belongs to an activity."""

from activities.models.activity import Activity
from activities.models.closing import ClosingRecord, LearnerCount
from activities.models.content import ContentItem, Participation, Progress
from activities.models.designation import CreditDesignation, MocRegistration
from activities.models.edit import StatementEdit
from activities.models.entitlement import Entitlement
from activities.models.partner import Partner
from activities.models.people import Disclosure, Invitation, Judgement, Person, Relationship, Role
from activities.models.programme import Objective, Session, SessionImport
from activities.models.provider import Provider
from activities.models.support import CommercialSupport

__all__ = [
    "Activity",
    "ClosingRecord",
    "CommercialSupport",
    "ContentItem",
    "CreditDesignation",
    "Disclosure",
    "Entitlement",
    "Invitation",
    "Judgement",
    "LearnerCount",
    "MocRegistration",
    "Objective",
    "Participation",
    "Partner",
    "Person",
    "Progress",
    "Provider",
    "Relationship",
    "Role",
    "Session",
    "SessionImport",
    "StatementEdit",
]
