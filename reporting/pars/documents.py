"""Puts submissions and activities into the documents of ACCME's schemas."""

from datetime import UTC
from decimal import Decimal
from typing import Any

from django.conf import settings

from accounts.names import for_registries
from reporting.models import Submission
from reporting.snapshots import ActivityFacts, Identity

YEAR_IN_PLACE_OF_BIRTH_YEAR = 2000


def report(submission: Submission) -> dict[str, Any]:
    """Return the completion as an ACCMELearnerReports document with one report of one credit."""
    done = submission.completion
    credit = {
        "UniqueID": [{"value": submission.identity["board_number"], "domain": submission.board}],
        "CreditReceived": {
            "activityCertification": done["credit_type"],
            "creditUnit": "Point",
            "numberOfCredits": float(Decimal(done["points"])),  # quarters are exact in binary
        },
        "CreditID": submission.credit_id,
    }
    module = {
        "ModuleName": {"value": done["activity"], "moduleID": done["activity_id"]},
        "Status": "Completed",
        # The schema wants a time; midnight without a zone is what the date alone means to PARS.
        "CompletedDateTime": f"{done['completed_on']}T00:00:00",
        "CreditCertificate": [credit],
    }
    activity_report = {
        "ReportingOrganization": done["provider"],
        "Member": member(submission.identity),
        "Activity": {"ProviderOrganization": done["provider_id"], "Module": module},
        "XtensibleInfo": {"LearnerRecordAction": submission.action},
    }
    created = submission.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    return {
        "ACCMELearnerReports": {"ActivityReports": {"DateTimeCreated": created, "ActivityReport": [activity_report]}}
    }


def member(person: Identity) -> dict[str, Any]:
    """Return who the learner is, as the schema's Member."""
    birth = f"{YEAR_IN_PLACE_OF_BIRTH_YEAR}-{person['birth_month']:02}-{person['birth_day']:02}"
    return {
        "Name": {
            "GivenName": for_registries(person["given_name"]),
            "FamilyName": for_registries(person["family_name"]),
        },
        "PersonalInfo": {"BirthDate": birth},
    }


def question(board: str, person: Identity) -> dict[str, Any]:
    """Return the question whether a board's number, name and birthday belong together."""
    number = {"value": person["board_number"], "domain": board}
    return {"LearnerMatch": {"Member": member(person), "UniqueID": [number]}}


def activity(record: ActivityFacts) -> dict[str, Any]:
    """Return an activity's record as an ACCMEActivities document."""
    identifiers = [{"catalog": "Provider Activity ID", "entry": record["own_id"]}]
    if record["activity_id"]:
        identifiers.append({"catalog": "ACCME Activity ID", "entry": record["activity_id"]})
    if record["url"]:
        identifiers.append({"catalog": "URL", "entry": record["url"]})
    general = {"identifier": identifiers, "title": record["title"], "description": record["description"]}
    metrics = {
        "ReportDescription": {"ReportingStartDate": record["begins"], "ReportingEndDate": record["ends"]},
        "ActivityDescription": {
            "commercialSupportAmount": [
                {"currency": "USD", "supportSource": name, "value": amount} for name, amount in record["support"]
            ]
        },
        "Lom": {"general": general},
        "healthcareMetadata": {"healthcareEducation": _education(record)},
        "ParticipationMetrics": {
            "participantsByCategory": [
                {"category": category, "numberOfParticipants": count} for category, count in record["learners"]
            ]
        },
        "XtensibleInfo": _extended(record),
    }
    return {"ACCMEActivities": {"MedicalEducationMetrics": [metrics]}}


def _education(record: ActivityFacts) -> dict[str, Any]:
    place = {"city": record["city"], "stateOrProvince": record["region"], "country": record["country"]}
    return {
        "credits": {
            "activityCertification": record["credit_type"],
            "numberOfCredits": float(Decimal(record["credits"])),
            "nonAccreditedProvider": record["partners"],
        },
        "activityLocation": {name: words for name, words in place.items() if words},
        "startDateTime": f"{record['begins']}T00:00:00",
        "endDateTime": f"{record['ends']}T00:00:00",
        "activitySponsorship": "joint" if record["partners"] else "direct",
        "activityFormat": record["format"],
        "commercialSupport": bool(record["support"] or record["unpriced"] or record["in_kind"]),
    }


def _extended(record: ActivityFacts) -> dict[str, Any]:
    registrations = [
        {
            "boardName": row["board"],
            "mocPoints": float(Decimal(row["points"])),
            "MOCCreditType": row["types"],
            **({"CreditClaimDate": row["claim_until"]} if row["claim_until"] else {}),
        }
        for row in record["moc"]
    ]
    return {
        "ProviderID": settings.PARS["provider"],
        "InKindSupports": {"InKindSupport": [{"source": name} for name, _ in record["in_kind"]]},
        "MOCRegistrations": {"MOCRegistration": registrations},
        "FeeForParticipation": "No, it’s free" if record["free"] else "Yes",
        "activityRecordAction": "Update" if record["activity_id"] else "Add",
        "closeActivityRecord": record["close"],
    }
