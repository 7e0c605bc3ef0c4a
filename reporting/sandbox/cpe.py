"""CPE Monitor as it judges an uploaded file, row by row; rules of its own, by the last digit of the e-Profile ID."""

import csv
import io
import re
from datetime import date, datetime, timedelta

from reporting.sandbox.rules import Invalid

HEADERS = ["e-Profile ID", "Date of Birth (MMDD)", "UAN", "Participation Date"]
UAN = r"([0-9]{4}|JA[0-9]{7})-(0000|9999)-[0-9]{2}-[0-9]{3,4}-[HLBC][0-9]{2}-[PT]"
LATEST = timedelta(days=60)


def judge(content: bytes, known: set[tuple[str, ...]], today: date) -> bytes:
    """Return the file with a result and a reason in each row; raises Invalid when it is not such a file.

    `known` holds what was recorded before, and is added to.
    """
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Invalid("This is no CSV file in UTF-8.") from error
    if not rows or rows[0] != HEADERS:
        raise Invalid(f"The first row must be: {', '.join(HEADERS)}.")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*HEADERS, "Result", "Reason"])
    for row in rows[1:]:
        reason = _reason(row, known, today)
        writer.writerow([*row, "Rejected" if reason else "Accepted", reason])
    return out.getvalue().encode()


def _reason(row: list[str], known: set[tuple[str, ...]], today: date) -> str:  # noqa: PLR0911 (a list of reasons)
    if len(row) != len(HEADERS):
        return "The row has another number of cells."
    profile, birth, uan, day = row
    if not re.fullmatch(r"[0-9]{4,10}", profile) or profile.endswith("9"):
        return "e-Profile ID not found."
    if not re.fullmatch(r"(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])", birth) or profile.endswith("8"):
        return "Date of birth does not match the e-Profile ID."
    if not re.fullmatch(UAN, uan):
        return "UAN not found."
    try:
        taken = datetime.strptime(day, "%m/%d/%Y").date()  # noqa: DTZ007 (a date has no zone)
    except ValueError:
        return "Participation date is not MM/DD/YYYY."
    if not taken <= today <= taken + LATEST:
        return "Participation date is in the future or more than 60 days ago."
    if (profile, uan) in known:
        return "Credit was recorded before."
    known.add((profile, uan))
    return ""
