"""Who it is: people, how they sign in, their professions, board numbers and permissions."""
