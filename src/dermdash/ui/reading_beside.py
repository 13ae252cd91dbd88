"""What leaves for a reader's browser beside the image of a case: fields, clinical image, other lesions."""

from collections.abc import Callable

from dermdash.reader_study.beside_case import BesideCase, check_shown
from dermdash.reader_study.protocol_parts import CaseView
from dermdash.reader_study.words.case_fields import FIELD_NAMES, field_value
from dermdash.reader_study.words.language import Language
from dermdash.ui.frontend.exchange.step import BesidePayload, FieldPayload
from dermdash.workflows.reader_study.case_material import ImagesNow


def beside_data(
    view: CaseView,
    beside: BesideCase,
    *,
    language: Language,
    name: Callable[[str, bool], str],
    images: ImagesNow,
) -> BesidePayload:
    """What the protocol lets readers see beside this case, as it was frozen; images as they are now.

    Parameters
    ----------
    name
        Takes an image (hash, whether it is shown large) along and returns the name that stands for it.
    images
        Of `records_beside` at least; a record that is not there any more is left out.
    """
    seen = lesion_images(view, beside, images)
    clinical = images.get(beside.clinical or "") if view.clinical_image else None
    return BesidePayload(
        fields=[
            FieldPayload(title=FIELD_NAMES[field].said(language), value=field_value(field, value, language))
            for field, value in check_shown(beside.fields).items()
        ],
        clinical=(name(clinical, True) if clinical else "") if view.clinical_image else None,
        lesions=[name(image, False) for image in seen] if view.whole_patient else None,
        lesions_left_out=beside.lesions_left_out if view.whole_patient else 0,
    )


def lesion_images(view: CaseView, beside: BesideCase, images: ImagesNow) -> list[str]:
    """The images (hashes) of the patient's other lesions that are shown; of records that are still there."""
    lesions = beside.lesions if view.whole_patient else ()
    return [image for record_id in lesions if (image := images.get(record_id)) is not None]


def records_beside(view: CaseView, beside: BesideCase) -> tuple[str, ...]:
    """Records whose images may stand beside a case."""
    clinical = (beside.clinical,) if view.clinical_image and beside.clinical else ()
    return clinical + (beside.lesions if view.whole_patient else ())
