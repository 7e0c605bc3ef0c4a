"""WeasyPrint as the portal uses it; nothing else imports the library, because importing it changes Pillow.

WeasyPrint lets Pillow take halves of pictures for whole ones, in the whole process. Uploads are judged by the same
Pillow, so the switch is put back.
"""

from PIL import ImageFile
from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.formatting_structure.boxes import BlockBox, TextBox
from weasyprint.text.fonts import FontConfiguration, font_features, get_hb_object_data
from weasyprint.urls import URLFetcher

ImageFile.LOAD_TRUNCATED_IMAGES = False

__all__ = [
    "CSS", "HTML", "BlockBox", "Document", "FontConfiguration", "TextBox", "URLFetcher", "font_features",
    "get_hb_object_data",
]  # fmt: skip
