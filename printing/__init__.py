"""Puts HTML on paper, and rows into tables that spreadsheets can open without harm."""
