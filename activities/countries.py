"""Countries by the names that people write, and ISO's codes for them."""

import pycountry
from django.core.exceptions import ValidationError

ALSO = {  # everyday names that ISO's list does not have
    "uk": "GBR", "great britain": "GBR", "england": "GBR", "scotland": "GBR", "wales": "GBR", "northern ireland": "GBR",
    "america": "USA", "holland": "NLD", "russia": "RUS", "turkey": "TUR", "ivory coast": "CIV",
    "cape verde": "CPV", "brunei": "BRN", "macau": "MAC", "palestine": "PSE", "uae": "ARE", "korea": "KOR",
    "republic of korea": "KOR", "democratic republic of the congo": "COD",
    "burma": "MMR", "swaziland": "SWZ", "micronesia": "FSM", "vatican": "VAT",
}  # fmt: skip


def code_of(words: str) -> str:
    """Return ISO's three letters for a country's English name or code; empty when there is no such country."""
    name = words.replace(".", "").strip().casefold().removeprefix("the ")
    if name in ALSO:
        return ALSO[name]
    try:
        return str(pycountry.countries.lookup(name).alpha_3)
    except LookupError:
        return ""


def check_country(words: str) -> None:
    """Raise ValidationError for what PARS would not know as a country."""
    if words.strip() and not code_of(words):
        raise ValidationError(f"“{words}” is no country's English name or code. Write for example Germany, DE or DEU.")
