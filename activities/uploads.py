"""What may be uploaded, judged by what it contains and never by its name: a logo, an agreement as PDF.

Files get random names under UPLOADS_DIR and are served by views that ask who may read them.
"""

from io import BytesIO
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from PIL import Image, UnidentifiedImageError

MEGABYTE = 1024 * 1024
LARGEST_LOGO = 2 * MEGABYTE
LARGEST_PDF = 10 * MEGABYTE
LARGEST_TABLE = 5 * MEGABYTE
LARGEST_SIDE = 800  # pixels: enough for print at the size a logo has
PIXELS = 40_000_000
FORMATS = ("PNG", "JPEG", "WEBP")


def logo_name(_instance: Any, _name: str) -> str:
    """Return a random name for a logo."""
    return f"logos/{uuid4().hex}.png"


def agreement_name(_instance: Any, _name: str) -> str:
    """Return a random name for an agreement."""
    return f"agreements/{uuid4().hex}.pdf"


def check_size(upload: "File[bytes]", limit: int) -> None:
    """Refuse what is larger than `limit` bytes."""
    if (upload.size or 0) > limit:
        raise ValidationError(f"The file is larger than {limit // MEGABYTE} MB. Choose a smaller one.")


def check_pdf(upload: "File[bytes]") -> None:
    """Refuse what is not a PDF: it must begin and end as one."""
    check_size(upload, LARGEST_PDF)
    upload.seek(0)
    content = upload.read()
    upload.seek(0)
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-1024:]:
        raise ValidationError("This file is not a PDF. Save the signed agreement as PDF and upload that.")


def redrawn_logo(upload: "File[bytes]") -> "ContentFile[bytes]":
    """Return the picture drawn anew as PNG, so that nothing but pixels is kept; raises ValidationError."""
    check_size(upload, LARGEST_LOGO)
    wrong = ValidationError("This file is not a picture that can be used. Upload a PNG, JPEG or WebP file.")
    try:
        with Image.open(upload, formats=FORMATS) as picture:
            if picture.width * picture.height > PIXELS:
                raise wrong
            picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
            drawn = BytesIO()
            picture.convert("RGBA").save(drawn, "PNG")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise wrong from None
    return ContentFile(drawn.getvalue(), name="logo.png")
