"""What one analysis has to say, in the form that the page shows and the report prints."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd
import plotly.graph_objects as go

from dermdash.analyses.answer import AnalysisAnswer
from dermdash.charts.palette import Theme

SIMULATED = "These readings were simulated by a program; nobody gave them."
"""The warning of a section on invented readings. Page and report say it once at their head and leave it out here."""


@dataclass(frozen=True, slots=True)
class ResultTable:
    """A table of results.

    Attributes
    ----------
    name : str
        Short name in kebab case, unique within the report: the stem of its CSV file.
    title : str
        What the table shows.
    numbers : DataFrame
        Machine-readable: snake_case columns, full precision, shares as 0..1. This is the CSV.
    shown : DataFrame
        The same for people: rounded, with units and intervals, column heads in words.
    note : str
        What a reader of the table must know, e.g. how the interval was made.
    intervals : frozenset of str
        Heads of the columns for people that hold an estimate with its interval behind it in brackets: print may break
        the line between the two.
    """

    name: str
    title: str
    numbers: pd.DataFrame
    shown: pd.DataFrame
    note: str = ""
    intervals: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Hold every table to a head over each of its columns: without one nobody can tell what stands below."""
        for frame in (self.numbers, self.shown):
            if not all(str(head).strip() for head in frame.columns):
                raise ValueError(f"a column of the table {self.name} has no head: {list(frame.columns)}")


@dataclass(frozen=True, slots=True)
class ResultFigure:
    """A figure: ``make`` draws it for a theme, ``description`` says in words what can be seen on it.

    ``of_cases``: its points are cases, named by their custom data, so that a page can lead from a point to its case.
    ``brief``: what of the description stands below it where it shows an answer, the rest being a detail; empty: all.
    """

    name: str
    title: str
    make: Callable[[Theme], go.Figure]
    description: str = ""
    of_cases: bool = False
    brief: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One analysis.

    Attributes
    ----------
    key : str
        Kebab case, unique: the anchor in the report.
    title : str
        Heading.
    summary : tuple of str
        The findings in full sentences, effect with interval first.
    methods : tuple of str
        Exactly what was done, in past tense, with the source of each method, ready for a paper.
    tables, figures
        In the order to show.
    warnings : tuple of str
        What limits these results: small groups, excluded readings, approximations.
    exploratory : bool
        False for an analysis that the frozen protocol names, and for what no protocol of readings would name.
    answer : AnalysisAnswer or None
        What it answers, before all else; None of a section that answers nothing by itself.
    """

    key: str
    title: str
    summary: tuple[str, ...]
    methods: tuple[str, ...]
    tables: tuple[ResultTable, ...] = ()
    figures: tuple[ResultFigure, ...] = ()
    warnings: tuple[str, ...] = ()
    exploratory: bool = True
    references: tuple[str, ...] = field(default=())
    answer: AnalysisAnswer | None = None

    @property
    def chart(self) -> ResultFigure | None:
        """The figure that shows the answer; None where there is no figure at all."""
        wanted = "" if self.answer is None else self.answer.chart
        return next((f for f in self.figures if f.name == wanted), next(iter(self.figures), None))

    @property
    def own_warnings(self) -> tuple[str, ...]:
        """The warnings without what page and report say once at their head."""
        return tuple(text for text in self.warnings if text != SIMULATED)
