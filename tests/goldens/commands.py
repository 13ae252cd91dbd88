"""The golden commands, and their output without what differs from run to run."""

import json
import re
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tests.command_line import CommandLine
from tests.goldens.workspace_commands import ACT, COMMANDS, steady_ids, write_workspace

DRAWS = ("--replicates", "200")
BOOTSTRAP = ("--bootstrap", "200")
VANDYKE = "vandyke.csv"
"""Real ratings, kept beside the checkout: read where they are there."""
MODEL = ("--predictions", "model.csv")


@dataclass(frozen=True)
class Golden:
    """A command under a name; ``written`` is a file it writes whose text belongs to the golden."""

    name: str
    arguments: tuple[str, ...]
    written: str = ""
    workspace: bool = False
    """Whether it runs in the workspace of `workspace_commands`, after those before it there."""

    @property
    def source(self) -> str:
        """The input file that is not there everywhere, else a folder that is."""
        return VANDYKE if VANDYKE in self.arguments else "."


def _analyses() -> list[Golden]:
    """Every analysis of the fixed study, in words and as JSON."""
    asked = {
        "benefit": ("benefit", "study.csv", *DRAWS),
        "benefit-malignancy": ("benefit", "study.csv", "--outcome", "malignancy", *DRAWS),
        "arms": ("arms", "arms.csv"),
        "arms-crossover": ("arms", "crossover.csv"),
        "mrmc": ("mrmc", "study.csv"),
        "mrmc-ratings": ("mrmc", "ratings.csv"),
        "mrmc-vandyke": ("mrmc", VANDYKE),
        "mrmc-model": ("mrmc", "study.csv", "--against-model", *MODEL),
        "human-machine": ("human-machine", "study.csv", *MODEL, *DRAWS),
        "reliance": ("reliance", "study.csv", *DRAWS),
        "reliance-malignancy": ("reliance", "study.csv", "--level", "malignancy", "--replicates", "0"),
        "time": ("time", "study.csv", *DRAWS),
        "agreement": ("agreement", "study.csv", *DRAWS),
        "item-response": ("item-response", "study.csv"),
        "collective": ("collective", "study.csv", *MODEL, *BOOTSTRAP),
        "triage": ("triage", "study.csv", *MODEL, *BOOTSTRAP),
        "sample-size": ("sample-size", "--difference", "0.05", "--from", "ratings.csv"),
        "sample-size-study": ("sample-size", "--difference", "0.05", "--from", "study.csv"),
        "sample-size-arms": ("sample-size", "--difference", "0.1", "--design", "arms", "--from", "arms.csv"),
        "sample-size-paired": ("sample-size", "--difference", "0.1", "--design", "paired", "--readers", "12"),
    }  # fmt: skip
    made = []
    for name, arguments in asked.items():
        made.append(Golden(f"{name}.txt", ("analyse", *arguments)))
        made.append(Golden(f"{name}.json", ("analyse", *arguments, "--json")))
    return made


def _reports() -> list[Golden]:
    """A report of each dialect: every analysis that it allows, and why the others are not done."""
    sources = {
        "study": ("study.csv", *MODEL),
        "nature": ("nature.csv", "--truth", "nature-truth.csv"),
        "dermachallenge": ("dermachallenge.csv",),
        "sister": ("sister.csv",),
        "phase": ("phase-2.csv",),
        "ratings": ("ratings.csv",),
    }
    made = [
        Golden(f"report-{name}.json", ("analyse", "report", *source, "--out", f"{name}.html", "--json"))
        for name, source in sources.items()
        if name != "study"
    ]
    short = ("analyse", "report", *sources["study"], "--out", "study-short.html")
    whole = ("analyse", "report", *sources["study"], "--appendix", "--zip", "--json", "--out", "study.html")
    made += [
        Golden("report-study-short.html", short, "study-short.html"),
        Golden("report-study.json", whole),
        Golden("report-study.html", whole, "study.html"),
        Golden("report-study.zip", whole, "study.zip"),
    ]
    return made


def _evaluations() -> list[Golden]:
    one = ("evaluate", "--predictions", "first.csv", "--truth", "truth.csv", *BOOTSTRAP)
    two = ("evaluate", "--predictions", "first.csv", "--predictions", "second.csv", "--truth", "truth.csv", *BOOTSTRAP)
    return [
        Golden("evaluate.txt", one),
        Golden("evaluate.json", (*one, "--json")),
        Golden("evaluate.csv", (*one, "--out", "evaluated.csv"), "evaluated.csv"),
        Golden("evaluate-repeats.json", (*two, "--json")),
        Golden("compare.txt", (*one, "--compare", "second.csv")),
        Golden("compare.json", (*one, "--compare", "second.csv", "--json")),
    ]


def _studies() -> list[Golden]:
    """What is said of a study before it is frozen."""
    trial = ("study", "simulate", "protocol.yaml", "--readers", "12", "--dropout", "0.25", "--seed", "1")
    return [Golden("study-simulate.txt", trial), Golden("study-simulate.json", (*trial, "--json"))]


def _of_data_sets() -> list[Golden]:
    return [Golden(f"{name}.json", (*words, "--json"), workspace=True) for name, words in COMMANDS.items()]


GOLDENS: tuple[Golden, ...] = (*_analyses(), *_reports(), *_evaluations(), *_studies(), *_of_data_sets())


class GoldenRuns:
    """Runs commands in a folder of inputs, each once, whichever of its outputs are asked for."""

    def __init__(self, cli: CommandLine, folder: Path) -> None:
        self._cli, self._folder = cli, folder
        self._done: dict[tuple[str, ...], subprocess.CompletedProcess[str]] = {}

    def output_of(self, golden: Golden) -> str:
        """What the command says on stdout and stderr, or writes."""
        if golden.workspace:
            self._run_in_workspace()
        elif golden.arguments not in self._done:
            home = self._folder / "no-workspace"
            self._done[golden.arguments] = self._cli.run(home, *golden.arguments, folder=self._folder)
        return _output(golden, self._done[golden.arguments], self._folder)

    def _run_in_workspace(self) -> None:
        """Run all commands of the small workspace once, in their order."""
        if all(golden.arguments in self._done for golden in _of_data_sets()):
            return
        home = write_workspace(self._folder)
        act = ""
        for golden in _of_data_sets():
            words = [act if word == ACT else word for word in golden.arguments]
            run = self._cli.run(home, *words, folder=self._folder)
            if "import" in words and not run.returncode:
                act = json.loads(run.stdout).get("act", act)
            said = (steady_ids(run.stdout), steady_ids(run.stderr))
            self._done[golden.arguments] = subprocess.CompletedProcess(run.args, run.returncode, *said)


def _output(golden: Golden, run: "subprocess.CompletedProcess[str]", folder: Path) -> str:
    if golden.name.endswith(".json"):
        if run.returncode:
            return _steady(f"exit {run.returncode}\n{run.stderr}", folder)
        return json.dumps(_rounded(json.loads(_steady(run.stdout, folder))), indent=1, ensure_ascii=False) + "\n"
    said = _steady(f"exit {run.returncode}\n{run.stdout}\n--- stderr\n{run.stderr}", folder)
    if not golden.written:
        return said
    path = folder / golden.written
    if golden.name.endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            texts = [
                f"--- {name}\n{_numbers(archive.read(name).decode('utf-8-sig'))}"
                for name in sorted(archive.namelist())
                if name.endswith((".csv", ".txt", ".md"))
            ]
            return _steady("\n".join([*sorted(archive.namelist()), *texts]), folder)
    text = path.read_text("utf-8")
    return _steady(_html_words(text) if golden.name.endswith(".html") else _numbers(text), folder)


def _steady(text: str, folder: Path) -> str:
    """Without moments, folders, versions and hashes of what was loaded."""
    text = text.replace(str(folder), "FOLDER")
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(\+00:00|Z)?( UTC)?", "MOMENT", text)
    text = re.sub(r"\d{1,2} [A-Z][a-z]+ 20\d\d(, \d\d:\d\d)?( UTC)?", "DAY", text)
    text = re.sub(r'("(?:python|[A-Za-z_-]+)": )"\d+(\.\d+)+[^"]*"', r'\1"VERSION"', text)
    return re.sub(
        r"\b(Python|numpy|pandas|scipy|dermdash|plotly|torch|duckdb|streamlit)( |==|\s*</td>\s*<td[^>]*>)\d+(\.\d+)+",
        r"\1 VERSION",
        text,
    )


def _numbers(text: str) -> str:
    """Numbers at eight digits: the last ones depend on the processor."""
    return re.sub(r"-?\d+\.\d{6,}(e[-+]?\d+)?", lambda m: f"{float(m[0]):.8g}", text)


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return float(f"{value:.8g}") if isinstance(value, float) else value


def _html_words(text: str) -> str:
    """The words of a page, one element a line, without scripts, styles and drawings."""
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", "", text, flags=re.DOTALL)
    words = re.sub(r"<[^>]+>", "\n", text)
    return "\n".join(line.strip() for line in words.splitlines() if line.strip()) + "\n"
