"""A copy of the package with toys added exactly as docs/how-to-add.md says: what is not said there is not done here."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[3]
_LARGE = 1_000_000

FIELD = """    FieldSpec(
        name="itch", title="Itching", block=Block.ANAMNESTIC, kind=Kind.TEXT, choices=("none", "mild", "severe"),
        meaning="How much the lesion itches", aliases=("pruritus",), filter=Filter.OPTIONS, listed=True,
        subgroup="itch",
    ),
"""
DETAIL = """    FieldSpec(
        name="lens", title="Lens", block=DetailGroup.IMAGE, kind=Kind.TEXT, meaning="Lens of the camera",
        aliases=("objective",), filter=Filter.OPTIONS, listed=True, words=str,
    ),
"""
MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "9001"
down_revision = "{head}"


def upgrade() -> None:
    op.add_column("record", sa.Column("itch", sa.String()))
    op.add_column("record", sa.Column("lens", sa.String()))
"""
FILTER = '    FilterSpec(name="lesion", title="Lesion of the image", column="lesion_id"),\n'
MODALITY = """
from dermdash.readings.assistance.assistance_form import AssistanceForm


class TopClass(AssistanceForm):
    key, label, color = "top_class", "Likeliest class", "#5a6978"
    spellings = ("best guess",)

    def content(self, inputs, taxonomy):
        shares = inputs.probabilities
        return None if shares is None else {"dx": max(shares, key=shares.get)}

    def shown_content(self, stored):
        return {"dx": stored["dx"]}

    def advice_dx(self, stored):
        return stored["dx"]
"""
DATASET_FORMAT = """
from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.source_records import SourceRecord, SourceTable
from dermdash.records.csv_table import read_table
from dermdash.records.fields import empty_values
from dermdash.records.taxonomy import CLINICAL9


def read(source, taxonomy):
    rows = [row.cells for row in read_table(source)]
    return SourceTable(
        tuple(SourceRecord(r["pic"], r["pic"], None, r["what"], taxonomy.code_of(r["what"]), None,
              empty_values() | {"verification_stage": 2}) for r in rows), ()
    )


FORMAT = DatasetFormat(
    key="album", title="Photo album", description="Import a photo album.", table="Table of an album",
    columns=("pic", "what"), read=read, taxonomy=CLINICAL9.name, dataset_id="album", name="Album",
)
"""
LOG_FORMAT = """
import pandas as pd

from dermdash.readings.formats.log_format import LogFormat, of_tables
from dermdash.readings.formats.parsed_log import ParsedLog, recognition, rows_of


def recognises(columns):
    return recognition("diary", "Diary of readers", columns, ("who", "saw", "said"), why="columns who, saw, said")


def read(tables, *, options):
    rows = [
        {"row": number, "reader": c["who"], "case": c["saw"], "phase": "unaided", "modality": "none", "dx": c["said"]}
        for number, c in rows_of(tables[0])
    ]
    return ParsedLog(pd.DataFrame(rows, dtype=object), None, {}, ())


FORMAT = LogFormat(
    key="diary", title="Diary of readers", description="One row per picture.", read=of_tables(read),
    recognises=recognises,
)
"""
STATISTIC = """
from typing import Annotated

from pydantic import Field

from dermdash.analyses.answer import AnalysisAnswer
from dermdash.analyses.columns import Column, share_column, table_of
from dermdash.analyses.declaration import Analysis
from dermdash.analyses.options import Control, Draw, Options
from dermdash.analyses.section import Section
from dermdash.analysis.two_way import ReaderCaseInference
from dermdash.wording import estimated_percent, in_hundred

KEY, TITLE = "sureness", "Sureness of readers"


class SurenessOptions(Options):
    least: Annotated[
        int,
        Field(ge=1, le=5, description="Level of confidence from which an answer counts as sure."),
        Control("Sure from level", Draw.SLIDER, "least", low=1, high=5, step=1),
    ] = 3


def run(table, options, context):
    table.require("confidence", purpose="the sureness of readers")
    frame = table.frame.dropna(subset=["confidence"])
    inference = ReaderCaseInference(frame["reader"].to_numpy(), frame["case"].to_numpy(), 0, table.seed)
    return inference.rate(frame["confidence"].to_numpy() >= options.least)


def section(found, table, options, views):
    columns = [Column("Answers", "n", lambda rate: rate.total), share_column("Sure", "sure", lambda rate: rate)]
    return Section(
        key=KEY, title=TITLE, summary=(f"Sure were {estimated_percent(found)} of answers.",),
        methods=(f"Answers of level {options.least} or more counted as sure.",),
        tables=(table_of("sureness", TITLE, columns, [found]),), exploratory=KEY not in table.prespecified,
    )


def answer(found):
    text = f"Readers were sure of {in_hundred(found.value)} answers"
    return AnalysisAnswer(text, readers=found.readers, n_cases=found.cases)


SURENESS = Analysis(
    key=KEY, title=TITLE, icon="bolt", purpose="How sure readers are.", options=SurenessOptions, run=run,
    section=section, answer=answer, numbers=lambda found, table, options: {"sure": found.as_dict()},
)
"""


def _copied(source: str, target: str) -> str:
    """Copy a file; a large one is a link, as nothing changes it."""
    if Path(source).stat().st_size > _LARGE:
        Path(target).symlink_to(source)
        return target
    return shutil.copy(source, target)


def _insert(path: Path, after: str, text: str) -> None:
    source = path.read_text("utf-8")
    assert source.count(after) == 1, (path, after)
    path.write_text(source.replace(after, after + text), "utf-8")


def build(folder: Path) -> Path:
    """Copy app, pages and package into the folder, add the toys, and return the folder of the package."""
    package = folder / "src" / "dermdash"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "src" / "dermdash", package, ignore=ignored, copy_function=_copied)
    for name in ("pages", ".streamlit"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=ignored)
    shutil.copy(REPOSITORY / "app.py", folder)
    _insert(package / "records" / "fields.py", "FIELDS: tuple[FieldSpec, ...] = (\n", FIELD)
    _insert(package / "records" / "details.py", "DETAILS: tuple[FieldSpec, ...] = (\n", DETAIL)
    migrations = package / "storage" / "migrations" / "versions"
    head = max(path.stem[1:5] for path in migrations.glob("v*.py"))
    (migrations / "v9001_itch.py").write_text(MIGRATION.format(head=head))
    _insert(package / "records" / "record_filter.py", "FILTERS: tuple[FilterSpec, ...] = (\n", FILTER)
    (package / "readings" / "assistance" / "top_class.py").write_text(MODALITY)
    modality = package / "readings" / "modality.py"
    _insert(modality, "from typing import Any\n", "from dermdash.readings.assistance.top_class import TopClass\n")
    _insert(modality, "    CROWD_PROBABILITY = CrowdProbability()\n", "    TOP_CLASS = TopClass()\n")
    (package / "dataset" / "formats" / "album.py").write_text(DATASET_FORMAT)
    formats = package / "dataset" / "formats" / "registry.py"
    _insert(formats, "from dermdash.dataset.formats import (\n", "    album,\n")
    _insert(formats, "    for f in (\n", "        album.FORMAT,\n")
    (package / "readings" / "formats" / "diary.py").write_text(LOG_FORMAT)
    logs = package / "readings" / "formats" / "registry.py"
    _insert(logs, "from dermdash.readings.formats import (\n", "    diary,\n")
    _insert(logs, "    for form in (\n", "        diary.FORMAT,\n")
    (package / "analyses" / "sureness.py").write_text(STATISTIC)
    analyses = package / "analyses" / "registry.py"
    _insert(
        analyses,
        "from dermdash.analyses.reliance.declaration import RELIANCE\n",
        "from dermdash.analyses.sureness import SURENESS\n",
    )
    _insert(analyses, "    RELIANCE,\n", "    SURENESS,\n")
    return package


def look_at(folder: Path) -> dict[str, Any]:
    """Run `what_is_seen.py` over the copy in a process of its own, and return what it saw."""
    environment = dict(os.environ)
    environment.pop("DERMDASH_DATABASE_URL", None)
    environment |= {
        "PYTHONPATH": os.pathsep.join([str(folder / "src"), str(REPOSITORY)]),
        "DERMDASH_HOME": str(folder / "workspace"),
        "DERMDASH_WORKERS": "1",
    }
    script = Path(__file__).with_name("what_is_seen.py")
    done = subprocess.run(
        [sys.executable, str(script)], cwd=folder, env=environment, capture_output=True, text=True, timeout=240,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-6000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
