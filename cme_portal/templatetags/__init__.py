"""What every template has at hand."""
