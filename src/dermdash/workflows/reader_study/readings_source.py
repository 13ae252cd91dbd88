"""Where readings come from: the studies of the workspace and the logs imported into it."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import pandas as pd

from dermdash.errors import InvalidInput, NotFound
from dermdash.reader_study.crowd import crowd_words
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.borderline import with_borderline, without_sides
from dermdash.readings.crowd_shown import crowd_shown
from dermdash.readings.readings_table import (
    COLUMN_TYPES,
    ReadingsTable,
    confidence_weighted_rating,
    make_readings_table,
)
from dermdash.readings.shown_advice import ShownAdvice, shown_advice
from dermdash.readings.small_cells import table_without_small_cells
from dermdash.records.taxonomy import BorderlinePolicy, get_taxonomy
from dermdash.retrieval.groups import connected_groups
from dermdash.storage import records, studies
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.identity_groups import identity_groups
from dermdash.workflows.dataset.named_records import named_records
from dermdash.workflows.reader_study import study_results
from dermdash.workflows.reader_study.marked_readers import marked_readers, say_marked, without_marked
from dermdash.workflows.readings import import_reading_log
from dermdash.workflows.verification.verified_cases import only_verified, stages_of_images, stages_of_study

_DERIVED_RATING = (
    "The malignancy rating was derived: the confidence level of a reading, positive for a malignant and negative for a "
    "benign diagnosis."
)
STUDY, LOG, AGGREGATE = "study", "log", "aggregate"
"""Kinds of sources; an aggregate is a log that counts answers per image and holds no single readings."""


@dataclass(frozen=True, slots=True)
class ReadingsSource:
    """A study or an imported log that can be analysed; ``key`` names it in addresses and commands."""

    key: str
    name: str
    kind: str
    readings: int
    simulated: bool


def list_sources(workspace: Workspace, *, empty: bool = False) -> tuple[ReadingsSource, ...]:
    """Everything that holds readings: studies first, then imported logs, each newest first.

    ``empty``: also studies without a reading yet.
    """
    found = [
        ReadingsSource(key_of_study(s["id"]), str(s["name"]), STUDY, int(s["readings"]), bool(s["simulated"]))
        for s in study_results.list_studies(workspace)
        if s["readings"] or empty
    ]
    found += [
        ReadingsSource(log.key, log.name, AGGREGATE if log.aggregate else LOG, log.readings, log.simulated)
        for log in import_reading_log.list_logs(workspace)
    ]
    return tuple(found)


def find_source(workspace: Workspace, name: str) -> ReadingsSource:
    """Return the source of that key, id or name.

    Raises
    ------
    NotFound
        None, or several, are called so; the message lists what there is.
    """
    sources = list_sources(workspace)
    found = [s for s in sources if name in (s.key, s.key.partition(":")[2])] or [s for s in sources if s.name == name]
    if len(found) != 1:
        known = ", ".join(s.key for s in sources) or "none yet"
        what = "several sources of readings are" if found else "no study and no imported log is"
        raise NotFound(f"{what} called {name!r}; there are: {known}")
    return found[0]


def key_of_study(study_id: str) -> str:
    """The key that names a study as a source."""
    return f"{STUDY}:{study_id}"


def study_of(key: str) -> str | None:
    """Id of the study that a key names; None for a log."""
    kind, _, identity = key.partition(":")
    return identity if kind == STUDY else None


def load_readings(
    workspace: Workspace,
    key: str,
    *,
    stage_3: bool = False,
    borderline: BorderlinePolicy | None = None,
    leave_out_marked: bool = False,
) -> ReadingsTable:
    """The single readings of a source by its key, of the cases and under the policy that `load_source` is asked for.

    Raises
    ------
    NotFound
        There is no such source.
    InvalidInput
        It counts answers per image and holds no single readings, or no case is at stage 3.
    """
    table = load_source(workspace, key, stage_3=stage_3, borderline=borderline, leave_out_marked=leave_out_marked)
    if isinstance(table, AggregateTable):
        raise InvalidInput(
            f"{table.source} counts answers per image and does not say which reader gave which: only the benefit of "
            "interaction can be analysed from it"
        )
    return table


def load_aggregate(
    workspace: Workspace,
    key: str,
    *,
    stage_3: bool = False,
    borderline: BorderlinePolicy | None = None,
    leave_out_marked: bool = False,
) -> AggregateTable:
    """The counts per image of a source by its key; InvalidInput when it holds single readings."""
    table = load_source(workspace, key, stage_3=stage_3, borderline=borderline, leave_out_marked=leave_out_marked)
    if not isinstance(table, AggregateTable):
        raise InvalidInput(f"{table.source} holds single readings and no counts per image")
    return table


def load_source(
    workspace: Workspace,
    key: str,
    *,
    stage_3: bool = False,
    borderline: BorderlinePolicy | None = None,
    leave_out_marked: bool = False,
) -> ReadingsTable | AggregateTable:
    """Whatever a source holds; ``stage_3``: of cases verified by histology alone (`only_verified`).

    ``borderline``: what borderline diagnoses count as (`with_borderline`); None: as the protocol of a study, or a log,
    says, else benign. ``leave_out_marked``: without the readers of a study whose session is marked as suspicious.

    Groups of too few readers are merged (`dermdash.readings.small_cells`), since every table of results may leave the
    workspace.
    """
    table = _load_all(workspace, key)
    if leave_out_marked and study_of(key) is None:
        raise InvalidInput(f"{table.source} is no study of this workspace: no reader of it is marked")
    return _to_analyse(workspace, key, table, stage_3=stage_3, borderline=borderline, leave_out_marked=leave_out_marked)


def _to_analyse(
    workspace: Workspace,
    key: str,
    table: ReadingsTable | AggregateTable,
    *,
    stage_3: bool,
    borderline: BorderlinePolicy | None,
    leave_out_marked: bool,
) -> ReadingsTable | AggregateTable:
    """The readings that count, in groups that are large enough to be shown."""
    if (study := study_of(key)) is not None:
        assert isinstance(table, ReadingsTable)
        marked = marked_readers(workspace, study)
        table = without_marked(table, marked) if leave_out_marked else say_marked(table, marked)
    if stage_3:
        study_id = study_of(key)
        stages = (
            stages_of_images(workspace, set(table.frame["case"].astype(str)))
            if study_id is None
            else stages_of_study(workspace, study_id)
        )
        table = only_verified(table, stages)
    return table_without_small_cells(with_borderline(table, borderline), workspace.settings.minimum_group)


def _load_all(workspace: Workspace, key: str) -> ReadingsTable | AggregateTable:
    kind, _, identity = key.partition(":")
    if kind == STUDY:
        return _every_reading(workspace, identity)
    if kind == LOG:
        log = import_reading_log.load_log(workspace, identity)
        if isinstance(log, AggregateTable):  # its images find their lesions together with their truth
            return log
        return log.with_units(units_of_log(workspace, log))
    raise NotFound(f"there is no source of readings {key!r}")


def study_readings(
    workspace: Workspace,
    study_id: str,
    logged: pd.DataFrame | None = None,
    *,
    stage_3: bool = False,
    borderline: BorderlinePolicy | None = None,
    leave_out_marked: bool = False,
) -> ReadingsTable:
    """The readings of a study of this workspace as `load_source` gives them.

    ``logged`` is `study_results.readings_table` of the study, where the caller has it already.
    """
    table = _every_reading(workspace, study_id, logged)
    found = _to_analyse(
        workspace,
        key_of_study(study_id),
        table,
        stage_3=stage_3,
        borderline=borderline,
        leave_out_marked=leave_out_marked,
    )
    assert isinstance(found, ReadingsTable)
    return found


def _every_reading(workspace: Workspace, study_id: str, logged: pd.DataFrame | None = None) -> ReadingsTable:
    """Practice is left out, the case is the image."""
    study = studies.get_study(workspace.engine, study_id)
    protocol = study_results.study_protocol(workspace, study_id)
    taxonomy = get_taxonomy(protocol.taxonomy)
    table = study_results.readings_table(workspace, study_id) if logged is None else logged
    advice = [shown_advice(cell, protocol.classes) for cell in table["assistance"]]
    kept = (
        table.assign(case=table["image_id"], session=_sessions(table))
        .reindex(columns=list(COLUMN_TYPES))
        .astype(object)
    )
    for i, name in enumerate(ShownAdvice._fields):
        kept[name] = pd.Series([a[i] for a in advice], index=kept.index, dtype=object)
    malignant = {c.code: c.is_malignant for c in taxonomy.classes}
    # Counted with borderline as benign first; `with_borderline` counts them as the protocol says.
    kept = without_sides(kept, taxonomy)
    derived = protocol.asked.diagnosis and protocol.asked.confidence and not protocol.asked.malignancy_rating
    if derived:
        kept["malignancy_rating"] = confidence_weighted_rating(kept["dx"].map(malignant), kept["confidence"])
    found = make_readings_table(
        kept,
        source=str(study["name"]),
        format=STUDY,
        taxonomy=taxonomy.name,
        notes=(_DERIVED_RATING,) if derived else (),
        excluded=study_results.answers_left_out(workspace, study_id),
        prespecified=protocol.prespecified_analyses,
        protocol_sha256=study["protocol_sha256"],
        seed=protocol.seed,
    )
    crowd = None
    if any(m.form.needs_crowd for m in protocol.every_modality):
        origin = protocol.frozen_crowd
        crowd = crowd_shown(
            kept,
            table["assistance"].astype(str),
            growing=origin is None,
            fixed_from="" if origin is None else crowd_words(origin),
        )
    return replace(
        found,
        planned_borderline=protocol.borderline,
        confidence_words=tuple(protocol.confidence_levels) if protocol.asked.confidence else (),
        crowd=crowd,
        warnings=(*found.warnings, *(() if crowd is None else crowd.warnings)),
        notes=(*found.notes, *([crowd.fixed_words] if crowd is not None and crowd.fixed_words else [])),
    )


def _sessions(table: pd.DataFrame) -> pd.Series:
    """Where a case is read in the same phase in two periods, each is a session; else a case is read once without and
    once with assistance, in one period or in two, and both make a pair.
    """
    again = table.duplicated(["reader", "case", "phase", "repeat"]).any()
    return table["period"].astype(str) if again else pd.Series("1", index=table.index)


def units_of_log(workspace: Workspace, log: ReadingsTable) -> dict[str, str]:
    """What each case of a log belongs to: what the log says, and what the workspace knows of images of these names.

    Together, as belonging is transitive: of two images of one lesion the log may name one patient.
    """
    cases = sorted(set(log.frame["case"].astype(str)))
    known = units_of_images(workspace, cases)
    if not log.units or not known:
        return {**log.units, **known}
    said = {"workspace": [known.get(c) for c in cases], "log": [log.units.get(c) for c in cases]}
    numbers = connected_groups(len(cases), said).tolist()
    # Cases come in order: a group is called by the first of it.
    first: dict[int, str] = {}
    return {case: first.setdefault(number, case) for case, number in zip(cases, numbers, strict=True)}


def units_of_images(workspace: Workspace, cases: Collection[str]) -> dict[str, str]:
    """The unit of cases that bear the name of exactly one image of the workspace."""
    named = named_records(cases, records.similarity_columns(workspace.engine))
    names = list(map(str, named.index))
    return dict(zip(names, identity_groups(workspace).clusters_of(list(named["id"].astype(str)), names), strict=True))
