"""What an analysis is to everything around it: one declaration, from which pages, commands and report are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dermdash.analyses.options import Options
from dermdash.wording import sentence

if TYPE_CHECKING:
    from dermdash.analyses.answer import AnalysisAnswer
    from dermdash.analyses.section import Section
    from dermdash.readings.aggregate import AggregateTable
    from dermdash.readings.readings_table import ReadingsTable
    from dermdash.storage.workspace import Workspace
    from dermdash.workflows.classifier.evaluation_cases import PredictionFile

    Table = ReadingsTable | AggregateTable


@dataclass(frozen=True, slots=True)
class AnalysisContext:
    """What an analysis may need beside the readings.

    Attributes
    ----------
    workspace
        None: the readings come from a file.
    study_id
        The study of the workspace the readings come from; None for a log.
    model_id, predictions
        The model to compare readers with; both None: the study's own, else what the readers were shown.
    truth
        CSV with the true diagnosis of each image, where one was given beside the readings.
    """

    workspace: Workspace | None = None
    study_id: str | None = None
    model_id: str | None = None
    predictions: PredictionFile | None = None
    include_trained: bool = False
    truth: Path | None = None


@dataclass(frozen=True, slots=True)
class Lack:
    """Why readings do not allow an analysis, as an empty page says it: icon, title, and what to do next.

    ``leads_to``: keys of analyses that these readings allow instead.
    """

    icon: str
    title: str
    text: str
    leads_to: tuple[str, ...] = ()


def sentence_of(reason: str) -> str:
    """A reason as a sentence of its own."""
    return sentence(reason[:1].upper() + reason[1:])


@dataclass(frozen=True, slots=True)
class Analysis:
    """One analysis.

    Attributes
    ----------
    key
        Kebab case: its name in commands, addresses and frozen protocols, and the anchor of its section.
    title, menu
        In words; shorter for the menu of pages.
    icon
        Material symbol of its page.
    purpose
        One sentence: the lead of its page and the help of its command.
    options
        What can be chosen.
    run
        Readings, options and context to a result; imports what it needs when it is called, so that a page or report
        pays for what it shows alone. Raises a `DermdashError` where the readings do not allow it.
    section
        A result, the readings, the options, and what was chosen of ``views``, to findings, tables and figures.
    answer
        A result to what it answers: one sentence, the figures and the chart that show it, the cases behind it. Page,
        command, report and links begin with it. None: ``NAME_answer`` of the module ``answer`` beside the
        declaration, NAME that of the folder.
    numbers
        The result for JSON; as it stands what the result says of itself.
    views
        What a page lets choose of a finished result, without computing it again. Its choices are made from the result.
    prepare
        Completes readings or counts before all else, e.g. with the truth that the workspace knows.
    lacks
        Why these readings do not allow it; None: they may.
    run_for_report
        How the report runs it, where that differs.
    reads_ratings
        Whether it reads files of multi-reader multi-case ratings, too.
    counts
        Whether it reads counts per image, too.
    of_model
        Whether it is about a model beside the readers, which page and command then let choose.
    ratings
        Whether ratings matter, which a file may hold the other way round.
    doing
        What the page says while it computes.
    parts
        Names of subgroups and populations that a protocol can specify beforehand, with their titles.
    command
        Name of the command where it is not the key; the key then works, too. None: there is none of its own.
    page
        Whether it has a page of its own.
    in_report
        Whether it is made of readings and belongs to the report.
    """

    key: str
    title: str
    purpose: str
    options: type[Options]
    run: Callable[[Any, Any, AnalysisContext], Any]
    section: Callable[[Any, Any, Any, Any], Section]
    answer: Callable[[Any], AnalysisAnswer] | None = None
    numbers: Callable[[Any, Any, Any], dict[str, Any]] = lambda result, table, options: dict(result.as_dict())
    menu: str = ""
    icon: str = ""
    views: type[Options] = Options
    prepare: Callable[[Any, AnalysisContext], Any] = lambda table, context: table
    lacks: Callable[[Any], Lack | None] = lambda table: None
    run_for_report: Callable[[Any, Any, AnalysisContext], Any] | None = None
    counts: bool = False
    reads_ratings: bool = False
    of_model: bool = False
    ratings: bool = False
    doing: str = "Computing"
    parts: Mapping[str, str] = field(default_factory=dict)
    command: str | None = ""
    page: bool = True
    in_report: bool = True

    def section_of(self, table: Any, context: AnalysisContext) -> Section:
        """Its section of a report: with the options that are set, and no view chosen."""
        table, options = self.prepare(table, context), self.options()
        return self.told((self.run_for_report or self.run)(table, options, context), table, options, None)

    def told(self, result: Any, table: Any, options: Any, views: Any) -> Section:
        """The section with its answer."""
        section = self.section(result, table, options, views)
        return replace(section, answer=self.answer_of(result, table))

    def answer_of(self, result: Any, table: Any) -> AnalysisAnswer:
        """What it answers, with what limits every answer."""
        from dermdash.analyses.answer import told

        found = (self.answer or self._answer_of_folder())(result)
        return told(found, simulated=bool(getattr(table, "simulated", False)))

    def _answer_of_folder(self) -> Callable[[Any], AnalysisAnswer]:
        folder = self.run.__module__.rpartition(".")[0]
        found: Callable[[Any], AnalysisAnswer] = getattr(
            import_module(f"{folder}.answer"), f"{folder.rpartition('.')[2]}_answer"
        )
        return found

    @property
    def command_name(self) -> str:
        """What the command is called; empty where there is none."""
        return "" if self.command is None else self.command or self.key

    @property
    def address(self) -> str:
        """Of its page."""
        return self.key
