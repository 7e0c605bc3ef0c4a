"""Numbers for people: random, so that they tell nothing, and of characters that no telephone confuses."""

from django.utils.crypto import get_random_string

READABLE = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def readable_number() -> str:
    """Return `4K7M-Q2XP-9TRD`: one of some 10^17, so that two are never the same in practice."""
    return "-".join(get_random_string(4, READABLE) for _ in range(3))
