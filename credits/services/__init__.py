"""Decisions about credit: claimed, amended, corrected, granted late, imported."""
