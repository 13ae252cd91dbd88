"""What is kept of a record beside the 16 fields, each declared once in the same way: the details.

They say of an image how and whence it came, and do not count for its completeness. Columns, filters, tables, record
page, data dictionary, exports and demo data are made from this list as from the fields. Whatever else stands in a
source is kept verbatim as its further columns.
"""

from dermdash.records.fields import DetailGroup, FieldSpec, Filter, Kind

FURTHER = "further"
"""What further columns are called together: a mapping of column to text, beside the columns of a record."""
FURTHER_PREFIX = "further:"
"""Before the name of a further column where it stands among the columns of a record, in a file of ours."""

_WORDS = {
    "clinical_close_up": "clinical close-up", "clinical_overview": "clinical overview", "tbp_tile": "TBP tile",
    "non_polarised": "non-polarised", "non_contact": "non-contact",
}  # fmt: skip


def _in_words(choice: str) -> str:
    return _WORDS.get(choice, choice)


DETAILS: tuple[FieldSpec, ...] = (
    FieldSpec(
        name="image_type", title="Image type", block=DetailGroup.IMAGE, kind=Kind.TEXT,
        choices=("dermoscopic", "clinical_close_up", "clinical_overview", "tbp_tile", "other"),
        spellings={
            "dermoscopy": "dermoscopic", "dermatoscopic": "dermoscopic", "dermatoscopy": "dermoscopic",
            "clinical": "clinical_close_up", "clinical: close-up": "clinical_close_up",
            "clinical close-up": "clinical_close_up", "close-up": "clinical_close_up",
            "macroscopic": "clinical_close_up", "clinical: overview": "clinical_overview",
            "clinical overview": "clinical_overview", "overview": "clinical_overview", "tbp tile": "tbp_tile",
            "tbp tile: close-up": "tbp_tile", "tbp tile: overview": "tbp_tile", "rcm: macroscopic": "other",
            "rcm: tile": "other", "rcm: mosaic": "other",
        },
        meaning="What kind of picture it is; tbp_tile: cut out of a photograph of the whole body",
        isic="image_type", filter=Filter.OPTIONS, listed=True, words=_in_words,
    ),
    FieldSpec(
        name="polarisation", title="Polarisation", block=DetailGroup.IMAGE, kind=Kind.TEXT,
        choices=("polarised", "non_polarised"),
        spellings={
            "polarized": "polarised", "non-polarized": "non_polarised", "non-polarised": "non_polarised",
            "nonpolarized": "non_polarised", "unpolarized": "non_polarised", "unpolarised": "non_polarised",
        },
        meaning="Light of the dermatoscope", aliases=("polarization",), filter=Filter.OPTIONS, words=_in_words,
    ),
    FieldSpec(
        name="contact", title="Contact", block=DetailGroup.IMAGE, kind=Kind.TEXT, choices=("contact", "non_contact"),
        spellings={"non-contact": "non_contact", "noncontact": "non_contact"},
        meaning="Whether the dermatoscope touched the skin", filter=Filter.OPTIONS, words=_in_words,
    ),
    FieldSpec(
        name="acquisition_date", title="Date of the image", block=DetailGroup.IMAGE, kind=Kind.DATE,
        meaning="Day of the image, shifted by the same number of days for all images of a patient",
        aliases=("capture_date",), filter=Filter.YEARS, parameter="acquisition_year",
    ),
    FieldSpec(
        name="source_site", title="Site in the source", block=DetailGroup.LESION, kind=Kind.TEXT,
        meaning="Anatomical site as the source writes it", filter=Filter.OPTIONS, words=str,
    ),
    FieldSpec(
        name="second_diameter_mm", title="Second diameter", block=DetailGroup.LESION, kind=Kind.NUMBER, unit="mm",
        minimum=0.1, maximum=500, meaning="Diameter across the largest one", aliases=("diameter_2",),
        filter=Filter.RANGE, parameter="second_diameter",
    ),
    FieldSpec(
        name="breslow_mm", title="Breslow thickness", block=DetailGroup.LESION, kind=Kind.NUMBER, unit="mm", minimum=0,
        maximum=100, meaning="Thickness of a melanoma as the pathologist measured it; 0: in situ",
        aliases=("breslow", "breslow_thickness", "breslow_thickness_mm"), isic="mel_thick_mm", filter=Filter.RANGE,
        parameter="breslow",
    ),
    FieldSpec(
        name="skin_tone", title="Skin tone", block=DetailGroup.LESION, kind=Kind.TEXT,
        meaning="Skin tone on a scale other than Fitzpatrick's, verbatim; no Fitzpatrick type is made of it",
        aliases=("skin_tone_class",), filter=Filter.OPTIONS, words=str,
    ),
    FieldSpec(
        name="skin_tone_scale", title="Scale of skin tone", block=DetailGroup.LESION, kind=Kind.TEXT,
        meaning="Which scale the skin tone is of", filter=Filter.OPTIONS, words=str,
    ),
    FieldSpec(
        name="acquisition_source", title="Source of the image", block=DetailGroup.ORIGIN, kind=Kind.TEXT,
        meaning="Clinic, camera or collection that the image came from, as the source names it", ham10000="dataset",
        filter=Filter.OPTIONS, listed=True, words=str,
    ),
    FieldSpec(
        name="source_split", title="Split of the source", block=DetailGroup.ORIGIN, kind=Kind.TEXT,
        meaning="Which part of the source the image is in, such as train or test, as the source names it",
        aliases=("split",), filter=Filter.OPTIONS, words=str,
    ),
    FieldSpec(
        name="licence", title="Licence", block=DetailGroup.ORIGIN, kind=Kind.TEXT, meaning="Licence of this image",
        aliases=("license",), isic="copyright_license", filter=Filter.OPTIONS, words=str,
    ),
    FieldSpec(
        name="attribution", title="Attribution", block=DetailGroup.ORIGIN, kind=Kind.TEXT,
        meaning="Whom the image is to be credited to", isic="attribution", filter=Filter.OPTIONS, words=str,
    ),
)  # fmt: skip
DETAIL_NAMES: tuple[str, ...] = tuple(d.name for d in DETAILS)
LISTED_DETAILS: tuple[FieldSpec, ...] = tuple(d for d in DETAILS if d.listed)
_BY_NAME = {d.name: d for d in DETAILS}
_DERMOSCOPIC_TYPES: dict[str, dict[str, str]] = {
    "contact polarized": {"polarisation": "polarised", "contact": "contact"},
    "contact non-polarized": {"polarisation": "non_polarised", "contact": "contact"},
    "non-contact polarized": {"polarisation": "polarised", "contact": "non_contact"},
    "non-contact non-polarized": {"polarisation": "non_polarised", "contact": "non_contact"},
}


def detail(name: str) -> FieldSpec:
    """The detail of that name; KeyError for any other."""
    return _BY_NAME[name]


def details_of(group: DetailGroup) -> tuple[FieldSpec, ...]:
    """The details of one group, in display order."""
    return tuple(d for d in DETAILS if d.block is group)


def of_dermoscopic_type(written: str) -> dict[str, str]:
    """Polarisation and contact of ISIC's ``dermoscopic_type`` ("contact non-polarized"); empty for other words."""
    words = " ".join(written.lower().replace("polarised", "polarized").split())
    return dict(_DERMOSCOPIC_TYPES.get(words, {}))
