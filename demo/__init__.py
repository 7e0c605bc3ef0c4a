"""Three example activities as data, and two people to look at them with."""
