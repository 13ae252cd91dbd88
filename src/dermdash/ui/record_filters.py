"""The filter column of the records page: options with live counts, state in the address."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dermdash.errors import AccessDenied
from dermdash.records.chosen_records import filter_in_words
from dermdash.records.fields import Kind
from dermdash.records.record_filter import (
    FACETS,
    PARAMETERS,
    RANGES,
    SORT_KEYS,
    UNKNOWN,
    FilterSpec,
    QualitySource,
    RecordFilter,
)
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, address, keys
from dermdash.ui.completeness_view import completeness_now
from dermdash.ui.facets import Facet, Option, Selection, facet_lists
from dermdash.ui.messages import as_text
from dermdash.wording import counted
from dermdash.workflows.accounts.rights import SEES_LABELS
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.record_sets import find_record_set

STILL_OPEN = (
    "This record is not open to you: it is not settled, or may yet be asked of you, and what others said of it could "
    "sway you. Records with a consensus or histology of here are open to reviewers who have no work on their "
    "lesion."
)
GALLERY, TABLE = "gallery", "table"
DESCENDING = "descending"
DEFAULT_SORT = "image_id"
_VIEW_PARAMETERS = ("sort", "order", "view", "page")
TICKED = "ticked"
"""Parameter: ids of the records whose rows are ticked in the table."""
_TEXT = keys.filter_widget("text")
_SOURCE = keys.filter_widget("quality_source")
_SET = keys.filter_widget("record_set")
_DATASET = "dataset_id"
_MOST_OPTIONS = 200
"""Listed of one filter: a source may have a label of its own for every record. An address takes any."""


@st.cache_data(ttl=3600, max_entries=300, show_spinner=False)
def _counts(_workspace: Workspace, home: str, version: str, record_filter: RecordFilter) -> dict[str, dict[str, int]]:
    return browse_records.option_counts(_workspace, record_filter)


def option_title(spec: FilterSpec, option: str, dataset_names: Mapping[str, str]) -> str:
    """An option in words; data sets by name."""
    return dataset_names.get(option, option) if spec.name == _DATASET else spec.option_in_words(option)


def unit_format(unit: str) -> str:
    """How a widget or a table writes a number with its unit."""
    return "%g y" if unit == "years" else f"%g {unit}".strip()


def _ends(spec: FilterSpec) -> tuple[float, float]:
    return (int(spec.minimum), int(spec.maximum)) if spec.kind is Kind.INTEGER else (spec.minimum, spec.maximum)


def _range(spec: FilterSpec, record_filter: RecordFilter) -> tuple[float, float]:
    """Both numbers of a range, those of its ends where it is open."""
    low, high = record_filter.bound(spec.low), record_filter.bound(spec.high)
    ends = _ends(spec)
    return (ends[0] if low is None else low, ends[1] if high is None else high)


def restore_from_address(*, only_by_link: bool = False) -> None:
    """Fill the widgets from the address when it decides: the page was opened, by a link or by going back and forward.

    A page opened without parameters shows what this session saw last: the way back from a record. ``only_by_link``: not
    where the browser went back, as the address of a page with other choices is whole without a filter, too.
    """
    if not address.decides(keys.RECORDS_QUERY):
        if address.read_again():
            _tell_again()
        return
    query = {name: address.asked(name) for name in (*PARAMETERS, *_VIEW_PARAMETERS) if name in st.query_params}
    if not query and (address.came_by_link() if only_by_link else address.opened()):
        query = st.session_state.get(keys.RECORDS_QUERY, {})
    record_filter = RecordFilter.from_query(query)
    for facet in FACETS:
        st.session_state[keys.filter_choice(facet)] = record_filter.chosen(facet)
    for spec in RANGES.values():
        _fill(spec, record_filter)
    st.session_state[_TEXT] = record_filter.text
    st.session_state[_SOURCE] = record_filter.quality_source
    st.session_state[_SET] = record_filter.record_set
    sort, order, view, page = (query.get(name, [""])[0] for name in _VIEW_PARAMETERS)
    st.session_state[keys.RECORDS_SORT] = sort if sort in SORT_KEYS else DEFAULT_SORT
    st.session_state[keys.RECORDS_DESCENDING] = order == DESCENDING
    st.session_state[keys.RECORDS_VIEW] = TABLE if view == TABLE else GALLERY
    turn_to_page(int(page) if page.isdecimal() and len(page) < 8 else 1)


def _tell_again() -> None:
    """Keep what the widgets say where a click broke off the run that filled them: the browser may not know it yet."""
    ranges = [name for spec in RANGES.values() for name in ((spec.name,) if _is_slider(spec) else spec.parameters)]
    filled = [keys.filter_widget(name) for name in ranges] + [_TEXT, _SOURCE, _SET]
    for key in (*filled, keys.RECORDS_SORT, keys.RECORDS_DESCENDING, keys.RECORDS_VIEW):
        st.session_state[key] = st.session_state[key]


def write_to_address(record_filter: RecordFilter, *, page: int) -> None:
    """Put what the page shows into the address; defaults are left out, so an unfiltered page has a clean one."""
    query = query_of(
        record_filter, st.session_state[keys.RECORDS_SORT], descending=st.session_state[keys.RECORDS_DESCENDING]
    )
    if st.session_state[keys.RECORDS_VIEW] == TABLE:
        query["view"] = [TABLE]
        query[TICKED] = address.asked(TICKED)  # until the table has been drawn
    if page > 1:
        query["page"] = [str(page)]
    st.session_state[keys.RECORDS_QUERY] = {name: values for name, values in query.items() if name != TICKED}
    address.put_all(query)


def keep_in_address(record_filter: RecordFilter) -> None:
    """Put the filter alone into the address of a page that has choices of its own, for the Records page, too."""
    query = record_filter.to_query()
    for name in PARAMETERS:
        address.put(name, query.get(name, ()))
    seen: dict[str, list[str]] = st.session_state.get(keys.RECORDS_QUERY, {})
    how = {name: values for name, values in seen.items() if name in _VIEW_PARAMETERS and name != "page"}
    st.session_state[keys.RECORDS_QUERY] = query | how


def filter_of_address() -> tuple[RecordFilter, str, bool]:
    """The filter, what it is sorted by and whether descending, as the address of a page beside the Records page says.

    What is hidden from who is signed in is hidden here, too. All of it stays in the address.
    """
    query = {name: address.asked(name) for name in PARAMETERS}
    asked = RecordFilter.from_query(query)
    hidden = _hidden()
    values: dict[str, Any] = {facet: asked.chosen(facet) for facet in _open_facets()}
    values |= {p: n for spec in RANGES.values() for p in spec.parameters if (n := asked.bound(p)) is not None}
    record_filter = RecordFilter(
        **values,
        text=asked.text,
        quality_source=asked.quality_source,
        record_set=asked.record_set,
        **hidden,
    )
    sort = next(iter(address.asked("sort")), "")
    sort = sort if sort in SORT_KEYS else DEFAULT_SORT
    descending = address.asked("order") == [DESCENDING]
    kept = record_filter.to_query()
    for name in PARAMETERS:
        address.put(name, kept.get(name, ()))
    address.put("sort", [] if sort == DEFAULT_SORT else [sort])
    address.put("order", [DESCENDING] if descending else [])
    return record_filter, sort, descending


def query_of(record_filter: RecordFilter, sort: str, *, descending: bool) -> dict[str, list[str]]:
    """Parameters of a link to a page that shows these records in this order."""
    query = record_filter.to_query()
    if sort != DEFAULT_SORT:
        query["sort"] = [sort]
    if descending:
        query["order"] = [DESCENDING]
    return query


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
    for spec in RANGES.values():
        _fill(spec, RecordFilter())
    st.session_state[_TEXT] = ""
    st.session_state[_SET] = ""
    _choose(dict.fromkeys(FACETS, ()))


def _current() -> RecordFilter:
    bounds: dict[str, Any] = {}
    for spec in RANGES.values():
        bounds |= {p: n for p, n in zip(spec.parameters, _entered(spec), strict=True) if n is not None}
    return RecordFilter(
        **{facet: st.session_state[keys.filter_choice(facet)] for facet in _open_facets()},
        **bounds,
        text=st.session_state[_TEXT].strip(),
        quality_source=QualitySource(st.session_state[_SOURCE]),
        record_set=st.session_state[_SET],
        **_hidden(),
    )


def sees_all_of(workspace: Workspace, record_id: str) -> bool:
    """Whether who is signed in may see all that is known of a record; False: the record itself and nothing beside it.

    Raises
    ------
    AccessDenied
        It is not open to them: they may yet be asked about it.
    """
    hidden = _hidden()
    if hidden and not browse_records.lets_through(workspace, RecordFilter(rejected_too=True, **hidden), record_id):
        raise AccessDenied(STILL_OPEN)
    return not hidden


def _open_facets() -> dict[str, FilterSpec]:
    """The facets for who is signed in: what models say stays hidden from who reviews."""
    hidden = bool(_hidden())
    return {name: spec for name, spec in FACETS.items() if not (hidden and spec.of_models)}


def _hidden() -> dict[str, Any]:
    account = access.current_account()
    if account is not None and account.has(*SEES_LABELS):
        return {}
    return {"settled": True, "unseen_by": "" if account is None else account.id}


def record_filters(workspace: Workspace, *, only_by_link: bool = False) -> RecordFilter:
    """Draw the filters into the sidebar and return what they say; ``only_by_link`` as in `restore_from_address`."""
    record_filter, draw_facets = filters_before_counts(workspace, only_by_link=only_by_link)
    draw_facets()
    return record_filter


def filters_before_counts(
    workspace: Workspace, *, only_by_link: bool = False
) -> tuple[RecordFilter, Callable[[], None]]:
    """As `record_filters`, with what draws the options and their counts into their place.

    To count a million records for every option takes longer than to read a page of them: that can be shown before.
    """
    restore_from_address(only_by_link=only_by_link)
    record_filter = _current()
    with st.sidebar:
        st.text_input(
            "Find by id", key=_TEXT, placeholder="Image, lesion or patient id", on_change=first_page, max_chars=200
        )
        _say_set(workspace, record_filter.record_set)
        for spec in RANGES.values():
            if _is_slider(spec):
                st.slider(
                    spec.title,
                    *_ends(spec),
                    key=keys.filter_widget(spec.name),
                    on_change=first_page,
                    format=unit_format(spec.unit),
                )
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
        place = st.container()
        for spec in RANGES.values():
            if not _is_slider(spec):
                _draw_ends(workspace, spec, record_filter)

    def draw_facets() -> None:
        facets, chosen = _facets(workspace, record_filter), {facet: record_filter.chosen(facet) for facet in FACETS}
        with place:
            facet_lists(facets, chosen, key=keys.RECORDS_FACETS, on_change=_choose)

    return record_filter, draw_facets


def _say_set(workspace: Workspace, set_id: str) -> None:
    """Which records chosen one by one are meant, and the way back to all."""
    if not set_id:
        return
    known = find_record_set(workspace, set_id)
    if known is None:
        st.warning(f"This workspace has no set of records {as_text(set_id)}.", icon=":material/warning:")
    else:
        st.caption(f"Only {counted(known['records'], 'record')} {as_text(known['how'])}.")
    st.button(
        "All records again", key="records.set.clear", on_click=_without_set, icon=":material/close:", width="stretch"
    )


def _without_set() -> None:
    st.session_state[_SET] = ""
    first_page()


def _is_slider(spec: FilterSpec) -> bool:
    """Whole numbers are a slider; what is measured has no two ends that a slider could stand for."""
    return spec.kind is Kind.INTEGER


def _draw_ends(workspace: Workspace, spec: FilterSpec, record_filter: RecordFilter) -> None:
    """Two boxes for a range, where a record holds anything of it, or the filter does."""
    asked = any(record_filter.bound(p) is not None for p in spec.parameters)
    if spec.optional and not asked and not _is_said(workspace, spec):
        return
    unit = f" ({spec.unit})" if spec.unit else ""
    for place, parameter, words in zip(st.columns(2), spec.parameters, ("from", "to"), strict=True):
        place.number_input(
            f"{spec.title} {words}{unit}",
            min_value=float(spec.minimum),
            max_value=float(spec.maximum),
            step=0.1,
            format="%g",
            key=keys.filter_widget(parameter),
            on_change=first_page,
            placeholder="any",
        )


def _is_said(workspace: Workspace, spec: FilterSpec) -> bool:
    return any(
        detail.filled for detail in completeness_now(workspace).together.details if detail.field.name == spec.column
    )


def _fill(spec: FilterSpec, record_filter: RecordFilter) -> None:
    """Put a range of the filter into its widgets."""
    if _is_slider(spec):
        st.session_state[keys.filter_widget(spec.name)] = _range(spec, record_filter)
        return
    for parameter in spec.parameters:
        bound = record_filter.bound(parameter)
        st.session_state[keys.filter_widget(parameter)] = None if bound is None else float(bound)


def _entered(spec: FilterSpec) -> tuple[float | None, ...]:
    """Lowest and highest number that the widgets of a range say, None for an open end."""
    if _is_slider(spec):
        chosen = st.session_state[keys.filter_widget(spec.name)]
        return tuple(None if n == end else n for n, end in zip(chosen, _ends(spec), strict=True))
    # A widget that is not drawn any more says nothing.
    return tuple(st.session_state.get(keys.filter_widget(parameter)) for parameter in spec.parameters)


def _facets(workspace: Workspace, record_filter: RecordFilter) -> list[Facet]:
    """Every facet with the options that any record has, each with how many it would show now."""
    version = browse_records.flags_version(workspace, account_id=record_filter.unseen_by)
    now = _counts(workspace, str(workspace.home), version, record_filter)
    # The order of the whole workspace: an option must not jump away from under the pointer at every click.
    everything = RecordFilter(
        quality_source=record_filter.quality_source, settled=record_filter.settled, unseen_by=record_filter.unseen_by
    )
    every = _counts(workspace, str(workspace.home), version, everything)
    names = browse_records.dataset_names(workspace)
    facets = []
    for facet, spec in _open_facets().items():
        if spec.optional and not record_filter.chosen(facet) and set(every[facet]) <= {UNKNOWN}:
            continue
        ordered = _in_order(spec, every[facet])
        left_out = len(ordered) - _MOST_OPTIONS
        title = spec.title
        if left_out > 0:
            ordered = ordered[:_MOST_OPTIONS]
            title = f"{title}: the {_MOST_OPTIONS} of most records, {left_out:,} not listed"
        # A chosen option that no record has, as out of an old link, stays visible, so that it can be taken away.
        ordered += [option for option in record_filter.chosen(facet) if option not in ordered]
        options = tuple(Option(o, option_title(spec, o, names), now[facet].get(o, 0)) for o in ordered)
        facets.append(Facet(facet, title, options))
    return facets


def options_there_are(workspace: Workspace, facets: Sequence[str]) -> dict[str, list[str]]:
    """For each of these facets the options that any record has, unknown last."""
    counts = _counts(workspace, str(workspace.home), browse_records.flags_version(workspace), RecordFilter())
    return {facet: _in_order(FACETS[facet], counts[facet]) for facet in facets}


def _in_order(spec: FilterSpec, counts: Mapping[str, int]) -> list[str]:
    """The options that any record has, unknown last."""

    def place(option: str) -> tuple[bool, int, str]:
        if spec.bands is not None and option in spec.bands:
            return False, list(spec.bands).index(option), option
        return option == UNKNOWN, -counts[option] if spec.by_count else 0, option

    return sorted(counts, key=place)


def filter_words(workspace: Workspace, record_filter: RecordFilter) -> str:
    """What the filter lets through, in words as Markdown; empty where it lets everything through."""
    return filter_in_words(record_filter, browse_records.dataset_names(workspace), escaped=as_text)
