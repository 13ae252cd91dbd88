"""What leaves for a reader's browser beside the image of a case: fields, clinical image, other lesions."""

from collections.abc import Callable
from typing import Any, NamedTuple

from dermdash.reader_study.beside_case import BesideCase, check_shown
from dermdash.reader_study.protocol_parts import CaseView
from dermdash.reader_study.words.case_fields import FIELD_NAMES, field_value
from dermdash.reader_study.words.language import Language
from dermdash.ui.frontend.changes import as_message
from dermdash.ui.frontend.exchange import BesidePayload, FieldPayload, LargeLesionPayload, LookPayload
from dermdash.workflows.reader_study.case_material import ImagesNow


class Look(NamedTuple):
    """Which other lesion of a step's patient a reader wants to see large, counted from 0."""

    step_key: str
    lesion: int


def asked_look(sent: object) -> Look | None:
    """What a browser asks to see large; None where it is no such question, or takes one back."""
    message = as_message(sent, LookPayload)
    if message is None:
        return None
    key, lesion = message["step_key"], message["lesion"]
    whole = isinstance(lesion, int) and not isinstance(lesion, bool) and lesion >= 0
    return Look(key, lesion) if whole and isinstance(key, str) else None


def beside_data(
    view: CaseView,
    beside: BesideCase,
    *,
    language: Language,
    name: Callable[[str, bool], str],
    wanted: int | None,
    images: ImagesNow,
) -> BesidePayload:
    """What the protocol lets readers see beside this case, as it was frozen; images as they are now.

    Parameters
    ----------
    name
        Takes an image (hash, whether it is shown large) along and returns the name that stands for it.
    wanted
        The other lesion to be sent large, counted from 0.
    images
        Of `records_beside` at least; a record that is not there any more is left out.
    """
    lesions = beside.lesions if view.whole_patient else ()
    seen = [image for record_id in lesions if (image := images.get(record_id)) is not None]
    clinical = images.get(beside.clinical or "") if view.clinical_image else None
    return BesidePayload(
        fields=[
            FieldPayload(title=FIELD_NAMES[field].said(language), value=field_value(field, value, language))
            for field, value in check_shown(beside.fields).items()
        ],
        clinical=(name(clinical, True) if clinical else "") if view.clinical_image else None,
        lesions=[name(image, False) for image in seen] if view.whole_patient else None,
        lesions_left_out=beside.lesions_left_out if view.whole_patient else 0,
        large=(
            LargeLesionPayload(lesion=wanted, image=name(seen[wanted], True))
            if wanted is not None and wanted < len(seen)
            else None
        ),
    )


def records_beside(view: CaseView, beside: BesideCase) -> tuple[str, ...]:
    """Records whose images may stand beside a case."""
    clinical = (beside.clinical,) if view.clinical_image and beside.clinical else ()
    return clinical + (beside.lesions if view.whole_patient else ())


def beside_shown(beside: BesidePayload) -> dict[str, Any]:
    """What of it is to be judged with the case: whatever is looked at large stands there small already."""
    return {key: value for key, value in beside.items() if key != "large"}
