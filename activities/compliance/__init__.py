"""The publish gate and the closing gate: lists of rules, each of which yields findings about one activity."""

from activities.compliance import closing, content, credit, facts, people, words
from activities.compliance.findings import Finding, Findings, Gate, Level, Refused

__all__ = ["CLOSING", "PUBLISHING", "Finding", "Findings", "Gate", "Level", "Refused"]

PUBLISHING = Gate(
    facts.dates,
    facts.format_needs,
    facts.education,
    facts.registry,
    facts.sessions,
    facts.codes,
    credit.designations,
    credit.hours,
    credit.numbers,
    credit.pharmacy,
    credit.assistants,
    credit.boards,
    people.disclosures,
    people.support,
    people.unlabeled_use,
    words.edits,
    words.markup,
    content.complete,
    content.somewhere,
    content.captioned,
)
CLOSING = Gate(closing.over, closing.registered, closing.record, closing.learners, closing.support)
