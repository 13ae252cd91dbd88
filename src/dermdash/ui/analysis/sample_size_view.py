"""The page of sample size: the design, where its variance comes from, and the numbers to choose from."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dermdash.analyses.sample_size.arms_plan import (
    EXAMPLE_OF_ARMS,
    EXAMPLE_SIDE,
    assumed_arms,
    pilot_arms_of_readings,
    plan_arms,
    smaller_side,
)
from dermdash.analyses.sample_size.mrmc_design import Components
from dermdash.analyses.sample_size.of_protocol import FigurePower, ProtocolDesign, ProtocolPower
from dermdash.analyses.sample_size.paired_design import ChangeComponents
from dermdash.analyses.sample_size.run import (
    ASSUMED_CHANGED,
    ASSUMED_CORRELATION,
    ASSUMED_DIFFERENCE,
    ASSUMED_ERRORS,
    ASSUMED_FIGURE_SD,
    ASSUMED_LEVEL,
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
from dermdash.analyses.sample_size.section import sample_size_section
from dermdash.analysis.mrmc.choices import Figure
from dermdash.analysis.mrmc.effect import Inference
from dermdash.readings.modality import modality_label
from dermdash.readings.readings_table import ReadingsTable
from dermdash.storage.workspace import Workspace
from dermdash.ui.analysis.section_view import DETAILS, show_answer, show_details, show_method
from dermdash.ui.choices import choose, choose_segment, switch
from dermdash.ui.entries import enter_number, enter_number_or_none
from dermdash.ui.source_choice import ask_which, readings_as_asked, warned, with_borderline_choice
from dermdash.wording import counted
from dermdash.workflows.reader_study import readings_source

PAIRED, MRMC, ARMS = (design.value for design in ProtocolDesign)
DESIGNS = {
    PAIRED: "Before and after assistance, drawn per case",
    MRMC: "Two modalities, every case under both",
    ARMS: "Parallel arms, readers of their own in each",
}
BASES = {Basis.ASSUMED: "assumptions", Basis.PILOT: "a pilot", Basis.EXAMPLE: "the method's example"}
FIGURES = (Figure.AUC, Figure.SENSITIVITY, Figure.SPECIFICITY, Figure.ACCURACY)
EVERY = "all"


def sample_size_view(workspace: Workspace) -> None:
    """Ask for everything, and show the plan; works without any study."""
    design = choose_segment("Design", list(DESIGNS), DESIGNS.__getitem__, key="sample_size.design", name="design")
    left, right = st.columns(2, gap="large")
    with left:
        st.header("What is to be found", anchor=False)
        question = _question()
        inference, modalities, arms = Inference.RRRC, 1, 2
        if design == MRMC:
            inference = choose(
                "Holds for",
                list(Inference),
                lambda kind: kind.label.capitalize(),
                key="sample_size.inference",
                name="holds-for",
            )
        elif design == ARMS:
            arms = enter_number(
                "Arms", 2, 10, 2, key="sample_size.arms", name="arms",
                help="Readers are those of all arms together. One arm is compared with each other, and alpha is "
                "divided by the number of comparisons (Holm).",
            )  # fmt: skip
        else:
            modalities = enter_number(
                "Kinds of assistance",
                1,
                20,
                4,
                key="sample_size.modalities",
                name="kinds",
                help="A reader's cases are divided among them, and alpha is divided by their number (Holm).",
            )
    with right:
        st.header("How much readers and cases vary", anchor=False)
        sources = readings_source.list_sources(workspace)
        bases = [Basis.ASSUMED, *([Basis.PILOT] if sources else []), *([Basis.EXAMPLE] if design != PAIRED else [])]
        basis = choose("From", bases, BASES.__getitem__, key=f"sample_size.basis.{design}", name="from")
        pilot, modality = _pilot(workspace, sources) if basis is Basis.PILOT else (None, None)
        if design == PAIRED:
            changes, random_cases = _changes(question.difference, pilot, modality)
        elif design == ARMS:
            components, side = (
                (EXAMPLE_OF_ARMS, EXAMPLE_SIDE) if basis is Basis.EXAMPLE else _of_arms(question, pilot, modality)
            )
        else:
            components = EXAMPLE if basis is Basis.EXAMPLE else _components(question, pilot, modality)
    if design == PAIRED:
        result = plan_paired(changes, question, basis=basis, modalities=modalities, random_cases=random_cases)
    elif design == ARMS:
        result = plan_arms(components, question, basis=basis, arms=arms, side=side)
    else:
        result = plan_mrmc(components, question, basis=basis, inference=inference)
    section = sample_size_section(result)
    show_answer(section)
    with st.expander(DETAILS, icon=":material/list_alt:"):
        show_details(section)
    show_method(section)


def link_to_plan(found: ProtocolPower, of: FigurePower) -> dict[str, str]:
    """Parameters of a link to this page with what a protocol is planned with; what is left out is its default."""
    asked = {
        "design": str(found.design),
        "difference": f"{100 * found.difference:.12g}",
        "readers": str(found.readers),
        "cases": str(of.cases),
    }
    if found.design is ProtocolDesign.PAIRED:
        return asked | {"kinds": str(found.kinds)}
    if found.design is ProtocolDesign.ARMS:
        asked |= {"arms": str(found.arms)}
    return asked | {"figure": of.figure.value, "malignant": f"{100 * found.malignant:.12g}"}


def _question() -> Question:
    inferior = switch("Show non-inferiority", key="sample_size.inferior", name="non-inferiority")
    margin = None
    if inferior:
        margin = enter_number("Margin, points", 0.5, 50.0, 5.0, step=0.5, key="sample_size.margin", name="margin") / 100
    difference = enter_number(
        "True difference, points", -50.0, 50.0, 0.0 if inferior else 100 * ASSUMED_DIFFERENCE, step=0.5,
        key=f"sample_size.difference.{inferior}", name="difference",
        help="Of accuracy, sensitivity and specificity in percentage points; of the AUC in hundredths.",
    )  # fmt: skip
    first, second = st.columns(2)
    power = enter_number(
        "Power, %", 50.0, 99.0, 80.0, step=5.0, key="sample_size.power", name="power", place=first
    )  # fmt: skip
    alpha = enter_number(
        "Alpha, % (one-sided)" if inferior else "Alpha, % (two-sided)", 0.1, 20.0, 2.5 if inferior else 5.0, step=0.5,
        key=f"sample_size.alpha.{inferior}", name="alpha", place=second,
    )  # fmt: skip
    readers = enter_number_or_none(
        "Readers", 1, 1000, key="sample_size.readers", name="readers", place=first, placeholder="open",
        help="Where the number is given.",
    )  # fmt: skip
    cases = enter_number_or_none(
        "Cases", 1, 100_000, key="sample_size.cases", name="cases", place=second, placeholder="open"
    )
    return Question(difference / 100, power / 100, alpha / 100, margin, readers, cases)


def _pilot(
    workspace: Workspace, sources: tuple[readings_source.ReadingsSource, ...]
) -> tuple[ReadingsTable, str | None]:
    by_key = {source.key: source for source in sources}
    chosen = by_key[choose("Pilot", list(by_key), lambda k: by_key[k].name, key="sample_size.pilot", name="pilot")]
    st.caption(counted(chosen.readings, "reading"))
    table = readings_as_asked(workspace, chosen, ask_which(workspace, chosen.key, of="sample_size"))
    table = warned(with_borderline_choice(table, key="sample_size.borderline"))
    modality = choose(
        "Assistance",
        [EVERY, *table.modalities],
        lambda m: "every kind" if m == EVERY else modality_label(m),
        key=f"sample_size.modality.{chosen.key}",
        name="assistance",
    )
    return table, None if modality == EVERY else modality


def _changes(difference: float, pilot: ReadingsTable | None, modality: str | None) -> tuple[ChangeComponents, bool]:
    if pilot is not None:
        return pilot_changes(pilot, modality=modality), switch(
            "Cases are a sample, too", key="sample_size.random_cases", name="random-cases"
        )
    changed = enter_number(
        "Readings that assistance turns between right and wrong, %", 0.1, 100.0, 100 * ASSUMED_CHANGED, step=1.0,
        key="sample_size.changed", name="changed",
    )  # fmt: skip
    spread = enter_number(
        "SD between readers of their change, points", 0.0, 50.0, 100 * ASSUMED_READER_SD, step=0.5,
        key="sample_size.reader_sd.paired", name="reader-sd",
    )  # fmt: skip
    return assumed_changes(difference, changed=changed / 100, reader_sd=spread / 100), False


def _of_arms(question: Question, pilot: ReadingsTable | None, modality: str | None) -> tuple[Components, float]:
    """Components of readers who read in one arm, and the share of the smaller side of the cases."""
    figure = _figure()
    if pilot is not None:
        return pilot_arms_of_readings(pilot, figure, modality=modality)
    first, second = st.columns(2)
    level, diseased, spread = _level(first), _malignant(second), _spread(first)
    r2, r3 = _correlations({"r2": "two readers of one arm", "r3": "readers of two arms"})
    made = assumed_arms(
        figure=figure, level=level, cases=100 if question.cases is None else question.cases, diseased_share=diseased,
        r2=r2, r3=r3, reader_sd=spread,
    )  # fmt: skip
    return made, smaller_side(figure, diseased)


def _components(question: Question, pilot: ReadingsTable | None, modality: str | None) -> Components:
    figure = _figure()
    if pilot is not None:
        return pilot_of_readings(pilot, figure, modality=modality)
    first, second = st.columns(2)
    level, diseased, spread = _level(first), _malignant(second), _spread(first)
    same = enter_number(
        "Correlation of a reader's two figures", 0.0, 1.0, ASSUMED_CORRELATION, step=0.05,
        key="sample_size.correlation", name="correlation", place=second,
        help="1: the modalities differ by the same for every reader.",
    )  # fmt: skip
    r1, r2, r3 = _correlations(
        {"r1": "same reader, other modality", "r2": "other reader, same modality", "r3": "both other"}
    )
    return assumed_components(
        figure=figure, level=level, cases=100 if question.cases is None else question.cases,
        diseased_share=diseased, r1=r1, r2=r2, r3=r3, reader_sd=spread, reader_correlation=same,
    )  # fmt: skip


def _figure() -> Figure:
    return choose(
        "Figure of merit",
        FIGURES,
        lambda f: "AUC" if f is Figure.AUC else f.value.capitalize(),
        key="sample_size.figure",
        name="figure",
    )


def _level(place: DeltaGenerator) -> float:
    return enter_number(
        "Its level", 0.5, 0.999, ASSUMED_LEVEL, step=0.01, key="sample_size.level", name="level", place=place
    )  # fmt: skip


def _malignant(place: DeltaGenerator) -> float:
    percent = enter_number(
        "Malignant cases, %", 1.0, 99.0, 50.0, step=1.0, key="sample_size.diseased", name="malignant", place=place
    )  # fmt: skip
    return percent / 100


def _spread(place: DeltaGenerator) -> float:
    return enter_number(
        "SD between readers", 0.0, 0.5, ASSUMED_FIGURE_SD, step=0.01, key="sample_size.reader_sd.mrmc",
        name="reader-sd", place=place,
    )  # fmt: skip


def _correlations(of: dict[str, str]) -> list[float]:
    """Of errors, each with what it is of."""
    defaults = dict(zip(("r1", "r2", "r3"), ASSUMED_ERRORS, strict=True))
    found = [
        enter_number(
            name, 0.0, 1.0, defaults[name], step=0.01, key=f"sample_size.{name}", name=name, place=place,
            help=f"Correlation of errors: {words}.",
        )
        for place, (name, words) in zip(st.columns(len(of)), of.items(), strict=True)
    ]  # fmt: skip
    st.caption("The correlations to begin with are those of the method's example data (Van Dyke).")
    return found
