"""Benefit of assistance of a study, of a log, or of counts per image."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dermdash.analyses.benefit.aggregate import AGGREGATE_GROUPINGS, REPLICATES, AggregateBenefit, aggregate_benefit
from dermdash.analyses.benefit.benefit import Benefit, benefit
from dermdash.analyses.benefit.grouping import GROUPINGS, SKILL
from dermdash.analyses.benefit.measures import Measure, Outcome
from dermdash.analyses.benefit.outcomes import needed_columns
from dermdash.analyses.benefit.planned import KEY, READERS_AND_CASES
from dermdash.analyses.benefit.rubric import DEFAULT_RUBRIC, Rubric
from dermdash.analyses.benefit.words import GroupNames
from dermdash.analyses.other_designs import require_answers, say_design, why_no_pairs
from dermdash.analysis.estimates import check_confidence
from dermdash.errors import InvalidInput, MissingColumns, WayOut
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.first_readings import first_readings
from dermdash.readings.modality import Modality, public_modality
from dermdash.readings.pairs import reading_pairs, unpaired
from dermdash.readings.readings_table import ReadingsTable

GROUP_REPLICATES = 500


@dataclass(frozen=True)
class BenefitResult:
    """What assistance changed, and where the answers came from.

    Attributes
    ----------
    found : Benefit or AggregateBenefit
        From single readings, or from counts per image.
    source : str
        The study or file in words.
    excluded : dict of str to int
        Readings (or rows) left out on the way, by reason.
    unpaired : int
        Readings whose other half is missing.
    rubric : Rubric or None
        Only where management was judged.
    prespecified : tuple of str
        Of the frozen protocol.
    """

    found: Benefit | AggregateBenefit
    source: str
    format: str
    excluded: Mapping[str, int] = field(default_factory=dict)
    unpaired: int = 0
    notes: tuple[str, ...] = ()
    rubric: Rubric | None = None
    prespecified: tuple[str, ...] = ()
    simulated: bool = False
    taxonomy: str | None = None
    clustered: bool = False
    design: tuple[str, ...] = ()
    confidence_words: tuple[str, ...] = ()

    @property
    def names(self) -> GroupNames:
        """What its groups are named with."""
        return GroupNames(self.taxonomy, self.confidence_words)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: ``modalities`` of the main measure first, modalities as the public file spells them."""
        main = self.found.main
        inside = self.found.as_dict()
        return _publicly_named(
            {
                "modalities": [row.as_dict() for row in main.rows],
                "measure": str(main.measure),
                "overall": None if main.overall is None else main.overall.as_dict(),
                "source": self.source,
                "format": self.format,
                "exploratory": KEY not in self.prespecified,
                "exploratory_readers_and_cases": READERS_AND_CASES not in self.prespecified,
                "unpaired_readings": self.unpaired,
                "excluded": dict(self.excluded),
                "notes": list(self.notes),
                "rubric": None if self.rubric is None else self.rubric.frame.to_dict("records"),
                **inside,
            }
        )


def available_breakdowns(table: ReadingsTable | AggregateTable) -> tuple[str, ...]:
    """Breakdowns for which the readings hold something, in their usual order."""
    if isinstance(table, AggregateTable):
        return AGGREGATE_GROUPINGS
    columns = {key: kind.column.removesuffix("_unaided") for key, kind in GROUPINGS.items()}
    return tuple(key for key, column in columns.items() if key == SKILL or table.has(column))


def analyse_benefit(
    table: ReadingsTable | AggregateTable,
    *,
    outcome: Outcome = Outcome.DIAGNOSIS,
    breakdown_measure: Measure | None = None,
    breakdowns: Sequence[str] | None = None,
    rubric: Rubric = DEFAULT_RUBRIC,
    lesions: Mapping[str, str] | None = None,
    replicates: int | None = None,
    confidence: float = 0.95,
) -> BenefitResult:
    """Compare answers before and after assistance.

    Parameters
    ----------
    outcome, breakdown_measure
        What counts, and the measure of it that is broken down (None: the first).
    breakdowns
        Keys of `dermdash.analyses.benefit.grouping.GROUPINGS`; None: `available_breakdowns`.
    rubric
        Used for management alone.
    lesions
        Lesion of each image, for counts per image.
    replicates
        Bootstrap draws; None: 2,000 for readings, 10,000 for counts.

    Raises
    ------
    MissingColumns
        No answer, pair or truth for this outcome; the message says what is missing.
    InvalidInput
        A breakdown or measure that there is not, or no level of confidence.
    """
    check_confidence(confidence)
    keys = available_breakdowns(table) if breakdowns is None else tuple(breakdowns)
    known = AGGREGATE_GROUPINGS if isinstance(table, AggregateTable) else tuple(GROUPINGS)
    if unknown := [key for key in keys if key not in known]:
        raise InvalidInput(f"{table.source} has no breakdown {', '.join(unknown)}: expected {', '.join(known)}")
    if isinstance(table, AggregateTable):
        return _of_counts(table, outcome, breakdown_measure, keys, lesions, replicates, confidence)
    require_answers(table, *needed_columns(outcome), purpose=f"The benefit for {outcome}")
    table = first_readings(table)
    pairs = reading_pairs(table)
    if why := why_no_pairs(table):
        raise MissingColumns(f"{table.source} has no pair of answers before and after assistance: {why}")
    if table.clustered:
        pairs["unit"] = table.unit_of(pairs["case"])
    taxonomy = table.classes
    orders = {
        "experience_group": table.groups_of("experience_group"),
        "truth_dx": () if taxonomy is None else taxonomy.codes,
    }
    draws = 2000 if replicates is None else replicates
    return BenefitResult(
        found=benefit(
            pairs,
            outcome=outcome,
            rubric=rubric,
            source=table.source,
            modalities=table.modalities,
            seed=table.seed,
            keys=keys,
            breakdown_measure=breakdown_measure,
            orders=orders,
            confidence=confidence,
            replicates=draws,
            group_replicates=min(draws, GROUP_REPLICATES),
        ),
        source=table.source,
        format=table.format,
        excluded=table.excluded,
        unpaired=unpaired(table),
        notes=table.notes,
        rubric=rubric if outcome is Outcome.MANAGEMENT else None,
        prespecified=table.prespecified,
        simulated=table.simulated,
        taxonomy=table.taxonomy,
        clustered=table.clustered,
        design=say_design(table),
        confidence_words=table.confidence_words,
    )


def study_benefit(table: ReadingsTable) -> BenefitResult | None:
    """Change of correct diagnoses in a study (`study_readings`), also by experience; None before the first pair."""
    if reading_pairs(table).empty:
        return None
    return analyse_benefit(table, breakdowns=("experience_group",))


def _of_counts(
    table: AggregateTable,
    outcome: Outcome,
    breakdown_measure: Measure | None,
    keys: Sequence[str],
    lesions: Mapping[str, str] | None,
    replicates: int | None,
    confidence: float,
) -> BenefitResult:
    if outcome is not Outcome.AGREEMENT and not table.frame["truth_dx"].notna().any():
        raise MissingColumns(
            f"{table.source} holds no truth: import the images with their diagnoses into the workspace, or name a file "
            "of true diagnoses. Without a truth, the outcome agreement still says how far answers moved to the model's "
            "class, and how often they named a malignant one",
            way_out=WayOut.TRUTH_OF_COUNTS,
        )
    there = set(table.frame["modality"])
    ours = [m.value for m in Modality if m.value in there]
    return BenefitResult(
        found=aggregate_benefit(
            table.frame,
            taxonomy=table.classes,
            outcome=outcome,
            source=table.source,
            modalities=[*ours, *sorted(there - set(ours))],
            seed=table.seed,
            lesions=lesions,
            breakdown_measure=breakdown_measure,
            keys=keys,
            confidence=confidence,
            replicates=REPLICATES if replicates is None else replicates,
        ),
        source=table.source,
        format=table.format,
        excluded=table.excluded,
        notes=table.notes,
        taxonomy=table.taxonomy,
    )


def _publicly_named(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            k: public_modality(v) if k == "modality" and isinstance(v, str) else _publicly_named(v)
            for k, v in value.items()
        }
    return [_publicly_named(v) for v in value] if isinstance(value, list) else value
