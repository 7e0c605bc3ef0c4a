"""The pages of surveys as forms."""
