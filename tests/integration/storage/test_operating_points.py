from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dermdash.errors import InvalidInput, NotFound
from dermdash.storage import operating_points
from dermdash.storage.workspace import Workspace


def make_point(point_id: str = "op1", **changes: Any) -> dict[str, Any]:
    return {
        "id": point_id, "name": "Screening", "model_id": "m1", "dataset_id": "ham", "taxonomy": "ham7",
        "rule": "youden", "target": None, "thresholds": {"mel": 0.25, "df": None, "malignancy": 0.4},
        "figures": {"n": 10}, "created_by": "admin",
    } | changes  # fmt: skip


def names(workspace: Workspace, **options: Any) -> list[str]:
    return [row["id"] for row in operating_points.list_operating_points(workspace.engine, **options)]


def test_a_point_is_read_back_as_it_was_saved(workspace: Workspace) -> None:
    operating_points.save_operating_point(workspace.engine, values=make_point(target=0.95))
    for key in ("op1", "Screening"):
        row = operating_points.find_operating_point(workspace.engine, key)
        assert row["thresholds"] == {"mel": 0.25, "df": None, "malignancy": 0.4}
        assert (row["target"], row["generation"], row["withdrawn_at"]) == (0.95, 1, None)
        assert row["created_at"].tzinfo is not None


def test_a_name_in_use_is_refused_and_free_again_after_withdrawal(workspace: Workspace) -> None:
    operating_points.save_operating_point(workspace.engine, values=make_point())
    with pytest.raises(InvalidInput, match="already"):
        operating_points.save_operating_point(workspace.engine, values=make_point("op2"))
    operating_points.withdraw_operating_point(workspace.engine, "op1", withdrawn_by="admin")
    operating_points.withdraw_operating_point(workspace.engine, "op1", withdrawn_by="somebody else")
    with pytest.raises(NotFound, match="Screening"):
        operating_points.find_operating_point(workspace.engine, "Screening")
    operating_points.save_operating_point(workspace.engine, values=make_point("op2"))
    assert operating_points.find_operating_point(workspace.engine, "Screening")["generation"] == 2
    assert names(workspace) == ["op2"]
    assert sorted(names(workspace, withdrawn=True)) == ["op1", "op2"]
    assert operating_points.find_operating_point(workspace.engine, "op1")["withdrawn_by"] == "admin"


def test_points_are_listed_by_model(workspace: Workspace) -> None:
    operating_points.save_operating_point(workspace.engine, values=make_point())
    operating_points.save_operating_point(workspace.engine, values=make_point("op2", name="Other", model_id="m2"))
    assert names(workspace, model_id="m2") == ["op2"]
    assert names(workspace, model_id="m3") == []


def test_of_many_that_save_one_name_at_once_exactly_one_succeeds(workspace: Workspace) -> None:
    def save(i: int) -> bool:
        try:
            operating_points.save_operating_point(workspace.engine, values=make_point(f"op{i}"))
        except InvalidInput:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(save, range(6))) == 1
    assert len(names(workspace, withdrawn=True)) == 1
