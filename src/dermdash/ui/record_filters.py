"""The filter column of the records page: options with live counts, state in the URL."""

from collections.abc import Mapping

import streamlit as st

from dermdash.records.record_filter import FACETS, SORT_KEYS, UNKNOWN, QualitySource, RecordFilter
from dermdash.records.taxonomy import TAXONOMIES
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.wording import PERCENT_SIGN
from dermdash.workflows import browse_records

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


def option_title(facet: str, option: str, datasets: Mapping[str, str]) -> str:
    """An option in words; ``datasets`` maps the id of a data set to what it is called."""
    if option == UNKNOWN:
        return "Not recorded"
    if facet == "dx":
        return diagnosis_name(option)
    if facet == "verification_stage":
        return f"{option} · {VerificationStage(int(option)).title}" if option in "123" else option
    if facet == "quality":
        return {"1": "1 · unusable", "5": "5 · reference"}.get(option, option)
    if facet == "dx_type":
        return _DX_TYPES.get(option, option)
    if facet == "completeness":
        return option.replace(" %", PERCENT_SIGN)
    return datasets.get(option, option) if facet == "dataset_id" else option.replace("_", " ").capitalize()


def restore_from_url() -> None:
    """Fill the widgets from the URL when the page is opened, so that a link shows what its sender saw.

    An address without parameters brings back what this session showed last: the way back from a record.
    """
    if keys.RECORDS_VIEW in st.session_state:
        return
    if not len(st.query_params):
        st.query_params.from_dict(st.session_state.get(keys.RECORDS_QUERY, {}))
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    record_filter = RecordFilter.from_query(query)
    for facet in FACETS:
        st.session_state[keys.filter_widget(facet)] = list(getattr(record_filter, facet))
    low, high = record_filter.age_min, record_filter.age_max
    st.session_state[_AGE] = (AGE_RANGE[0] if low is None else low, AGE_RANGE[1] if high is None else high)
    st.session_state[_TEXT] = record_filter.text
    st.session_state[_SOURCE] = record_filter.quality_source
    sort = st.query_params.get("sort", "image_id")
    st.session_state[keys.RECORDS_SORT] = sort if sort in SORT_KEYS else "image_id"
    st.session_state[keys.RECORDS_DESCENDING] = st.query_params.get("order") == "descending"
    st.session_state[keys.RECORDS_VIEW] = "Table" if st.query_params.get("view") == "table" else "Gallery"
    page = st.query_params.get("page", "1")
    st.session_state[keys.RECORDS_PAGE] = int(page) if page.isdecimal() and len(page) < 8 else 1


def write_to_url(record_filter: RecordFilter, *, page: int) -> None:
    """Put what the page shows into the URL; defaults are left out, so an unfiltered page has a clean address."""
    query: dict[str, list[str] | str] = dict(record_filter.to_query())
    if st.session_state[keys.RECORDS_SORT] != "image_id":
        query["sort"] = st.session_state[keys.RECORDS_SORT]
    if st.session_state[keys.RECORDS_DESCENDING]:
        query["order"] = "descending"
    if st.session_state[keys.RECORDS_VIEW] == "Table":
        query["view"] = "table"
    if page > 1:
        query["page"] = str(page)
    st.session_state[keys.RECORDS_QUERY] = query
    st.query_params.from_dict(query)


def first_page() -> None:
    """Go back to page 1: another filter shows another set."""
    st.session_state[keys.RECORDS_PAGE] = 1
    # A pager keeps the page it was on, so another set gets another pager.
    st.session_state[keys.RECORDS_PAGER] = st.session_state.get(keys.RECORDS_PAGER, 0) + 1


def _clear() -> None:
    for facet in FACETS:
        st.session_state[keys.filter_widget(facet)] = []
    st.session_state[_AGE] = AGE_RANGE
    st.session_state[_TEXT] = ""
    first_page()


def _current() -> RecordFilter:
    low, high = st.session_state[_AGE]
    facets = {facet: tuple(st.session_state[keys.filter_widget(facet)]) for facet in FACETS}
    return RecordFilter(
        **facets,
        age_min=None if low == AGE_RANGE[0] else low,
        age_max=None if high == AGE_RANGE[1] else high,
        text=st.session_state[_TEXT].strip(),
        quality_source=QualitySource(st.session_state[_SOURCE]),
    )


def record_filters(workspace: Workspace) -> RecordFilter:
    """Draw the filters into the sidebar and return what they say."""
    restore_from_url()
    record_filter = _current()
    counts = _counts(workspace, str(workspace.home), browse_records.data_version(workspace), record_filter)
    datasets = browse_records.dataset_names(workspace)
    with st.sidebar:
        st.text_input(
            "Find by id", key=_TEXT, placeholder="Image, lesion or patient id", on_change=first_page, max_chars=200
        )
        for facet in FACETS:
            _facet(facet, counts[facet], datasets)
            if facet == "quality":
                st.selectbox(
                    "Quality shown",
                    list(QualitySource),
                    key=_SOURCE,
                    format_func=lambda source: QualitySource(source).label,
                    on_change=first_page,
                    help="The human score is given by an examiner. The estimate is measured from sharpness, "
                    "exposure and glare; tiles mark it as estimated.",
                )
            if facet == "sex":
                st.slider("Age at examination", *AGE_RANGE, key=_AGE, on_change=first_page, format="%d y")
        st.button("Clear all filters", key="records.clear", on_click=_clear, width="stretch", icon=":material/close:")
    return record_filter


def _facet(facet: str, counts: dict[str, int], datasets: Mapping[str, str]) -> None:
    key = keys.filter_widget(facet)
    ordered = sorted(counts, key=lambda option: (option == UNKNOWN, _order(facet, option, counts)))
    # A chosen option that no record has any more stays visible, so that it can be taken away again.
    options = ordered + [option for option in st.session_state[key] if option not in counts]
    st.multiselect(
        _TITLES[facet],
        options,
        key=key,
        format_func=lambda option: f"{option_title(facet, option, datasets)} ({counts.get(option, 0):,})",
        on_change=first_page,
        placeholder="Any",
    )


def _order(facet: str, option: str, counts: dict[str, int]) -> tuple[int, str]:
    by_name = facet in ("verification_stage", "quality", "completeness")
    return (0 if by_name else -counts[option], option)
