"""Providers, activities and what belongs to an activity."""

from activities.models.activity import Activity, CreditDesignation, MocRegistration, Objective, Session
from activities.models.people import Person, Relationship, Role
from activities.models.provider import Provider
from activities.models.support import CommercialSupport

__all__ = [
    "Activity",
    "CommercialSupport",
    "CreditDesignation",
    "MocRegistration",
    "Objective",
    "Person",
    "Provider",
    "Relationship",
    "Role",
    "Session",
]
