"""The designs of certificates: template files with versions, in `templates/certificates/designs/`.

A file that was released is never changed, because certificates say by which one they were printed: a better one gets
the next number.
"""

CLASSIC, MODERN = "classic-1", "modern-1"
DESIGNS = {
    CLASSIC: "Classic: framed and centered",
    MODERN: "Modern: to the left, with a colored edge",
}
PAPERS = {"letter": "US Letter", "a4": "A4"}
SIZES = {"letter": ("11in", "8.5in"), "a4": ("297mm", "210mm")}
