"""The filter column of the records page: options with live counts, state in the address."""

from collections.abc import Mapping
from dataclasses import fields

import streamlit as st

from dermdash.records.record_filter import COMPLETENESS_BANDS, FACETS, SORT_KEYS, UNKNOWN, QualitySource, RecordFilter
from dermdash.records.taxonomy import TAXONOMIES
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage.workspace import Workspace
from dermdash.ui import address, keys
from dermdash.ui.facets import Facet, Option, Selection, facet_lists
from dermdash.ui.messages import as_text
from dermdash.wording import PERCENT_SIGN
from dermdash.workflows.dataset import browse_records

_TITLES = {
    "dataset_id": "Data set",
    "verification_stage": "Verification stage",
    "quality": "Quality score",
    "dx": "Diagnosis",
    "dx_type": "Confirmed by (dx_type)",
    "sex": "Sex",
    "anatomical_site": "Anatomical site",
    "completeness": "Completeness",
}
_DX_TYPES = {
    "histo": "Histopathology",
    "follow_up": "Follow-up",
    "consensus": "Consensus",
    "confocal": "Confocal microscopy",
}
GALLERY, TABLE = "gallery", "table"
DESCENDING = "descending"
DEFAULT_SORT = "image_id"
_FILTER_PARAMETERS = tuple(field.name for field in fields(RecordFilter))
_VIEW_PARAMETERS = ("sort", "order", "view", "page")
AGE_RANGE = (0, 120)
_AGE = keys.filter_widget("age")
_TEXT = keys.filter_widget("text")
_SOURCE = keys.filter_widget("quality_source")


@st.cache_data(ttl=3600, max_entries=300, show_spinner=False)
def _counts(_workspace: Workspace, home: str, version: str, record_filter: RecordFilter) -> dict[str, dict[str, int]]:
    return browse_records.option_counts(_workspace, record_filter)


def diagnosis_name(code: str | None) -> str:
    """Name of a diagnosis code in whichever taxonomy has it."""
    for taxonomy in TAXONOMIES.values():
        if code in taxonomy:
            return taxonomy[str(code)].name
    return code or "No diagnosis"


def option_title(facet: str, option: str, dataset_names: Mapping[str, str]) -> str:
    """An option in words; data sets by name."""
    if option == UNKNOWN:
        return "Not recorded"
    if facet == "dataset_id":
        return dataset_names.get(option, option)
    if facet == "dx":
        return diagnosis_name(option)
    if facet == "verification_stage":
        return f"{option} · {VerificationStage(int(option)).title}" if option in "123" else option
    if facet == "quality":
        return {"1": "1 · unusable", "5": "5 · reference"}.get(option, option)
    if facet == "dx_type":
        return _DX_TYPES.get(option, option)
    title = option.replace("_", " ").capitalize()
    return title.replace(" %", PERCENT_SIGN) if facet == "completeness" else title


def restore_from_address() -> None:
    """Fill the widgets from the address when it decides: the page was opened, by a link or by going back and forward.

    A page opened without parameters shows what this session saw last: the way back from a record.
    """
    if not address.read_again():
        return
    query = {name: address.asked(name) for name in (*_FILTER_PARAMETERS, *_VIEW_PARAMETERS) if name in st.query_params}
    if address.opened() and not query:
        query = st.session_state.get(keys.RECORDS_QUERY, {})
    record_filter = RecordFilter.from_query(query)
    for facet in FACETS:
        st.session_state[keys.filter_choice(facet)] = getattr(record_filter, facet)
    low, high = record_filter.age_min, record_filter.age_max
    st.session_state[_AGE] = (AGE_RANGE[0] if low is None else low, AGE_RANGE[1] if high is None else high)
    st.session_state[_TEXT] = record_filter.text
    st.session_state[_SOURCE] = record_filter.quality_source
    sort, order, view, page = (query.get(name, [""])[0] for name in _VIEW_PARAMETERS)
    st.session_state[keys.RECORDS_SORT] = sort if sort in SORT_KEYS else DEFAULT_SORT
    st.session_state[keys.RECORDS_DESCENDING] = order == DESCENDING
    st.session_state[keys.RECORDS_VIEW] = TABLE if view == TABLE else GALLERY
    turn_to_page(int(page) if page.isdecimal() and len(page) < 8 else 1)


def write_to_address(record_filter: RecordFilter, *, page: int) -> None:
    """Put what the page shows into the address; defaults are left out, so an unfiltered page has a clean one."""
    query = record_filter.to_query()
    if st.session_state[keys.RECORDS_SORT] != DEFAULT_SORT:
        query["sort"] = [st.session_state[keys.RECORDS_SORT]]
    if st.session_state[keys.RECORDS_DESCENDING]:
        query["order"] = [DESCENDING]
    if st.session_state[keys.RECORDS_VIEW] == TABLE:
        query["view"] = [TABLE]
    if page > 1:
        query["page"] = [str(page)]
    st.session_state[keys.RECORDS_QUERY] = query
    address.put_all(query)


def turn_to_page(page: int) -> None:
    """Show another page of the set."""
    st.session_state[keys.RECORDS_PAGE] = page
    # A pager keeps the page it was on, so a page turned by other means gets another pager.
    st.session_state[keys.RECORDS_PAGER] = st.session_state.get(keys.RECORDS_PAGER, 0) + 1


def first_page() -> None:
    """Go back to page 1: another filter shows another set."""
    turn_to_page(1)


def _choose(selection: Selection) -> None:
    for facet, chosen in selection.items():
        st.session_state[keys.filter_choice(facet)] = chosen
    first_page()


def _clear() -> None:
    st.session_state[_AGE] = AGE_RANGE
    st.session_state[_TEXT] = ""
    _choose(dict.fromkeys(FACETS, ()))


def _current() -> RecordFilter:
    low, high = st.session_state[_AGE]
    return RecordFilter(
        **{facet: st.session_state[keys.filter_choice(facet)] for facet in FACETS},
        age_min=None if low == AGE_RANGE[0] else low,
        age_max=None if high == AGE_RANGE[1] else high,
        text=st.session_state[_TEXT].strip(),
        quality_source=QualitySource(st.session_state[_SOURCE]),
    )


def record_filters(workspace: Workspace) -> RecordFilter:
    """Draw the filters into the sidebar and return what they say."""
    restore_from_address()
    record_filter = _current()
    with st.sidebar:
        st.text_input(
            "Find by id", key=_TEXT, placeholder="Image, lesion or patient id", on_change=first_page, max_chars=200
        )
        st.slider("Age at examination", *AGE_RANGE, key=_AGE, on_change=first_page, format="%d y")
        st.selectbox(
            "Quality shown",
            list(QualitySource),
            key=_SOURCE,
            format_func=lambda source: QualitySource(source).label,
            on_change=first_page,
            help="The human score is given by an examiner. The estimate is measured from sharpness, "
            "exposure and glare; tiles mark it as estimated.",
        )
        st.button("Clear all filters", key="records.clear", on_click=_clear, width="stretch", icon=":material/close:")
        facet_lists(
            _facets(workspace, record_filter),
            {facet: getattr(record_filter, facet) for facet in FACETS},
            key=keys.RECORDS_FACETS,
            on_change=_choose,
        )
    return record_filter


def _facets(workspace: Workspace, record_filter: RecordFilter) -> list[Facet]:
    """Every facet with the options that any record has, each with how many it would show now."""
    version = browse_records.data_version(workspace)
    now = _counts(workspace, str(workspace.home), version, record_filter)
    # The order of the whole workspace: an option must not jump away from under the pointer at every click.
    every = _counts(workspace, str(workspace.home), version, RecordFilter(quality_source=record_filter.quality_source))
    names = browse_records.dataset_names(workspace)
    facets = []
    for facet in FACETS:
        ordered = sorted(every[facet], key=lambda option: (option == UNKNOWN, _order(facet, option, every[facet])))
        # A chosen option that no record has, as out of an old link, stays visible, so that it can be taken away.
        ordered += [option for option in getattr(record_filter, facet) if option not in every[facet]]
        options = tuple(Option(o, option_title(facet, o, names), now[facet].get(o, 0)) for o in ordered)
        facets.append(Facet(facet, _TITLES[facet], options))
    return facets


def _order(facet: str, option: str, counts: Mapping[str, int]) -> tuple[int, str]:
    if facet == "completeness":
        return list(COMPLETENESS_BANDS).index(option), option
    return (0 if facet in ("verification_stage", "quality") else -counts[option], option)


def filter_words(workspace: Workspace, record_filter: RecordFilter) -> str:
    """What the filter lets through, in words as Markdown; empty where it lets everything through."""
    names = browse_records.dataset_names(workspace)
    parts = [
        f"{_TITLES[facet]}: " + " or ".join(as_text(option_title(facet, option, names)) for option in chosen)
        for facet in FACETS
        if (chosen := getattr(record_filter, facet))
    ]
    low, high = record_filter.age_min, record_filter.age_max
    if low is not None or high is not None:
        parts.append(f"Age: {AGE_RANGE[0] if low is None else low} to {AGE_RANGE[1] if high is None else high}")
    if record_filter.text:
        parts.append(f"Id contains: {as_text(record_filter.text)}")
    if record_filter.quality_source is not QualitySource.BEST:
        parts.append(f"Quality: {record_filter.quality_source.label}")
    return " \N{MIDDLE DOT} ".join(parts)
