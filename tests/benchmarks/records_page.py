"""How long an interaction with the records page takes on the server, by number of records.

Twice: the storage calls alone, and the whole script through app.py with the admin signed in, as a click causes it
(Streamlit's AppTest: everything but the network and the browser). No interaction repeats an earlier one, so no
cache has its answer already.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial

import streamlit as st
from streamlit.testing.v1 import AppTest

from dermdash.records.record_filter import RecordFilter
from dermdash.records.taxonomy import HAM7
from dermdash.storage import records
from dermdash.storage.option_counts import option_counts
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.open_workspace import current_workspace
from tests.benchmarks.figures import Figure, percentiles
from tests.benchmarks.samples import REPOSITORY, add_images, add_records
from tests.signed_in import admin_session

NAME = "records_page"
_IMAGES = 300
_PAGE = "pages/dataset/records.py"


def measure(*, quick: bool) -> list[Figure]:
    """Storage calls and whole page at 6k, 100k and 1M records (quick: 6k and 50k)."""
    figures: list[Figure] = []
    for count in (6_000, 50_000) if quick else (6_000, 100_000, 1_000_000):
        figures += _measure_size(count, repeats=5 if quick else 12)
    return figures


def _measure_size(count: int, *, repeats: int) -> list[Figure]:
    size = f"{count // 1_000_000}M" if count >= 1_000_000 else f"{count // 1000}k"
    with tempfile.TemporaryDirectory(prefix="dermdash-bench-") as folder:
        os.environ["DERMDASH_HOME"] = folder
        os.environ.pop("DERMDASH_DATABASE_URL", None)
        os.chdir(REPOSITORY)
        st.cache_resource.clear()
        st.cache_data.clear()
        workspace = current_workspace()
        try:
            started = time.perf_counter()
            add_records(workspace, count=count, images=add_images(workspace, count=_IMAGES))
            filled = Figure(NAME, f"{size}: filling the database", time.perf_counter() - started, "s")
            return [filled, *_storage_calls(workspace, size, repeats), *_whole_page(workspace, size, repeats)]
        finally:
            workspace.close()
            st.cache_resource.clear()
            del os.environ["DERMDASH_HOME"]


def _filters(repeats: int) -> list[RecordFilter]:
    sets = [
        RecordFilter(),
        RecordFilter(dx=("mel",)),
        RecordFilter(dx=("nv",), sex=("male",)),
        RecordFilter(dx=("mel", "bcc", "akiec"), age_min=40, age_max=80, quality=("3", "4", "5"), sex=("female",)),
        RecordFilter(text="0123"),
        RecordFilter(verification_stage=("3",), anatomical_site=("face", "scalp"), completeness=("75-99 %",)),
    ]
    return [sets[i % len(sets)] for i in range(repeats)]


def _storage_calls(workspace: Workspace, size: str, repeats: int) -> list[Figure]:
    engine = workspace.engine
    calls: dict[str, Callable[[RecordFilter], object]] = {
        "count": lambda f: records.count_records(engine, f),
        "page of 60": lambda f: records.page_of_records(engine, f),
        "page of 60 by age": lambda f: records.page_of_records(engine, f, sort="age_at_exam", descending=True),
        "page of 60 at the end": lambda f: records.page_of_records(
            engine, f, offset=max(0, records.count_records(engine, f) - 60)
        ),
        "option counts": lambda f: option_counts(engine, f),
    }
    figures: list[Figure] = []
    for name, call in calls.items():
        call(RecordFilter(dx=("vasc",)))  # the first call reads the file and compiles the statement
        durations = [_milliseconds(partial(call, record_filter)) for record_filter in _filters(repeats)]
        figures += percentiles(NAME, f"{size}: storage, {name}", durations)
    return figures


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _whole_page(workspace: Workspace, size: str, repeats: int) -> list[Figure]:
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=120)
    app.session_state[keys.SESSION_TOKEN] = admin_session(workspace)
    app.run()
    app.switch_page(_PAGE)
    figures = [Figure(NAME, f"{size}: page, first opening", _milliseconds(app.run), "ms")]
    for name, interactions in (
        ("filter change", _filter_changes(app)),
        ("page turn", _page_turns(app)),
        ("sort", _sorts(app)),
        ("text search", _searches(app)),
    ):
        durations = []
        for _, prepare in zip(range(repeats), interactions, strict=False):
            prepare()
            durations.append(_milliseconds(app.run))
            assert not app.exception, app.exception
        figures += percentiles(NAME, f"{size}: page, {name}", durations)
    return figures


def _filter_changes(app: AppTest) -> Iterator[Callable[[], object]]:
    for first in HAM7.codes:
        for more in ((), ("nv",)):
            chosen = [*dict.fromkeys((first, *more))]
            yield lambda chosen=chosen: app.query_params.__setitem__("dx", chosen)


def _page_turns(app: AppTest) -> Iterator[Callable[[], object]]:
    app.button(key="records.clear").click().run()
    for page in range(2, 100):
        # AppTest has no pager to click; its callback does exactly this.
        yield lambda page=page: app.session_state.__setitem__(keys.RECORDS_PAGE, page)


def _sorts(app: AppTest) -> Iterator[Callable[[], object]]:
    columns = ("age_at_exam", "dx", "quality", "completeness", "lesion_id", "verification_stage")
    while True:
        for column in columns:
            yield lambda column=column: app.selectbox(key=keys.RECORDS_SORT).set_value(column)


def _searches(app: AppTest) -> Iterator[Callable[[], object]]:
    for number in range(10, 100):
        text = f"00{number}"
        yield lambda text=text: app.text_input(key=keys.filter_widget("text")).set_value(text)
