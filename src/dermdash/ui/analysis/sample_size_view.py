"""The page of sample size: the design, where its variance comes from, and the numbers to choose from."""

import streamlit as st

from dermdash.analysis.mrmc.effect import Inference
from dermdash.analysis.mrmc.merit import Figure
from dermdash.analysis.sample_size.mrmc_design import Components
from dermdash.analysis.sample_size.paired_design import ChangeComponents
from dermdash.readings.modality import modality_label
from dermdash.readings.readings_table import ReadingsTable
from dermdash.report.sections.sample_size import sample_size_section
from dermdash.storage.workspace import Workspace
from dermdash.ui.analysis.section_view import show_section
from dermdash.ui.source_choice import warned
from dermdash.wording import counted
from dermdash.workflows import readings_source
from dermdash.workflows.analyses.sample_size import (
    ASSUMED_CHANGED,
    ASSUMED_READER_SD,
    EXAMPLE,
    Basis,
    Question,
    assumed_changes,
    assumed_components,
    pilot_changes,
    pilot_of_readings,
    plan_mrmc,
    plan_paired,
)

PAIRED, MRMC = "paired", "mrmc"
DESIGNS = {PAIRED: "Before and after assistance, drawn per case", MRMC: "Two modalities, every case under both"}
BASES = {Basis.ASSUMED: "assumptions", Basis.PILOT: "a pilot", Basis.EXAMPLE: "the method's example"}
FIGURES = (Figure.AUC, Figure.SENSITIVITY, Figure.SPECIFICITY, Figure.ACCURACY)
EVERY = "all"


def sample_size_view(workspace: Workspace) -> None:
    """Ask for everything, and show the plan; works without any study."""
    design = st.segmented_control(
        "Design", list(DESIGNS), format_func=lambda d: DESIGNS[d], default=PAIRED, key="sample_size.design",
        required=True,
    )  # fmt: skip
    left, right = st.columns(2, gap="large")
    with left:
        st.header("What is to be found", anchor=False)
        question = _question()
        inference, modalities = Inference.RRRC, 1
        if design == MRMC:
            kinds = [kind.value for kind in Inference]
            held = st.selectbox(
                "Holds for", kinds, format_func=lambda k: Inference(k).label.capitalize(), key="sample_size.inference"
            )
            inference = Inference(held)
        else:
            modalities = int(
                st.number_input(
                    "Kinds of assistance", 1, 20, 4, key="sample_size.modalities",
                    help="A reader's cases are divided among them, and alpha is divided by their number (Holm).",
                )
            )  # fmt: skip
    with right:
        st.header("How much readers and cases vary", anchor=False)
        sources = readings_source.list_sources(workspace)
        bases = [Basis.ASSUMED, *([Basis.PILOT] if sources else []), *([Basis.EXAMPLE] if design == MRMC else [])]
        basis = st.selectbox(
            "From", bases, format_func=lambda b: BASES[b], key=f"sample_size.basis.{design}"
        )  # fmt: skip
        pilot, modality = _pilot(workspace, sources) if basis is Basis.PILOT else (None, None)
        if design == PAIRED:
            changes, random_cases = _changes(question.difference, pilot, modality)
        else:
            components = EXAMPLE if basis is Basis.EXAMPLE else _components(question, pilot, modality)
    if design == PAIRED:
        result = plan_paired(changes, question, basis=basis, modalities=modalities, random_cases=random_cases)
    else:
        result = plan_mrmc(components, question, basis=basis, inference=inference)
    show_section(sample_size_section(result))


def _question() -> Question:
    inferior = st.toggle("Show non-inferiority", key="sample_size.inferior")
    margin = None
    if inferior:
        margin = st.number_input("Margin, points", 0.5, 50.0, 5.0, 0.5, key="sample_size.margin") / 100
    difference = st.number_input(
        "True difference, points", -50.0, 50.0, 0.0 if inferior else 10.0, 0.5,
        key=f"sample_size.difference.{inferior}",
        help="Of accuracy, sensitivity and specificity in percentage points; of the AUC in hundredths.",
    )  # fmt: skip
    first, second = st.columns(2)
    power = first.number_input("Power, %", 50.0, 99.0, 80.0, 5.0, key="sample_size.power")
    alpha = second.number_input(
        "Alpha, % (one-sided)" if inferior else "Alpha, % (two-sided)", 0.1, 20.0, 2.5 if inferior else 5.0, 0.5,
        key=f"sample_size.alpha.{inferior}",
    )  # fmt: skip
    readers = first.number_input(
        "Readers", 1, 1000, None, key="sample_size.readers", placeholder="open", help="Where the number is given."
    )
    cases = second.number_input("Cases", 1, 100_000, None, key="sample_size.cases", placeholder="open")
    return Question(
        difference / 100, power / 100, alpha / 100, margin, None if readers is None else int(readers),
        None if cases is None else int(cases),
    )  # fmt: skip


def _pilot(
    workspace: Workspace, sources: tuple[readings_source.ReadingsSource, ...]
) -> tuple[ReadingsTable, str | None]:
    chosen = st.selectbox(
        "Pilot", sources, format_func=lambda s: f"{s.name} ({counted(s.readings, 'reading')})", key="sample_size.pilot"
    )
    table = warned(_table(workspace, str(workspace.home), chosen.key, chosen.readings))
    modality = st.selectbox(
        "Assistance", [EVERY, *table.modalities], key=f"sample_size.modality.{chosen.key}",
        format_func=lambda m: "every kind" if m == EVERY else modality_label(m),
    )  # fmt: skip
    return table, None if modality == EVERY else modality


@st.cache_data(ttl=3600, max_entries=10, show_spinner="Loading the readings")
def _table(_workspace: Workspace, home: str, key: str, readings: int) -> ReadingsTable:
    return readings_source.load_readings(_workspace, key)


def _changes(difference: float, pilot: ReadingsTable | None, modality: str | None) -> tuple[ChangeComponents, bool]:
    if pilot is not None:
        return pilot_changes(pilot, modality=modality), st.toggle(
            "Cases are a sample, too", key="sample_size.random_cases"
        )
    changed = st.number_input(
        "Readings that assistance turns between right and wrong, %", 0.1, 100.0, 100 * ASSUMED_CHANGED, 1.0,
        key="sample_size.changed",
    )  # fmt: skip
    spread = st.number_input(
        "SD between readers of their change, points", 0.0, 50.0, 100 * ASSUMED_READER_SD, 0.5,
        key="sample_size.reader_sd.paired",
    )  # fmt: skip
    return assumed_changes(difference, changed=changed / 100, reader_sd=spread / 100), False


def _components(question: Question, pilot: ReadingsTable | None, modality: str | None) -> Components:
    figure = st.selectbox(
        "Figure of merit", FIGURES, format_func=lambda f: "AUC" if f is Figure.AUC else f.value.capitalize(),
        key="sample_size.figure",
    )  # fmt: skip
    if pilot is not None:
        return pilot_of_readings(pilot, figure, modality=modality)
    first, second = st.columns(2)
    level = first.number_input("Its level", 0.5, 0.999, 0.85, 0.01, key="sample_size.level")
    diseased = second.number_input("Malignant cases, %", 1.0, 99.0, 50.0, 1.0, key="sample_size.diseased")
    spread = first.number_input("SD between readers", 0.0, 0.5, 0.05, 0.01, key="sample_size.reader_sd.mrmc")
    same = second.number_input(
        "Correlation of a reader's two figures", 0.0, 1.0, 0.8, 0.05, key="sample_size.correlation",
        help="1: the modalities differ by the same for every reader.",
    )  # fmt: skip
    one, two, three = st.columns(3)
    words = "Correlation of errors: "
    r1 = one.number_input("r1", 0.0, 1.0, 0.43, 0.01, key="sample_size.r1", help=words + "same reader, other modality.")
    r2 = two.number_input("r2", 0.0, 1.0, 0.43, 0.01, key="sample_size.r2", help=words + "other reader, same modality.")
    r3 = three.number_input("r3", 0.0, 1.0, 0.30, 0.01, key="sample_size.r3", help=words + "both other.")
    st.caption("The correlations to begin with are those of the method's example data (Van Dyke).")
    return assumed_components(
        figure=figure, level=level, cases=100 if question.cases is None else question.cases,
        diseased_share=diseased / 100, r1=r1, r2=r2, r3=r3, reader_sd=spread, reader_correlation=same,
    )  # fmt: skip
