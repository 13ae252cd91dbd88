"""What a reader is shown of a case: what is asked, the image and what stands beside it, assistance, feedback."""

from typing import NotRequired, TypedDict


class ClassPayload(TypedDict):
    """A diagnosis to choose; ``color`` as #rrggbb."""

    code: str
    name: str
    color: str


class AnswerPayload(TypedDict):
    """An answer that was given before; each entry is None where it is not asked for."""

    dx: str | None
    confidence: int | None
    malignancy_rating: int | None
    management: str | None


class ManagementPayload(TypedDict):
    """A management to choose."""

    code: str
    name: str


class AskedPayload(TypedDict):
    """What is asked beside confidence, which has no levels where it is not; no managements: that is not asked."""

    diagnosis: bool
    malignancy_rating: bool
    managements: list[ManagementPayload]


class FieldPayload(TypedDict):
    """A field of the record in words, such as Age and 55 years."""

    title: str
    value: str


class LargePayload(TypedDict):
    """What was asked for by a `LookPayload`, as a large picture."""

    step_key: str
    of: str
    number: int
    image: str


class BesidePayload(TypedDict):
    """What stands beside the image of a case.

    ``clinical`` and ``lesions``: pictures of the same lesion and of the patient's other ones; None where the study does
    not show such. ``clinical`` is empty where there is none. ``lesions_left_out``: further ones that are not shown.
    """

    fields: list[FieldPayload]
    clinical: str | None
    lesions: list[str] | None
    lesions_left_out: int


class NeighbourPayload(TypedDict):
    """A similar image."""

    image: str
    dx: str
    similarity: float


class AssistancePart(TypedDict):
    """The shown form of assistance (`dermdash.reader_study.assistance.shown_form`): what its modality needs."""

    modality: str
    malignancy: NotRequired[float]
    counted: NotRequired[str]
    probabilities: NotRequired[dict[str, float]]
    readers: NotRequired[int]
    neighbours: NotRequired[list[NeighbourPayload]]
    overlay: NotRequired[str]
    """Name of the picture of a saliency map; ``image`` is that of the case below it, ``scale`` its colours in CSS."""
    image: NotRequired[str]
    scale: NotRequired[str]
    opacity: NotRequired[float]


class AssistancePayload(AssistancePart):
    """Assistance of a step: one form, or the ``parts`` of a combination."""

    parts: NotRequired[list[AssistancePart]]


class RoomPayload(TypedDict):
    """What room the assistance of any case of a reader takes: it is kept from the first case on, so that nothing moves.

    ``answers``: bars within the answers; ``line``: a line above the question, and ``counted`` below it what counts as
    malignant; ``pictures``: so many small ones.
    """

    answers: bool
    line: bool
    counted: bool
    pictures: int


class FeedbackPayload(TypedDict):
    """What is said of a case that the reader has closed; ``answer`` is their own last one.

    ``correct``: None where they were asked for no diagnosis.
    """

    correct: bool | None
    truth: str
    answer: NotRequired[AnswerPayload]


class StepPayload(TypedDict):
    """One step of a session; ``previous`` is the answer before assistance.

    ``instruction`` stands in place of the question where it says which answer to give; empty: the question stands.
    ``screening``: it is a case of the test that decides who takes part.
    """

    key: str
    phase: str
    position: int
    total: int
    practice: bool
    screening: bool
    time_limit_s: int | None
    image: str
    instruction: str
    beside: BesidePayload | None
    previous: AnswerPayload | None
    assistance: AssistancePayload | None
    feedback: FeedbackPayload | None


class PrefetchPayload(TypedDict):
    """The image of the step after this one; as in a step its name among the pictures."""

    key: str
    image: str
