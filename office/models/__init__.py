"""Merges, and what a comparison with a registry found."""

from office.models.merge import Merge
from office.models.reconciliation import Difference, Reconciliation

__all__ = ["Difference", "Merge", "Reconciliation"]
