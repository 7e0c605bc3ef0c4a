"""What anybody may read or fill in: the catalogue, an activity's page in its forms, and the disclosure form."""
