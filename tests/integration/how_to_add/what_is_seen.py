"""Run over a copy of the package with toys: imports, exports, opens pages, and prints what it saw as JSON."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest
from tests.goldens.inputs import write_inputs
from tests.pages.open_page import to_page
from tests.unit.dataset.image_factories import make_jpeg
from typer.testing import CliRunner

import dermdash
from dermdash.analyses.registry import plannable_names
from dermdash.analysis.subgroups import SUBGROUP_COLUMNS
from dermdash.cli import app as command_line
from dermdash.dataset.synthetic.demo_records import generate_demo_records
from dermdash.dataset.truth_csv import read_truth
from dermdash.reader_study.assistance import advice_correct, advice_dx, build_assistance, shown_form
from dermdash.reader_study.reading_columns import READING_COLUMNS
from dermdash.reader_study.templates import template_nature_medicine_2020
from dermdash.readings.formats.names import modality_name
from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import DEFAULT_TAXONOMY, get_taxonomy

TABLE = "image_id,dx,dx_type,lesion_id,pruritus,objective\nA,mel,histo,M1,severe,x50\nB,nv,,N1,none,\nC,nv,,N2,,\n"
FOLDER = Path.cwd()


def command(*arguments: str) -> str:
    done = CliRunner().invoke(command_line, list(arguments))
    assert done.exit_code == 0, (arguments, done.output, done.exception)
    return done.output


def exported(*where: str) -> list[dict[str, str]]:
    out = FOLDER / "records.csv"
    command("records", "export", "--out", str(out), *[word for text in where for word in ("--where", text)])
    return list(csv.DictReader(io.StringIO(out.read_text())))


def page(script: str, **query: str) -> AppTest:
    from dermdash.ui import keys
    from dermdash.ui.open_workspace import current_workspace
    from dermdash.workflows.accounts.access import issue_admin_link
    from dermdash.workflows.accounts.sign_in import sign_in_by_link

    workspace = current_workspace()
    app = AppTest.from_file(str(FOLDER / "app.py"), default_timeout=60)
    begun = sign_in_by_link(workspace, re.split("[/=]", issue_admin_link(workspace))[-1])
    app.session_state[keys.SESSION_TOKEN] = begun.session if begun else ""
    for name, value in query.items():
        app.query_params[name] = value
    to_page(app, script)
    app.run()
    assert not app.exception, app.exception
    return app


def sent_to(block: Any) -> str:
    """Everything that the browser got of one part of the page."""
    return "\n".join(str(element.proto) for element in block if getattr(element, "proto", None) is not None)


def seen() -> dict[str, Any]:
    assert dermdash.__file__.startswith(str(FOLDER)), dermdash.__file__
    images = FOLDER / "images"
    images.mkdir()
    for i, name in enumerate("ABC"):
        (images / f"{name}.jpg").write_bytes(make_jpeg(seed=i, width=48, height=36))
    (FOLDER / "table.csv").write_text(TABLE)
    found: dict[str, Any] = {}
    found["import"] = command("import", "csv", "--metadata", "table.csv", "--images", str(images))
    (FOLDER / "album.csv").write_text("pic,what\nA,Melanoma\nB,Nevus\n")
    found["album"] = command("import", "album", "--metadata", "album.csv", "--images", str(images), "--json")
    found["header"] = list(exported()[0])
    found["itch"] = {r["image_id"]: r["itch"] for r in exported("dataset_id=dataset")}
    found["severe"] = [r["image_id"] for r in exported("itch=severe")]
    found["lens"] = {r["image_id"]: r["lens"] for r in exported("dataset_id=dataset")}
    found["x50"] = [r["image_id"] for r in exported("lens=x50")]
    found["lesion"] = [r["image_id"] for r in exported("lesion=N1", "lesion=N2")]
    found["album_dx"] = [r["dx"] for r in exported("dataset_id=album")]
    command("records", "dictionary", "--out", "dictionary.csv")
    dictionary = csv.DictReader(io.StringIO(Path("dictionary.csv").read_text()))
    found["dictionary"] = [row for row in dictionary if row["column"] in ("itch", "lens")]
    found["subgroup"] = SUBGROUP_COLUMNS.get("itch")
    truth = read_truth(b"image,dx,pruritus\nx,nv,Mild\n", taxonomy=get_taxonomy(DEFAULT_TAXONOMY))
    found["truth"] = truth.frame["itch"].tolist()
    demo = [r for lesion in generate_demo_records(seed=1, patients=20, lesions=30, images=40) for r in lesion.records]
    found["demo_lens"] = {r.details["lens"] for r in demo} != {None}
    found["demo"] = sorted(
        {str(r.values["itch"]) for lesion in generate_demo_records(seed=1, patients=20, lesions=30, images=40)
         for r in lesion.records}
    )  # fmt: skip
    (FOLDER / "diary.csv").write_text("who,saw,said\nr1,c1,nv\nr2,c1,mel\n")
    found["diary"] = json.loads(command("import", "readings", "diary.csv", "--dry-run", "--json").splitlines()[-1])
    found["modality"] = _modality()
    found["statistic"] = _statistic()
    found["pages"] = _pages()
    return found


def _statistic() -> dict[str, Any]:
    write_inputs(FOLDER)
    command("import", "readings", "study.csv", "--name", "Logged")
    report = json.loads(command("analyse", "report", "study.csv", "--only", "sureness", "--json").splitlines()[-1])
    return {
        "json": json.loads(command("analyse", "sureness", "study.csv", "--least", "2", "--json")),
        "printed": command("analyse", "sureness", "Logged"),
        "planned": plannable_names().get("sureness"),
        "report": [s["key"] for s in report["sections"]],
    }


def _modality() -> dict[str, Any]:
    modality = Modality("top_class")
    taxonomy = get_taxonomy(DEFAULT_TAXONOMY)
    shares = {code: 0.7 if code == "mel" else 0.05 for code in taxonomy.codes}
    protocol = template_nature_medicine_2020(
        name="S", dataset_id="d", model_id="m", taxonomy=taxonomy.name, seed=1, modalities=(modality,)
    )
    stored = build_assistance(taxonomy=taxonomy, probabilities=shares, modalities=protocol.modalities)[modality]
    from dermdash.charts.palette import MODALITY_COLORS

    return {
        "stored": stored,
        "shown": shown_form(stored | {"record_id": "SECRET"}),
        "advice": [advice_dx(stored), advice_correct(stored, truth_dx="mel", taxonomy=taxonomy)],
        "label": modality.label,
        "color": MODALITY_COLORS[modality],
        "spelling": modality_name("Best guess"),
        "dictionary": next(c.values for c in READING_COLUMNS if c.name == "modality"),
    }


def _draft(section: str) -> AppTest:
    """A section of the page of a new study, with a draft of the data set."""
    from dermdash.ui.open_workspace import current_workspace
    from dermdash.workflows.accounts.access import OPERATOR
    from dermdash.workflows.reader_study import study_drafts

    workspace = current_workspace()
    entries = study_drafts.from_template(workspace, "nature-medicine-2020", dataset_id="dataset")
    draft_id = study_drafts.begin_draft(workspace, OPERATOR, entries)
    return page("pages/reader_study/new_study.py", draft=draft_id, section=section)


def _pages() -> dict[str, Any]:
    filtered = page("pages/dataset/records.py", itch="severe", view="table")
    return {
        "facets": sent_to(filtered.sidebar),
        "table": filtered.dataframe[0].value.astype(str).to_dict("list"),
        "words": sent_to(filtered.main),
        "record": sent_to(page("pages/dataset/record.py", id="dataset:A").main),
        "formats": list(page("pages/dataset/import_images.py", way="apart").selectbox(key="import.format").options),
        "logs": sent_to(page("pages/analysis/reading_logs.py").main),
        "statistic": sent_to(page("sureness").main),
        "study": str([b.options for b in _draft("assistance").button_group]),
    }


if __name__ == "__main__":
    print(json.dumps(seen()))
