"""Writes docs/json.md from the goldens: `python -m tests.json_keys_page` after a key was added.

The names there are final: others script against them.
"""

import json
import re
from pathlib import Path
from typing import Any

from dermdash.records.split_parts import TEST, TRAIN, VALIDATION
from dermdash.records.taxonomy import TAXONOMIES
from tests.goldens.kept import kept_text
from tests.markdown_table import markdown_table

PAGE = Path(__file__).parents[1] / "docs" / "json.md"
COMMANDS = {
    "dermdash analyse benefit": ("benefit", "benefit-malignancy"),
    "dermdash analyse arms": ("arms", "arms-crossover"),
    "dermdash analyse mrmc": ("mrmc", "mrmc-model", "mrmc-ratings"),
    "dermdash analyse human-machine": ("human-machine",),
    "dermdash analyse reliance": ("reliance", "reliance-malignancy"),
    "dermdash analyse time": ("time",),
    "dermdash analyse agreement": ("agreement",),
    "dermdash analyse item-response": ("item-response",),
    "dermdash analyse collective": ("collective",),
    "dermdash analyse triage": ("triage",),
    "dermdash analyse sample-size": ("sample-size-study", "sample-size-paired", "sample-size-arms"),
    "dermdash evaluate": ("evaluate", "evaluate-repeats", "compare"),
    "dermdash analyse report": ("report-study",),
    "dermdash findings": ("findings",),
    "dermdash acquisition measure": ("acquisition-measure",),
    "dermdash acquisition list": ("acquisition-list",),
    "dermdash acquisition score": ("acquisition-score",),
    "dermdash acquisition agreement": ("acquisition-agreement",),
    "dermdash import duplicates": ("import-duplicates",),
    "dermdash lesions ledger export": ("lesions-ledger-export",),
    "dermdash lesions ledger import, compare": ("lesions-ledger-import",),
    "dermdash lesions ledger groups": ("lesions-ledger-groups",),
    "dermdash lesions ledger undo": ("lesions-ledger-undo",),
    "dermdash lesions lists": ("lesions-lists",),
    "dermdash lesions apply": ("lesions-apply",),
    "dermdash split make": ("split-make",),
    "dermdash split list, show": ("split-list",),
    "dermdash split check": ("split-check",),
    "dermdash split lock": ("split-lock",),
    "dermdash version tag, list": ("version-tag", "version-list"),
    "dermdash version show": ("version-show",),
    "dermdash version verify": ("version-verify",),
    "dermdash version compare": ("version-compare",),
    "dermdash dataset statistics": ("dataset-statistics",),
    "dermdash dataset compare": ("dataset-compare",),
    "dermdash dataset map": ("dataset-map",),
    "dermdash export FORMAT": ("export",),
    "dermdash export datasheet": ("export-datasheet",),
    "dermdash document show": ("document-show",),
    "dermdash document answer": ("document-answer",),
    "dermdash document history": ("document-history",),
    "dermdash model list": ("model-list",),
    "dermdash study simulate": ("study-simulate",),
}
"""Commands with the goldens whose keys are theirs; subcommands after a comma print the same."""
COMMON = {
    "analysis": "key of the analysis, as commands, addresses and protocols name it",
    "source": "the file, study or log it is about; of an evaluation what was evaluated on what",
    "protocol_sha256": "of the frozen protocol; null without one",
    "simulated": "whether a program made the readings or drew the images",
    "exploratory": "whether no frozen protocol names the analysis",
    "options": "what was chosen, defaults included",
    "borderline": "what borderline diagnoses counted as: `benign`, `malignant` or `own`",
    "source_warnings": "what limits everything made of these readings",
    "warnings": "what limits this result",
    "notes": "what was done in reading the source",
    "excluded": "what was left out, counted by reason",
    "value": "an estimate; shares are 0..1; null where there is none",
    "difference": "one estimate minus another, aided minus unaided, first minus second",
    "ci": "its interval [low, high] at the level of `confidence`; null where none is shown",
    "low": "lower end of an interval where both ends have a key of their own",
    "high": "upper end",
    "ci_bootstrap": "the interval of draws beside another one",
    "p": "two-sided p value; null where nothing was tested",
    "p_holm": "the same after Holm's correction",
    "reason": "why there is no estimate, interval or test",
    "small": "whether too few readers or cases stand behind it to generalise",
    "n_readers": "readers behind a figure",
    "n_cases": "cases behind it",
    "n_readings": "readings behind it",
    "confidence": "level of the intervals, 0..1",
    "replicates": "draws of a bootstrap",
    "seed": "of the draws: same input and seed, same result",
}
RUNNING_STUDY: dict[str, tuple[str, ...]] = {
    "study invite": ("study", "group", "invitations", "id", "label", "link"),
    "study invitations": (
        "study", "invitations", "id", "label", "made", "renewed", "withdrawn", "until", "reader", "is_group", "places",
        "came", "by_group", "can_be_mailed",
    ),
    "study renew": ("id", "label", "link"),
    "study withdraw": ("id", "state"),
    "study recruit": ("study", "open", "address"),
    "study places": ("study", "quotas"),
    "study reminders": (
        "study", "days", "waiting", "invitation", "label", "since", "cases_done", "cases", "reader", "can_be_mailed",
        "mailed_at",
    ),
    "study mail": (
        "study", "kind", "due", "sent", "failed", "unknown", "begun_elsewhere", "left", "stopped_by", "label", "why",
    ),
    "study monitor": (
        "study", "standing", "until", "blinded", "invited", "withdrawn", "came", "finished", "readers", "reader",
        "label", "profession", "consented_at", "last_at", "cases_done", "cases", "median_ms", "odd", "kind", "words",
        "target", "mark", "turned_away", "arm", "balance", "modality", "assigned", "completed", "fewest", "most",
        "positions", "position", "time_ratio", "called_malignant", "places", "stratum", "taken", "detail", "reason",
        "account", "at", "cases_without_image",
    ),
    "study mark": ("study", "reader", "mark"),
    "study let-on": ("study", "reader"),
    "study message": ("study", "reader", "message"),
    "study acts": ("study", "acts", "kind", "reader", "detail", "reason", "account", "at"),
    "study pause": ("study", "standing", "until", "blinded"),
    "study resume": ("study", "standing", "until", "blinded"),
    "study close": ("study", "standing", "until", "blinded"),
    "study reopen": ("study", "standing", "until", "blinded"),
    "study extend": ("study", "standing", "until", "blinded"),
    "study unblind": ("study", "standing", "until", "blinded"),
}  # fmt: skip
"""What commands of a running study print; `tests/integration/cli/test_study_conduct_commands.py` compares."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")
# "malignant" is a key, too.
_DATA = {code for taxonomy in TAXONOMIES.values() for code in taxonomy.codes} - {"malignant"} | {
    TRAIN, VALIDATION, TEST, "female", "male",
}  # fmt: skip


def keys_of(names: tuple[str, ...]) -> list[str]:
    """Every key of these goldens, but those that name a class, a reader or a reason; of a table its columns are not."""
    found: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            found.update(key for key in value if _NAME.fullmatch(key) and key not in _DATA)
            for key, part in value.items():
                if key != "rows" or "title" not in value:
                    walk(part)
        elif isinstance(value, list):
            for part in value:
                walk(part)

    for name in names:
        walk(json.loads(kept_text(f"{name}.json")))
    return sorted(found)


def page() -> str:
    """The whole page."""
    parts = [
        "# JSON\n\nWhat `--json` prints on stdout: one object, or one list where the command says so. Written by\n"
        "`python -m tests.json_keys_page` from what the commands say of fixed inputs (`tests/goldens`); a test\n"
        "compares. These names are final: a key may be "
        "added, none is renamed. Keys that name a class, a modality, a reader or a reason are data and not listed.\n"
        "Numbers are finite or null, shares 0..1, times in milliseconds where a key says `_ms`.",
        "## Keys that mean the same everywhere",
        markdown_table(("key", "meaning"), ((f"`{key}`", meaning) for key, meaning in COMMON.items())),
        "## Every key by command",
        markdown_table(
            ("command", "keys"),
            ((f"`{command}`", ", ".join(f"`{key}`" for key in keys_of(names))) for command, names in COMMANDS.items()),
        ),
        "## Commands of a running study\n\nWhat each means is in [running-studies](running-studies.md).",
        markdown_table(
            ("command", "keys"),
            (
                (f"`dermdash {command}`", ", ".join(f"`{key}`" for key in sorted(set(keys))))
                for command, keys in RUNNING_STUDY.items()
            ),
        ),
    ]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
