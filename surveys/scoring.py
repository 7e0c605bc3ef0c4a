"""Marks a test: which questions were answered correctly, and whether that is enough.

Several choices are correct together or not at all. The score is compared in whole numbers, so that 70 % of ten
questions are seven of them and nothing is rounded into a pass.
"""

from collections import defaultdict
from typing import Any

from surveys.models import Mark, Question, Response


def mark(response: Response, questions: list[Question], answers: list[dict[str, Any]]) -> list[Mark]:
    """Return a mark for each scored question, and set `right`, `asked` and `passed` of the response.

    `answers` are the facts of `Answer` rows. A test without scored questions is passed by answering it.
    """
    chosen: defaultdict[int, set[Any]] = defaultdict(set)
    for row in answers:
        chosen[row["question_id"]].add(row.get("choice_id"))
    marks = [
        Mark(response=response, question=row, right=chosen[row.pk] == {c.pk for c in row.choices.all() if c.correct})
        for row in questions
        if row.is_scored
    ]
    response.asked, response.right = len(marks), sum(row.right for row in marks)
    response.passed = response.right * 100 >= response.survey.pass_mark * response.asked
    return marks
