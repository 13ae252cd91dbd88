"""What pages and browser say to one another: the names of all that is sent, and what each message holds.

The scripts get every name from here (`dermdash.ui.frontend.names`) and refuse to read an entry that no message has, so
an entry has one spelling and is renamed in one place. What a reader's browser delivers is declared where it is checked,
in `dermdash.reader_study.outbox`, and what an annotator's delivers in `dermdash.verification.annotation_outbox`.
"""

from enum import StrEnum
from typing import Literal, NotRequired, TypedDict


class Sends(StrEnum):
    """Under which name a component sends something to its page."""

    OUTBOX = "outbox"
    SELECTION = "selection"
    OPENED = "opened"
    ACT = "act"
    CROP = "crop"
    JUDGEMENT = "judgement"
    GATE_ANSWER = "gate_answer"
    LASSO = "lasso"
    LANGUAGE = "language"
    LOOK = "look"
    JOINED = "joined"
    THEME = "theme"


class PanelState(StrEnum):
    """What the reading panel expects of the reader."""

    EMPTY = "empty"
    """Nothing: no step has come."""
    LOADING = "loading"
    """Patience: the step is not painted yet, or was painted a moment ago."""
    READY = "ready"
    """An answer."""
    WAITING = "waiting"
    """Patience: what they did is on its way."""
    FEEDBACK = "feedback"
    """That they leave the feedback of a case."""
    PAUSED = "paused"
    INTERLUDE = "interlude"
    """That they begin the part that follows."""
    FINISHED = "finished"


class Connection(StrEnum):
    """Where the answers of a reader are."""

    SAVED = "saved"
    SAVING = "saving"
    OFFLINE = "offline"
    UNREACHABLE = "unreachable"


class LookAt(StrEnum):
    """What a reader wants to see large that they see small."""

    LESION = "lesion"
    """Another lesion of the open case's patient."""
    SIMILAR = "similar"
    """A similar image of the assistance."""
    MISSED = "missed"
    """A case at the end that they had wrong."""


class JudgementAct(StrEnum):
    """What somebody does about an image that may show who a person is."""

    CLEAR = "clear"
    """It shows nobody."""
    OPEN = "open"
    """What was said of it is taken back."""
    COVER = "cover"
    NEXT = "next"
    PREVIOUS = "previous"


class GateAct(StrEnum):
    """What somebody does about an image at the acquisition gate."""

    SCORE = "score"
    TAKE_BACK = "take_back"
    """The answer that holds of this image is taken back."""
    UNDO = "undo_last"
    """The last answer of this person is taken back, whichever image it was about."""
    NEXT = "next"
    PREVIOUS = "previous"


class SignInKind(StrEnum):
    """What the form of the sign-in page is for."""

    PASSWORD = "by_password"  # noqa: S105  words, not secrets
    NEW_PASSWORD = "new_password"  # noqa: S105
    GO_ON = "go_on"
    """Nothing to fill in: a provider said who it is."""


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


class LookPayload(TypedDict):
    """Which small picture somebody wants to see large: of which kind (`LookAt`), and which of them, counted from 0.

    ``step_key``: of the open step; empty at the end.
    """

    step_key: str
    of: str
    number: int


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


class LanguagePayload(TypedDict):
    """A language on offer, by its code and what its speakers call it."""

    code: str
    name: str


class DownloadPayload(TypedDict):
    """A text to save as a file: what the button says, the file's name, what it holds."""

    label: str
    name: str
    text: str


class ReaderFramePayload(TypedDict):
    """The head of a reader's page: its language and ``title``, the languages on offer, a file where there is one.

    ``preview``: it is shown on another page, whose language and title stay.
    """

    language: str
    label: str
    title: str
    languages: list[LanguagePayload]
    download: DownloadPayload | None
    preview: bool


class JoinedPayload(TypedDict):
    """Of which study a browser is asked what it keeps of readings begun by a group's link, or what it is to keep.

    ``remember``: the token of a reading to keep; empty: it tells those that it has, as a list of texts.
    """

    study: str
    remember: str


class InterludePayload(TypedDict):
    """What stands before the step ``key`` until the reader begins it."""

    key: str
    title: str
    paragraphs: list[str]
    button: str


class OwnResultPayload(TypedDict):
    """How many answers were right of how many cases."""

    label: str
    right: int
    cases: int


class CertificatePayload(TypedDict):
    """What a certificate says after a name that the browser alone knows; ``day``: ISO date of the last answer."""

    text: str
    day: str


class MissedPayload(TypedDict):
    """A case that a reader had wrong in their last answer to it, as a small picture, with the right diagnosis."""

    image: str
    position: int
    answered: str
    truth: str


class ClosingPayload(TypedDict):
    """The end of a study: own results, empty where readers are told none, and a certificate where there is one.

    ``debrief``: what is told of advice that was wrong on purpose, in sentences. ``note``: why it is not told which
    cases were wrong, or empty. ``missed``: those that were, where that may be told; ``missed_left_out``: further ones.
    ``rank``: the reader's place in the high score, or empty.
    """

    debrief: list[str]
    results: list[OwnResultPayload]
    note: str
    missed: list[MissedPayload]
    missed_left_out: int
    rank: str
    certificate: CertificatePayload | None


class ClosedPayload(TypedDict):
    """Why there is no step for a reader who has not finished; ``opens``: when there is one (ISO), or empty.

    A paragraph may name the place ``{when}``, which the browser fills with that moment on the reader's own clock.
    """

    title: str
    paragraphs: list[str]
    opens: str


class RefusalPayload(TypedDict):
    """A delivered item that is not stored, and why."""

    id: str
    reason: str


class PanelPayload(TypedDict):
    """What the reading panel shows; classes in the order of their keys.

    ``reader`` is an opaque name for the browser's storage; ``acknowledged`` are ids on disk. ``pictures``: data of the
    images that step, prefetch and similar images name where the browser does not fetch them, and ``words`` of the
    panel in the reader's language (`dermdash.reader_study.words.for_screen`), each only where the browser does not hold
    it already. ``game``: where a reader who plays stands, in words; empty for all others. ``preview``: it is shown on
    another page, whose language and address stay. ``messages``: of the study team, by paragraph, where no case
    is shown.
    """

    preview: NotRequired[bool]
    language: str
    languages: list[LanguagePayload]
    words: NotRequired[dict[str, object]]
    pictures: dict[str, str]
    interlude: InterludePayload | None
    messages: list[str]
    closed: ClosedPayload | None
    closing: ClosingPayload | None
    reader: str
    question: str
    classes: list[ClassPayload]
    confidence_levels: list[str]
    asked: AskedPayload
    room: RoomPayload
    step: StepPayload | None
    large: LargePayload | None
    prefetch: PrefetchPayload | None
    acknowledged: list[str]
    refused: list[RefusalPayload]
    paused: bool
    finished: bool
    game: str


class WaitingPayload(TypedDict):
    """What a panel gets while the database cannot be reached: it keeps what it shows and asks again."""

    waiting: Literal[True]
    acknowledged: list[str]
    refused: list[RefusalPayload]


class ReaderWaitingPayload(WaitingPayload):
    """The same for a reader, whose page may have been opened only now."""

    language: str
    languages: list[LanguagePayload]
    words: NotRequired[dict[str, object]]


class OutboxPayload(TypedDict):
    """A delivery of a reader's browser; each ``seq`` is larger than the one before.

    ``holds``: names of the pictures and words that it has, which need not be sent again. ``fetches``: its line is slow
    or breaks, so that it fetches pictures itself, piece by piece, and none may come along.
    """

    seq: int
    items: list[object]
    holds: NotRequired[list[object]]
    fetches: NotRequired[bool]


PICTURES_PATH, INVITATION_HEADER = "dermdash-pictures", "dermdash-invitation"
THUMBNAILS_PATH = "dermdash-thumbnails"
"""Where the panel of a reader fetches pictures, and the header that says with which invitation."""
VIEW_PARAMETER, PARTICIPATION_VIEW = "view", "participation"
"""Of the address of a reader: which of their pages is shown, where it is not the reading."""
MOST_JOINED = 5
"""Readings of a study that a browser keeps: as many people at one computer are told apart."""
HELD_WORDS = "words-"
"""Before the code of a language: how a browser names the words it holds."""


class MarkPayload(TypedDict):
    """A marked region; points as [x, y] in pixels of the picture that was sent."""

    structure: str
    shape: str
    points: list[list[float]]


class DraftPayload(TypedDict):
    """What somebody has entered for a task before, as their own browser sent it, and when."""

    annotation: dict[str, object]
    saved_at: str


class SharePayload(TypedDict):
    """The probability (0..1) of a class."""

    code: str
    share: float


class AnnotationTaskPayload(TypedDict):
    """One record to annotate, under the name of the task.

    ``image``, ``width``, ``height``: a picture made from it, and its size; ``known``: fields of patient and lesion by
    name; ``sites``: names of sites to choose from; ``initial``: class of the initial annotation, and ``model``: shares
    of a model, highest first, both only where the rule of the data set shows them.
    """

    key: str
    image: str
    width: int
    height: int
    position: int
    total: int
    classes: list[ClassPayload]
    known: dict[str, object]
    sites: list[str]
    draft: DraftPayload | None
    initial: str | None
    model: list[SharePayload] | None


class AnnotationPayload(TypedDict):
    """What the annotation panel shows.

    ``annotator`` is an opaque name for the browser's storage; ``following``: the task after this one, shown the moment
    this one is submitted; ``acknowledged`` are ids on disk.
    """

    annotator: str
    task: AnnotationTaskPayload | None
    following: AnnotationTaskPayload | None
    acknowledged: list[str]
    refused: list[RefusalPayload]


class ReceiptPayload(TypedDict):
    """What the annotation panel gets when only drafts came: it keeps what it shows, pictures are not sent again."""

    receipt: Literal[True]
    acknowledged: list[str]
    refused: list[RefusalPayload]


class PersonMarksPayload(TypedDict):
    """What one person marked."""

    name: str
    marks: list[MarkPayload]


class MarksViewPayload(TypedDict):
    """Marks of several people over one picture of ``width`` x ``height`` pixels, shown ``px`` pixels high."""

    image: str
    width: int
    height: int
    px: int
    label: str
    people: list[PersonMarksPayload]


class OptionPayload(TypedDict):
    """An option of a facet and how many records it would show."""

    id: str
    title: str
    count: int


class FacetPayload(TypedDict):
    """A property to filter by."""

    id: str
    title: str
    options: list[OptionPayload]


class FacetsPayload(TypedDict):
    """All facets, what is chosen of each, and the number of the last choice that the page knows."""

    facets: list[FacetPayload]
    selected: dict[str, list[str]]
    seen: int


class SelectionPayload(TypedDict):
    """What somebody chose; each ``number`` is larger than the one before."""

    number: int
    selected: dict[str, list[str]]


class BadgePayload(TypedDict):
    """A short note on a tile; ``shape`` is one that `gallery.mjs` draws."""

    text: str
    color: NotRequired[str | None]
    shape: NotRequired[str]


class VotePartPayload(TypedDict):
    """What some readers said: the share of them (0..1), and whether it is the truth."""

    text: str
    share: float
    color: NotRequired[str | None]
    right: bool


class VoteBarPayload(TypedDict):
    """The answers to a case as one bar; ``text``: how many were right, in words."""

    name: str
    text: str
    parts: list[VotePartPayload]


class TilePayload(TypedDict):
    """One thumbnail; ``color`` of the swatch, ``quality`` from 1 to 5, ``bars`` of answers to a case.

    ``image`` empty: there is no picture of it here.
    """

    id: str
    image: str
    title: str
    subtitle: NotRequired[str]
    color: NotRequired[str | None]
    badges: NotRequired[list[BadgePayload]]
    quality: NotRequired[int | None]
    quality_estimated: NotRequired[bool]
    selected: NotRequired[bool]
    bars: NotRequired[list[VoteBarPayload]]


class ActPayload(TypedDict):
    """Something that can be done with chosen tiles, from ``least`` to ``most`` of them."""

    id: str
    label: str
    least: int
    most: int


class GalleryPayload(TypedDict):
    """A page of thumbnails; ``focus`` is the id of the tile where the keyboard goes on.

    ``acts``: what can be done with several; where there are any, tiles can be chosen, and stay so from page to page.
    ``chosen_under``: the name under which the browser keeps them.
    """

    tiles: list[TilePayload]
    tile_px: int
    label: str
    focus: str | None
    acts: list[ActPayload]
    chosen_under: str


class ActOnTilesPayload(TypedDict):
    """An act and the tiles that it is about."""

    act: str
    ids: list[str]


class CountPayload(TypedDict):
    """A number that leads to what it counts: ``share`` of the longest bar or of the whole, ``href`` of the page."""

    id: str
    label: str
    count: str
    share: float
    color: str | None
    href: str


class CountsPayload(TypedDict):
    """Numbers under one heading: a ``stack`` is one bar of parts, ``bars`` are one each, a ``list`` has none."""

    title: str
    draw: str
    rows: list[CountPayload]
    note: str


class MosaicPayload(TypedDict):
    """A small picture that leads to its record."""

    id: str
    image: str
    label: str
    color: str | None
    href: str


class HealthPayload(TypedDict):
    """How a data set stands, at a glance."""

    label: str
    mosaic: list[MosaicPayload]
    groups: list[CountsPayload]


class ViewerPayload(TypedDict):
    """One image to look at closely, with the layers there are.

    ``together``: viewers of the same word zoom and move as one.
    """

    image: str
    mask: str | None
    height: int
    label: str
    heat: NotRequired[str]
    heat_scale: NotRequired[str]
    heat_opacity: NotRequired[float]
    heat_on: NotRequired[bool]
    together: NotRequired[str]


class CropPayload(TypedDict):
    """A square on an image: its centre as shares of width and height, its side as a share of the shorter side."""

    x: float
    y: float
    share: float


class CropPickerPayload(TypedDict):
    """An image of ``width`` x ``height`` pixels, where the square is at first, and its ``smallest`` share."""

    image: str
    width: int
    height: int
    label: str
    smallest: float
    crop: CropPayload


class LegendPayload(TypedDict):
    """What a colour of a map of points means."""

    text: str
    color: str


class PointMapPayload(TypedDict):
    """Points of a map.

    ``points``: their places, 16-bit numbers of x and y in turn, in base64; ``groups``: of each the place of its colour
    in the palette, 8 bits, in base64; ``of``: what they are, which a choice says again.
    """

    points: str
    groups: str
    palette: list[str]
    legend: list[LegendPayload]
    of: str
    label: str
    height: int


class LassoPayload(TypedDict):
    """Which points a line was drawn round: a bit of each, the first lowest, in base64; empty: none."""

    of: str
    chosen: str


class RegionPayload(TypedDict):
    """A rectangle in pixels of the upright image."""

    x: float
    y: float
    width: float
    height: float


class JudgingPayload(TypedDict):
    """An image to look at for what shows a person.

    ``image_id`` names it, ``width`` and ``height`` are of the upright image; ``proposals`` of the search; ``said``: who
    said what of it, empty where nobody did, and ``cleared``: that it shows nobody; ``records`` show it; ``place`` of
    ``total`` images, from 1, and ``done`` of them; ``total`` 0: it stands alone. ``may``: whether something can be done
    about it, with a note of so many characters; ``seen``: number of the last judgement that the page knows.
    """

    image: str
    image_id: str
    width: int
    height: int
    label: str
    proposals: list[RegionPayload]
    said: str
    cleared: bool
    records: int
    place: int
    total: int
    done: int
    may: bool
    longest_note: int
    seen: int


class JudgementPayload(TypedDict):
    """What somebody does about an image; each ``number`` is larger than the one before."""

    number: int
    act: str
    image_id: str
    regions: list[RegionPayload]
    note: str


class GateScorePayload(TypedDict):
    """A score from 1 to 5 with its name, its definition and a drawn reference picture."""

    score: int
    name: str
    definition: str
    picture: str


class GateItemPayload(TypedDict):
    """An item of the checklist and the key that ticks it."""

    key: str
    hotkey: str
    text: str


class GateGroupPayload(TypedDict):
    """A group of the checklist."""

    title: str
    items: list[GateItemPayload]


class GateAnswersPayload(TypedDict):
    """What is ticked: item and "yes", "no" or "na"."""

    item: str
    answer: str


class GateProposalPayload(TypedDict):
    """A proposed score and why, in sentences."""

    score: int
    why: list[str]


class GatePayload(TypedDict):
    """An image at the acquisition gate.

    ``image_id`` names it; ``scores`` and ``groups`` are what can be said; ``proposal``: None where none was made or it
    is hidden until the answer, which ``hidden`` says; ``score`` (0: nobody has scored it), ``held`` (its id) and
    ``said`` of the answer that holds, ``ticked`` with it; ``last``: what was done last, in words; ``place`` of
    ``total`` images, from 1, and ``done`` of ``images`` are decided, whatever is shown. ``next_image``: the picture
    that comes next, to be ready for it, empty where there is none or it is large.
    ``may``: whether something can be said, with a note of so many
    characters; ``seen``: number of the last answer that the page knows.
    """

    image: str
    image_id: str
    next_image: str
    label: str
    scores: list[GateScorePayload]
    groups: list[GateGroupPayload]
    proposal: GateProposalPayload | None
    hidden: bool
    score: int
    held: str
    said: str
    ticked: list[GateAnswersPayload]
    last: str
    place: int
    total: int
    done: int
    images: int
    may: bool
    longest_note: int
    seen: int


class GateAnswerPayload(TypedDict):
    """What somebody does about an image as it was shown (``held``); ``score`` 0: none; each ``number`` is larger."""

    number: int
    act: str
    image_id: str
    held: str
    score: int
    ticked: list[GateAnswersPayload]
    note: str


class PageFramePayload(TypedDict):
    """Around a page: the theme that its charts were drawn in, "light" or "dark"."""

    theme: str


class SignInPayload(TypedDict):
    """What the form asks for; ``address`` is where it posts or, where there is nothing to fill in, goes to.

    ``name`` and ``link`` are known beforehand where a link sets a password, else empty.
    """

    kind: str
    address: str
    name: str
    link: str


class CredentialsPayload(TypedDict):
    """What the form posts, as JSON."""

    name: str
    password: str
    link: str


class SignInAnswer(TypedDict):
    """What is answered: where to go, or what is wrong; the other is empty."""

    to: str
    error: str
