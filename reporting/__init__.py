"""Who is told: completions for the registries that must know, from the award until the board has answered."""
