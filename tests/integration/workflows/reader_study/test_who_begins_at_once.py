"""Readers who begin in the same moment: arms are drawn one after the other, within a process and between processes."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from tests.conftest import OpenFilled
from tests.filled_workspace import MODEL, PROFILE, fill_judged, invite, make_protocol

from dermdash.reader_study.templates import STUDY_TEMPLATES
from dermdash.storage import studies
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.reader_study import create_study, join_study

AT_ONCE = 3
_PATIENCE_S = 1.0


def parallel_arms(workspace: Workspace, *, strata: tuple[str, ...]) -> str:
    design = STUDY_TEMPLATES["parallel-arms"].values["design"].model_dump() | {"strata": strata}
    return create_study.create_study(workspace, make_protocol(model_id=MODEL, design=design))


def all_at_once(acts: Sequence[Callable[[], Any]]) -> None:
    with ThreadPoolExecutor(len(acts)) as pool:
        for begun in [pool.submit(act) for act in acts]:
            begun.result(60)


@pytest.fixture
def drawn_together(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on nobody's draw is stored before the draws of all are made, if only they can be made so."""
    real = join_study.assign_cases

    def begin() -> None:
        barrier = Barrier(AT_ONCE)

        def slowly(*args: Any, **kwargs: Any) -> Any:
            drawn = real(*args, **kwargs)
            with suppress(BrokenBarrierError):
                barrier.wait(_PATIENCE_S)
            return drawn

        monkeypatch.setattr(join_study, "assign_cases", slowly)

    return begin


def arms(workspace: Workspace, study_id: str) -> Counter[str]:
    found = studies.arms_of_readers(workspace.engine, study_id)
    # How many came before is counted together with them, too.
    assert sorted(found["serial"]) == list(range(len(found)))
    return Counter(found["arm"])


@pytest.mark.parametrize("strata", [(), ("profession",)])
@pytest.mark.parametrize("processes", [1, 2])
def test_three_who_begin_at_once_are_not_all_given_the_arm_that_was_behind(
    open_filled: OpenFilled, drawn_together: Callable[[], None], strata: tuple[str, ...], processes: int
) -> None:
    workspace, _ = open_filled(fill_judged)
    if processes > 1 and workspace.engine.dialect.name == "duckdb":
        pytest.skip("one process has a DuckDB file")
    # A second engine shares no lock of Python with the first: to the database it is another process.
    opened = [workspace] + [open_workspace(workspace.settings) for _ in range(processes - 1)]
    study_id = parallel_arms(workspace, strata=strata)
    first, *others = (
        join_study.open_invitation(workspace, token)
        for token in invite(workspace, study_id, *(f"R{n}" for n in range(1 + AT_ONCE)))
    )
    join_study.save_profile(workspace, join_study.start_reader(workspace, first), PROFILE)
    assert arms(workspace, study_id).total() == 1
    places = [(opened[n % processes], invited) for n, invited in enumerate(others)]
    if strata:
        consented = [(where, join_study.start_reader(where, invited)) for where, invited in places]
        drawn_together()
        all_at_once([lambda w=w, r=r: join_study.save_profile(w, r, PROFILE) for w, r in consented])  # type: ignore[misc]
    else:
        drawn_together()
        all_at_once([lambda w=w, i=i: join_study.start_reader(w, i) for w, i in places])  # type: ignore[misc]
    assert arms(workspace, study_id) == {"without": 2, "with": 2}
    for other in opened[1:]:
        other.close()


def test_a_reader_in_two_tabs_gets_one_arm(open_filled: OpenFilled, drawn_together: Callable[[], None]) -> None:
    workspace, _ = open_filled(fill_judged)
    study_id = parallel_arms(workspace, strata=())
    (invited,) = (join_study.open_invitation(workspace, token) for token in invite(workspace, study_id, "R"))
    drawn_together()
    found: list[str] = []
    all_at_once([lambda: found.append(join_study.start_reader(workspace, invited)) for _ in range(AT_ONCE)])
    assert len(set(found)) == 1
    assert arms(workspace, study_id).total() == 1
