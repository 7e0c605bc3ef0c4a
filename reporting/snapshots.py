"""What a submission keeps of learner and completion, as they were when it was decided."""

from typing import NotRequired, TypedDict

STATE_CREDIT = "AMA PRA Category 1"  # what PARS passes on to state medical boards


class Identity(TypedDict):
    """The learner as the registry has them; `state` is the code of the state that licenses, where that is asked."""

    given_name: str
    family_name: str
    board_number: str
    birth_month: int
    birth_day: int
    state: NotRequired[str]


class Completion(TypedDict):
    """What was completed, for how many points.

    Days are ISO dates; `points` and `maximum` are quarters as text; `activity_id` is ACCME's number, or the UAN for CPE
    Monitor. `begins` and `ends` are the activity's own days, between which the completion must lie.
    """

    provider: str
    provider_id: str
    activity: str
    activity_id: str
    completed_on: str
    credit_type: str
    points: str
    maximum: NotRequired[str]
    begins: NotRequired[str]
    ends: NotRequired[str]


class Registration(TypedDict):
    """An activity's registration with one board; `claim_until` is an ISO date or empty."""

    board: str
    points: str
    types: list[str]
    claim_until: str


class Closing(TypedDict):
    """What an activity was to change and how, in codes of `activities.models.closing`; `hours` is a number or empty."""

    hours: str
    designed_to_change: list[str]
    evaluated: list[str]
    methods: list[str]
    competencies: list[str]


class ActivityFacts(TypedDict):
    """What PARS is told of an activity.

    `support` pairs names with whole dollars, `unpriced` names who signed for a grant whose amount is not entered yet,
    `in_kind` pairs names with what was given, `learners` categories with numbers. `credit_type` and `credits` are empty
    where nothing is designated that PARS knows. `country` is an ISO code, empty where it is not known; `region` is a
    postal code in the United States, otherwise the page's words. `type_code` is the template's for the format, empty
    where it has none. `activity_id` is empty until PARS has given one; `close` ends the record for good.
    """

    own_id: str
    provider_id: str
    activity_id: str
    title: str
    description: str
    url: str
    begins: str
    ends: str
    city: str
    region: str
    country: str
    format: str
    type_code: str
    credit_type: str
    credits: str
    partners: list[str]
    support: list[tuple[str, int]]
    unpriced: list[str]
    in_kind: list[tuple[str, str]]
    learners: list[tuple[str, int]]
    moc: list[Registration]
    closing: Closing
    free: bool
    close: bool
