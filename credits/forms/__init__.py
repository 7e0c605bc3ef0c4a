"""What learners and staff enter about credit."""
