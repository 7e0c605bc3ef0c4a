"""The claim, the ledger of awards, and what bounds them: deadlines, grants and attendance."""

from credits.models.attendance import Attendance, AttendanceImport, ImportedRow
from credits.models.award import Award
from credits.models.check_in import CheckIn, WrongCode
from credits.models.claim import Claim, ClaimedSession, new_reference
from credits.models.correction import Correction, CorrectionRow
from credits.models.design import CertificateDesign
from credits.models.grant import LateGrant
from credits.models.outside import OutsideCredit
from credits.models.reminder import Reminder

__all__ = [
    "Attendance",
    "AttendanceImport",
    "Award",
    "CertificateDesign",
    "CheckIn",
    "Claim",
    "ClaimedSession",
    "Correction",
    "CorrectionRow",
    "ImportedRow",
    "LateGrant",
    "OutsideCredit",
    "Reminder",
    "WrongCode",
    "new_reference",
]
