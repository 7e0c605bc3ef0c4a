"""Puts HTML on paper."""
