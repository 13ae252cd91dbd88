"""Commands about data sets whose JSON others script against: one small workspace, one command after the other."""

import re
from pathlib import Path

from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from tests.filled_workspace import DATASET, MODEL, fill_model, fill_records

OTHER = "ward"
ACT = "the act of the import"
_LEDGER = "image_id_1,dataset_id_1,image_id_2,dataset_id_2,decision,evidence\n"
COMMANDS: dict[str, tuple[str, ...]] = {
    "findings": ("findings", "--kind", "near_duplicate", "--dataset", DATASET),
    "acquisition-measure": ("acquisition", "measure", "--dataset", DATASET),
    "acquisition-score": ("acquisition", "score", "scores.csv"),
    "acquisition-list": ("acquisition", "list", "--dataset", DATASET),
    "acquisition-agreement": ("acquisition", "agreement", "--dataset", DATASET),
    "lesions-ledger-import": ("lesions", "ledger", "import", "ledger.csv"),
    "lesions-ledger-export": ("lesions", "ledger", "export", "--names", "--out", "written.csv"),
    "lesions-ledger-groups": ("lesions", "ledger", "groups"),
    "lesions-ledger-undo": ("lesions", "ledger", "undo", ACT),
    "import-duplicates": ("import", "duplicates", "--list", "pairs.csv", "--dataset", DATASET, "--source", "Pairs"),
    "lesions-lists": ("lesions", "lists"),
    "lesions-apply": ("lesions", "apply", "Pairs", "--dry-run"),
    "split-make": ("split", "make", "--name", "Halves", "--dataset", DATASET, "--parts", "50/25/25"),
    "version-tag": ("version", "tag", "--dataset", DATASET, "--name", "v1", "--note", "first"),
    "split-check": ("split", "check", "Halves"),
    "split-lock": ("split", "lock", "Halves", "--yes"),
    "split-list": ("split", "list"),
    "version-list": ("version", "list", "--dataset", DATASET),
    "version-show": ("version", "show", "--dataset", DATASET),
    "version-verify": ("version", "verify", "--dataset", DATASET, "v1"),
    "version-compare": ("version", "compare", "--dataset", DATASET, "v1"),
    "dataset-statistics": ("dataset", "statistics", "--dataset", DATASET),
    "dataset-compare": ("dataset", "compare", DATASET, OTHER, "--model", MODEL),
    "dataset-map": ("dataset", "map", "--model", MODEL),
    "export": ("export", "folder", "--dataset", DATASET, "--out", "exported"),
    "export-datasheet": ("export", "datasheet", "--dataset", DATASET, "--out", "sheet.md"),
    "document-answer": ("document", "answer", "purpose", "To test.", "--dataset", DATASET),
    "document-history": ("document", "history", "--dataset", DATASET),
    "document-show": ("document", "show", "--dataset", DATASET, "--document", "facts"),
    "model-list": ("model", "list"),
}
"""By the name of the golden, in the order in which they run; each with --json."""


def write_workspace(folder: Path) -> Path:
    """Fill a workspace and the files that the commands read; return its home."""
    home = folder / "filled"
    workspace = open_workspace(Settings(home=home))
    try:
        fill_model(workspace, [*fill_records(workspace), *fill_records(workspace, dataset=OTHER, per_class=3)])
    finally:
        workspace.close()
    (folder / "scores.csv").write_text("image_id,score\nclinic:AKIEC_0,4\nclinic:BKL_2,1\n", encoding="utf-8")
    rows = [
        f"NV_1,{DATASET},NV_2,{OTHER},same_lesion,seen",
        f"MEL_1,{DATASET},DF_1,{DATASET},different,",
        f"MEL_1,{DATASET},nowhere,,different,",
    ]
    (folder / "ledger.csv").write_text(_LEDGER + "\n".join(rows) + "\n", encoding="utf-8")
    (folder / "pairs.csv").write_text("image_id_1,image_id_2\nBCC_1,BCC_2\nDF_1,DF_2\n", encoding="utf-8")
    return home


def steady_ids(text: str) -> str:
    """Without ids that are drawn, and hashes."""
    return re.sub(r"(?<![\w.])(?=[0-9]*[a-f])[0-9a-f]{12,64}\b", "HEX", text)
