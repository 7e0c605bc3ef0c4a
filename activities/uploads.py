"""What may be uploaded, judged by what it contains and never by its name: logos, agreements, content to study.

Files get random names under UPLOADS_DIR and are served by views that ask who may read them.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db import models
from PIL import Image, ImageOps, UnidentifiedImageError

MEGABYTE = 1024 * 1024
LARGEST_LOGO = 2 * MEGABYTE
LARGEST_PDF = 10 * MEGABYTE
LARGEST_TABLE = 5 * MEGABYTE
LARGEST_PROOF = 5 * MEGABYTE
LARGEST_CAPTIONS = MEGABYTE
LARGEST_CONTENT = {"pdf": 50 * MEGABYTE, "audio": 500 * MEGABYTE, "video": 4096 * MEGABYTE}
LARGEST_SIDE = 800  # pixels: enough for print at the size a logo has
PIXELS = 40_000_000
FORMATS = ("PNG", "JPEG", "WEBP")
# All that Pillow lets through of what is no picture, or not a whole one.
NO_PICTURE = (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError)
PROOFS = {b"%PDF-": "pdf", b"\x89PNG\r\n": "png", b"\xff\xd8\xff": "jpg"}
# What a file begins with, from which byte on, what it is then served as, and for which kinds of content it will do.
BEGINNINGS = (
    (b"%PDF-", 0, "application/pdf", ("pdf",)),
    (b"ftyp", 4, "video/mp4", ("video", "audio")),
    (b"\x1a\x45\xdf\xa3", 0, "video/webm", ("video", "audio")),
    (b"ID3", 0, "audio/mpeg", ("audio",)),
    (b"\xff\xfb", 0, "audio/mpeg", ("audio",)),
    (b"\xff\xf3", 0, "audio/mpeg", ("audio",)),
    (b"OggS", 0, "audio/ogg", ("audio",)),
    (b"WAVE", 8, "audio/wav", ("audio",)),
)
SCANS = "disclosures"
ABANDONED_AFTER = timedelta(hours=1)


def logo_name(_instance: Any, _name: str) -> str:
    """Return a random name for a logo."""
    return f"logos/{uuid4().hex}.png"


def agreement_name(_instance: Any, _name: str) -> str:
    """Return a random name for an agreement."""
    return f"agreements/{uuid4().hex}.pdf"


def scan_name(_instance: Any, name: str) -> str:
    """Return a random name for the scan of a disclosure, whose ending says what `check_proof` found it to be."""
    return f"{SCANS}/{uuid4().hex}{Path(name).suffix}"


def content_name(_instance: Any, _name: str) -> str:
    """Return a random name for content to study."""
    return f"content/{uuid4().hex}"


def captions_name(_instance: Any, _name: str) -> str:
    """Return a random name for captions."""
    return f"captions/{uuid4().hex}.vtt"


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


def check_proof(upload: "File[bytes]") -> None:
    """Refuse what is neither a PDF nor a picture, and what is only a part of one."""
    check_size(upload, LARGEST_PROOF)
    upload.seek(0)
    content = upload.read()
    upload.seek(0)
    if not any(content.startswith(mark) for mark in PROOFS):
        raise ValidationError("This file is none of PDF, PNG and JPEG. Convert it and upload that.")
    incomplete = ValidationError("The file is incomplete. Save or copy it again and upload that.")
    if ending_of_proof(content) == "pdf":
        if b"%%EOF" not in content[-1024:]:
            raise incomplete
        return
    try:
        with Image.open(upload, formats=FORMATS) as picture:
            _check_pixels(picture)
            picture.load()
    except NO_PICTURE:
        raise incomplete from None
    upload.seek(0)


def ending_of_proof(content: bytes) -> str:
    """Return `pdf`, `png` or `jpg` for what `check_proof` let in."""
    return next(ending for mark, ending in PROOFS.items() if content.startswith(mark))


def redrawn_logo(upload: "File[bytes]") -> "ContentFile[bytes]":
    """Return the picture drawn anew as PNG, so that nothing but pixels is kept; raises ValidationError."""
    check_size(upload, LARGEST_LOGO)
    wrong = ValidationError("This file is not a picture that can be used. Upload a PNG, JPEG or WebP file.")
    try:
        with Image.open(upload, formats=FORMATS) as picture:
            _check_pixels(picture)
            upright = _in_eight_bits(ImageOps.exif_transpose(picture)).convert("RGBA")
            upright.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
            drawn = BytesIO()
            upright.save(drawn, "PNG")
    except NO_PICTURE:
        raise wrong from None
    return ContentFile(drawn.getvalue(), name="logo.png")


def _check_pixels(picture: Image.Image) -> None:
    if picture.width * picture.height > PIXELS:
        raise ValueError


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    """Return gray of 16 bits in 8: a change of mode alone would make all but the darkest parts white."""
    if not picture.mode.startswith("I"):
        return picture
    return picture.convert("I").point(lambda shade: shade * (1 / 256)).convert("L")


def bytes_of(stored: Any) -> bytes:
    """Return what an uploaded picture holds; empty where there is none, or its file is gone."""
    if not stored or not stored.storage.exists(str(stored.name)):
        return b""
    with stored.open() as file:
        return bytes(file.read())


def content_type(stored: "File[bytes]") -> str:
    """Return what a file of content is served as; raises ValidationError for what is none of the known kinds."""
    return _beginning(stored)[0]


def check_content(upload: "File[bytes]", kind: str) -> None:
    """Refuse a file that is not what its kind of content says, or is too large."""
    if kind not in LARGEST_CONTENT:
        raise ValidationError({"file": "This kind of content has no file. Choose video, audio or PDF, or remove it."})
    try:
        check_size(upload, LARGEST_CONTENT[kind])
        kinds = _beginning(upload)[1]
    except ValidationError as wrong:
        raise ValidationError({"file": wrong.messages}) from None
    if kind not in kinds:
        raise ValidationError({"file": f"This file holds no {kind}. Upload another, or choose another kind."})


def check_captions(upload: "File[bytes]") -> None:
    """Refuse captions that no player can read."""
    try:
        check_size(upload, LARGEST_CAPTIONS)
    except ValidationError as wrong:
        raise ValidationError({"captions": wrong.messages}) from None
    upload.seek(0)
    beginning = upload.read(9).removeprefix(b"\xef\xbb\xbf")
    upload.seek(0)
    if not beginning.startswith(b"WEBVTT"):
        raise ValidationError({"captions": "Captions are WebVTT files: they begin with the word WEBVTT."})


def _beginning(stored: "File[bytes]") -> tuple[str, tuple[str, ...]]:
    stored.seek(0)
    head = stored.read(16)
    stored.seek(0)
    for mark, offset, served_as, kinds in BEGINNINGS:
        if head[offset:].startswith(mark):
            return served_as, kinds
    raise ValidationError("This file is none of MP4, WebM, MP3, M4A, Ogg, WAV and PDF. Convert it and upload that.")


def forget_orphans(field: models.FileField, folder: str, kept: Iterable[str], now: datetime) -> None:
    """Delete what lies in a folder of uploads for an hour and is not `kept`: a crash left it without a row."""
    storage, names = field.storage, {Path(name).name for name in kept}
    if not storage.exists(folder):
        return
    for name in set(storage.listdir(folder)[1]) - names:
        if storage.get_modified_time(f"{folder}/{name}") < now - ABANDONED_AFTER:
            storage.delete(f"{folder}/{name}")
