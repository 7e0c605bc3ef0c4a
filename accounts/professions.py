"""The professions a learner may have; which credit each may be awarded is the table in `activities.credit_types`."""

from django.db import models


class Profession(models.TextChoices):
    """What the learner is licensed as. AMA PRA credit is awarded to physicians only, so the answer matters."""

    PHYSICIAN = "physician", "Physician (MD, DO or equivalent)"
    NURSE = "nurse", "Nurse (RN, LPN)"
    NURSE_PRACTITIONER = "nurse_practitioner", "Nurse practitioner or other advanced practice nurse"
    PHARMACIST = "pharmacist", "Pharmacist"
    PHARMACY_TECHNICIAN = "pharmacy_technician", "Pharmacy technician"
    PA = "pa", "Physician assistant / associate (PA)"
    OTHER = "other", "Other health professional or researcher"
