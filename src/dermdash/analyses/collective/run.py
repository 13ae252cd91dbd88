"""Panels of the readers of a study, alone and with the model: which votes count, and which panels to compare."""

from __future__ import annotations

import pandas as pd

from dermdash.analyses.collective.collective_result import CollectiveResult, ModalityPanels
from dermdash.analyses.collective.malignancy_panels import BENIGN, MALIGNANT, SIDES, malignancy_panels
from dermdash.analyses.collective.mixed_panels import MixedPanels, mixed_panels, strata_sizes
from dermdash.analyses.collective.model_panels import ModelPanels, model_panels
from dermdash.analyses.collective.options import KEY, CollectiveOptions
from dermdash.analyses.collective.panel_curves import PanelCurve, gains, panel_curve
from dermdash.analyses.collective.votes import Votes, votes_of
from dermdash.analyses.model_predictions import ModelOpinions
from dermdash.analyses.other_designs import require_answers
from dermdash.errors import InvalidInput
from dermdash.readings.first_readings import first_of
from dermdash.readings.modality import Phase
from dermdash.readings.pairs import reading_pairs
from dermdash.readings.readings_table import ReadingsTable
from dermdash.readings.small_groups import SMALL_CASES, SMALL_READERS
from dermdash.wording import counted, level

PURPOSE = "judging what panels of readers decide"
MOST_CLASSES = 101
"""Different diagnoses that panels vote on; more are free texts, of which hardly two are alike."""
_ANSWER, _TRUTH = "answer", "true_answer"


def analyse_collective(
    table: ReadingsTable,
    *,
    opinions: ModelOpinions | None = None,
    options: CollectiveOptions | None = None,
) -> CollectiveResult:
    """Accuracy of pluralities against the number of readers.

    Votes are diagnoses where the readings have them, else calls of malignancy. Of several answers of a reader to one
    case in one phase the first counts. Simulated readers are left out beside people.

    Raises
    ------
    MissingColumns
        The readings hold neither diagnoses nor calls of malignancy, or no truth.
    InvalidInput
        No unaided answer with a known truth, or a group to mix that nobody belongs to.
    """
    options = options or CollectiveOptions()
    seed = table.seed if options.seed is None else options.seed
    frame, classes, answer, excluded = voting_frame(table)
    if len(classes) > MOST_CLASSES:
        raise InvalidInput(
            f"{table.source} has {counted(len(classes), 'different diagnosis', 'different diagnoses')}, and panels "
            f"vote on at most {MOST_CLASSES}: give those that mean the same one name"
        )
    unaided = first_answers(frame, Phase.UNAIDED, excluded)
    votes = votes_of(unaided, answer=_ANSWER, truth=_TRUTH, classes=classes)
    main = panel_curve(
        votes, label="All readers", seed=seed, limit=options.limit, replicates=options.replicates
    )  # fmt: skip
    if main is None:
        raise InvalidInput(f"{table.source} has no answer without assistance to a case whose truth is known")
    not_computed = []
    groups = _group_curves(unaided, classes, table, options, seed)
    mixed, no_mix = _mixed(unaided, classes, table, options, seed)
    if no_mix:
        not_computed.append(no_mix)
    model: ModelPanels | None = None
    if opinions is not None:
        if answer == "malignancy":
            opinions = _as_sides(opinions)
        model = model_panels(votes, opinions, seed=seed, limit=options.limit, replicates=options.replicates)
        if model is None:
            why = opinions.missing or "the model has said nothing of the cases that were read."
            not_computed.append(f"Panels with the model: {why}")
        elif model.averaged is None:
            not_computed.append(
                "Averaging with the model's probabilities: its probability of every class is not known for every case. "
                f"{opinions.missing}".strip()
            )
    binary = None
    if table.has("malignant_answer", "truth_malignant"):
        sides = malignancy_votes(unaided)
        if sides.cases:
            binary = malignancy_panels(sides, seed=seed, limit=options.limit, replicates=options.replicates)
    else:
        not_computed.append("Panels on malignancy: the readings do not say which answers and truths are malignant.")
    return CollectiveResult(
        source=table.source,
        answer=answer,
        classes=classes,
        unaided=main.curve,
        group_column=options.by if groups else None,
        groups=groups,
        mixed=mixed,
        modalities=_modalities(frame, classes, table, options, seed, excluded),
        model=model,
        malignancy=binary,
        seed=seed,
        replicates=options.replicates,
        simulated=bool(frame["simulated"].fillna(False).any()),
        exploratory=KEY not in table.prespecified,
        clustered=table.clustered,
        excluded=dict(table.excluded) | {reason: n for reason, n in excluded.items() if n},
        not_computed=tuple(not_computed),
        warnings=() if opinions is None else opinions.warnings,
    )


def voting_frame(table: ReadingsTable) -> tuple[pd.DataFrame, tuple[str, ...], str, dict[str, int]]:
    """Readings with what was voted and what is true, the classes, what they are, and what was left out by reason."""
    diagnoses = table.has("dx", "truth_dx")
    if not diagnoses:
        require_answers(table, "malignant_answer", "truth_malignant", purpose=PURPOSE)
    frame, excluded = table.frame, {}
    if table.clustered:
        frame = frame.assign(unit=table.unit_numbers(frame["case"]))
    people = ~frame["simulated"].fillna(False).astype(bool)
    if people.any() and not people.all():
        excluded["answers of simulated readers"] = int((~people).sum())
        frame = frame[people]
    answer, truth = ("dx", "truth_dx") if diagnoses else ("malignant_answer", "truth_malignant")
    known = frame[answer].notna() & frame[truth].notna()
    excluded["without an answer or a truth"] = int((~known).sum())
    frame = frame[known].sort_values(["reader", "repeat", "round", "session", "position"], kind="stable")
    taxonomy = table.classes
    if not diagnoses:
        frame = frame.assign(**{_ANSWER: _sides(frame[answer]), _TRUTH: _sides(frame[truth])})
        return frame, SIDES, "malignancy", excluded
    frame = frame.assign(**{_ANSWER: frame[answer].astype(str), _TRUTH: frame[truth].astype(str)})
    classes = tuple(sorted({*frame[_ANSWER], *frame[_TRUTH]})) if taxonomy is None else taxonomy.codes
    return frame, classes, "diagnosis", excluded


def first_answers(frame: pd.DataFrame, phase: Phase, excluded: dict[str, int]) -> pd.DataFrame:
    """The first answer of each reader to each case in a phase; the others are counted."""
    rows = frame[frame["phase"] == phase.value]
    first, later = first_of(rows, ("reader", "case"))
    reason = f"a later {phase.value} answer to the same case"
    excluded[reason] = excluded.get(reason, 0) + later
    return first


def malignancy_votes(unaided: pd.DataFrame) -> Votes:
    """Votes on malignancy of answers that say it, on cases whose truth is known."""
    rows = unaided[unaided["malignant_answer"].notna() & unaided["truth_malignant"].notna()]
    rows = rows.assign(**{_ANSWER: _sides(rows["malignant_answer"]), _TRUTH: _sides(rows["truth_malignant"])})
    return votes_of(rows, answer=_ANSWER, truth=_TRUTH, classes=SIDES)


def _sides(column: pd.Series[bool]) -> pd.Series[str]:
    return column.astype(bool).map({True: MALIGNANT, False: BENIGN})


def _as_sides(opinions: ModelOpinions) -> ModelOpinions:
    """The model's opinion of malignancy, malignant from a probability of one half on."""
    return ModelOpinions(
        opinions.name,
        {case: MALIGNANT if p >= 0.5 else BENIGN for case, p in opinions.malignancy.items()},
        {case: {MALIGNANT: p, BENIGN: 1 - p} for case, p in opinions.malignancy.items()},
        opinions.malignancy,
        f"{opinions.origin}, malignant from a probability of {level(0.5)} on",
        opinions.missing,
        opinions.warnings,
    )


def _group_curves(
    unaided: pd.DataFrame, classes: tuple[str, ...], table: ReadingsTable, options: CollectiveOptions, seed: int
) -> tuple[PanelCurve, ...]:
    found = []
    for name in table.groups_of(options.by):
        part = unaided[unaided[options.by] == name]
        if part.empty:
            continue
        votes = votes_of(part, answer=_ANSWER, truth=_TRUTH, classes=classes)
        panels = panel_curve(votes, label=name, seed=seed, limit=options.limit, replicates=options.replicates)
        if panels is not None:
            found.append(panels.curve)
    return tuple(found) if len(found) > 1 else ()


def _mixed(
    unaided: pd.DataFrame, classes: tuple[str, ...], table: ReadingsTable, options: CollectiveOptions, seed: int
) -> tuple[MixedPanels | None, str]:
    sizes = strata_sizes(unaided, options.by)
    order = [name for name in table.groups_of(options.by) if name in sizes]
    if options.mix is not None:
        if unknown := [g for g in options.mix if g not in sizes]:
            raise InvalidInput(
                f"no reader has the {options.by} {unknown[0]!r}: there are {', '.join(order) or 'no groups'}"
            )
        pair = [*options.mix]
    else:
        largest = list(sizes)[:2]
        pair = [name for name in reversed(order) if name in largest]
    if len(pair) < 2:
        return None, f"Mixed panels: the readers are not of two groups by {options.by}."
    votes = votes_of(unaided, answer=_ANSWER, truth=_TRUTH, classes=classes, strata=pair, by=options.by)
    found = mixed_panels(
        votes, column=options.by, size=options.mix_size, seed=seed, replicates=options.replicates
    )  # fmt: skip
    return found, "" if found else f"Mixed panels: no case was read both by {pair[0]} and by {pair[1]}."


def _modalities(
    frame: pd.DataFrame,
    classes: tuple[str, ...],
    table: ReadingsTable,
    options: CollectiveOptions,
    seed: int,
    excluded: dict[str, int],
) -> tuple[ModalityPanels, ...]:
    known = table.subset(pd.Series(table.frame.index.isin(frame.index)))
    pairs = reading_pairs(known)
    pairs = pairs.sort_values(["reader", "repeat", "round", "session", "position"], kind="stable")
    if table.clustered:
        pairs = pairs.assign(unit=table.unit_numbers(pairs["case"]))
    left = int((known.frame["modality"] != "none").sum()) - 2 * int((pairs["modality"] != "none").sum())
    excluded["without the answer in the other phase (comparison of phases only)"] = left
    found = []
    diagnoses = table.has("dx", "truth_dx")
    for modality in known.modalities:
        part = pairs[pairs["modality"] == modality]
        curves = {}
        truth = part["truth_dx"].astype(str) if diagnoses else _sides(part["truth_malignant"])
        for phase in Phase:
            column = f"dx_{phase.value}" if diagnoses else f"malignant_answer_{phase.value}"
            answer = part[column].astype(str) if diagnoses else _sides(part[column])
            votes = votes_of(
                part.assign(**{_ANSWER: answer, _TRUTH: truth}), answer=_ANSWER, truth=_TRUTH, classes=classes
            )
            curves[phase] = panel_curve(
                votes, label=phase.value.capitalize(), seed=seed, limit=options.limit, replicates=options.replicates
            )
        before, after = curves[Phase.UNAIDED], curves[Phase.AIDED]
        if before is not None and after is not None:
            found.append(ModalityPanels(modality, before.curve, after.curve, gains(after, before)))
    return tuple(found)


def small_groups(readers: int, cases: int) -> str:
    """A sentence where so few readers or cases stand behind a figure that it should not be generalised, else empty."""
    words = []
    if readers < SMALL_READERS:
        words.append(counted(readers, "reader"))
    if cases < SMALL_CASES:
        words.append(counted(cases, "case"))
    return f"Small: {' and '.join(words)}." if words else ""
