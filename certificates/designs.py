"""The designs of certificates: template files with versions, in `templates/certificates/designs/`.

A file that was released is never changed, because certificates say by which one they were printed: a better one gets
the next number.
"""

CLASSIC, MODERN = "classic-1", "modern-1"
DESIGNS = {
    CLASSIC: "Classic: framed and centered",
    MODERN: "Modern: to the left, with a colored edge",
}
SERIF = ("EB Garamond 12", "EB Garamond", "Noto Serif", "Noto Serif CJK SC")  # of names and awards, in every design
NAMES = {  # the sizes of names in points, with the class that has each; what is too wide for all is set smaller
    CLASSIC: ((38, ""), (29, "long"), (21, "longer")),
    MODERN: ((42, ""), (31, "long"), (22, "longer")),
}
ROOM = {"letter": 648.0, "a4": 697.0}  # points from one margin to the other
SMALLEST = 14  # points: what is still too wide is broken
PAPERS = {"letter": "US Letter", "a4": "A4"}
SIZES = {"letter": ("11in", "8.5in"), "a4": ("297mm", "210mm")}
