"""The options of commands that lead out of an error."""

from dermdash.errors import DermdashError, WayOut
from dermdash.wording import sentence

_WAYS = {
    WayOut.INCLUDE_TRAINED: "--include-trained includes them.",
    WayOut.COMMON_IMAGES: "--common evaluates the images both have.",
    WayOut.NORMALISE: "--normalise divides each row by its sum, if these are scores or percent.",
    WayOut.OWN_DATASET: "--dataset ID names it.",
    WayOut.BORDERLINE: "--borderline says what they count as.",
    WayOut.PREDICT: "`dermdash predict --model MODEL --dataset DATASET` does.",
    WayOut.TRUTH_OF_COUNTS: "--truth names the file of true diagnoses, --outcome agreement does without one.",
}


def with_way_out(error: DermdashError) -> str:
    """The message, and the option that would help where there is one."""
    return str(error) if error.way_out is None else f"{sentence(str(error))} {_WAYS[error.way_out]}"
