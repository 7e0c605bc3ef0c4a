"""An activity as a YAML document: written whole, and read back into a draft that writes the same document.

Uploaded files (logo, agreements, content to study) are not part of it. Rooms above add their own sections by `extend`.
"""

from activities.document.marked import Wrong
from activities.document.reading import create
from activities.document.sections import Extra, extend, plain
from activities.document.writing import write

__all__ = ["Extra", "Wrong", "create", "extend", "plain", "write"]
