"""What the office decides across the rooms."""
