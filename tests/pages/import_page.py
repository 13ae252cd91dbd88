"""What tests of the import page do on it: files given, tables read, edits that AppTest cannot make itself."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from tests.unit.dataset.image_factories import make_jpeg, make_zip

PAGE = "pages/dataset/import_images.py"


def texts(app: AppTest) -> str:
    """All that the page says in words."""
    kinds = (app.markdown, app.success, app.info, app.warning, app.error, app.title)
    said = "\n".join(element.value for elements in kinds for element in elements)
    return said.replace("\u202f", " ").replace("\xa0", " ")


def table_with(app: AppTest, head: str) -> pd.DataFrame:
    """The first table of the page that has this column."""
    return next(shown.value for shown in app.dataframe if head in shown.value.columns)


def give(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """Upload files and have them looked at."""
    page.file_uploader(key="import.files").set_value([(name, data, "") for name, data in files])
    page.button(key="import.look").click().run()
    assert not page.exception
    return page


def pictures(tmp_path: Path, *names: str) -> tuple[str, bytes]:
    """A zip file with images of these names, each another picture."""
    archive = make_zip(tmp_path / "pictures.zip", {f"{n}.jpg": make_jpeg(seed=i) for i, n in enumerate(names)})
    return "pictures.zip", archive.read_bytes()


def edits_of_tables(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    """What somebody changes in the tables of the editor, by column or word; ``unit`` by column."""
    wanted: dict[str, dict[str, str]] = {"column": {}, "word": {}, "unit": {}}

    def edited(frame: pd.DataFrame, **_: Any) -> pd.DataFrame:
        named, target = ("column", "to") if "column" in frame else ("word", "means")
        new = [wanted[named].get(name, there) for name, there in zip(frame[named], frame[target], strict=True)]
        frame = frame.assign(**{target: new})
        if "unit" in frame:
            units = zip(frame[named], frame["unit"], strict=True)
            frame = frame.assign(unit=[wanted["unit"].get(name, there) for name, there in units])
        return frame

    monkeypatch.setattr(st, "data_editor", edited)
    return wanted
