"""The cases that a protocol would have: drawn, with what people did to the list before the freeze."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from dermdash.errors import InvalidInput
from dermdash.reader_study.before_freezing import check_before_freezing
from dermdash.reader_study.beside_case import is_clinical
from dermdash.reader_study.case_exchange import Exchange, with_exchanges
from dermdash.reader_study.case_selection import by_difficulty, select_cases
from dermdash.reader_study.case_strata import disagreement, entropy
from dermdash.reader_study.crowd import crowd_from_counts
from dermdash.reader_study.drawn_cases import CaseSelection
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_parts import DifficultySource
from dermdash.readings.assistance.assistance_form import CrowdOpinion
from dermdash.records.chosen_records import read_kept
from dermdash.storage import case_exchanges, models, readings, records
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.classifier.held_out import held_out_records
from dermdash.workflows.classifier.model_registry import get_model, model_label
from dermdash.workflows.dataset.chosen_records import let_through
from dermdash.workflows.dataset.identity_groups import ONE_LESION, identity_groups
from dermdash.workflows.dataset.image_kinds import kind_of_datasets, kind_words
from dermdash.workflows.reader_study.frozen_crowd import crowd_of_protocol


@dataclass(frozen=True, slots=True)
class DrawnCases:
    """The draw of a protocol with the exchanges that hold, and what it was drawn from.

    ``digest`` names the list as it was drawn, `CaseSelection.digest` of the ``selection`` that with its exchanges;
    ``acts`` are rows of the log that hold, in order.
    """

    selection: CaseSelection
    digest: str
    acts: tuple[Mapping[str, Any], ...]
    candidates: pd.DataFrame = field(default_factory=pd.DataFrame)
    crowd: Mapping[str, CrowdOpinion] = field(default_factory=dict)

    @property
    def exchanges(self) -> tuple[Mapping[str, Any], ...]:
        """The rows that put one case in the place of another."""
        return tuple(row for row in self.acts if row["kind"] == case_exchanges.EXCHANGED)

    @property
    def lock(self) -> Mapping[str, Any] | None:
        """The row that locked the list; None where it is open."""
        turns = [row for row in self.acts if row["kind"] in (case_exchanges.LOCKED, case_exchanges.OPENED)]
        return turns[-1] if turns and turns[-1]["kind"] == case_exchanges.LOCKED else None


def draw_cases(workspace: Workspace, protocol: Protocol) -> CaseSelection:
    """Draw the cases a protocol would have, without storing anything: the preview before freezing.

    It says how many records the filter of the protocol leaves out, and has the exchanges that people made.

    Raises
    ------
    InvalidInput
        A class, or a stratum of it, has too few lesions; the model knows the other kind of images; nothing says how
        hard the cases are; or this version does not know the filter of the protocol.
    NotFound
        The model does not exist.
    """
    return drawn(workspace, protocol).selection


def drawn(workspace: Workspace, protocol: Protocol) -> DrawnCases:
    """The same with what it was drawn from; raises as `draw_cases`."""
    candidates = _candidates(workspace, protocol)
    crowd = crowd_of_protocol(workspace, protocol)
    base = _select(_with_difficulty(workspace, protocol, candidates, crowd), protocol, crowd)
    found = replace(as_drawn(workspace, base), candidates=candidates, crowd=crowd)
    exchanges = [Exchange(row["old_record_id"], row["new_record_id"], row["reason"]) for row in found.exchanges]
    return replace(found, selection=with_exchanges(base, exchanges))


def as_drawn(workspace: Workspace, base: CaseSelection) -> DrawnCases:
    """A list as the seed draws it, with what was done to it and not with what it was drawn from."""
    return DrawnCases(base, base.digest, tuple(case_exchanges.acts_of_draw(workspace.engine, base.digest)))


def base_draw(workspace: Workspace, protocol: Protocol) -> CaseSelection:
    """The draw as the seed gives it, without what people exchanged."""
    candidates = _candidates(workspace, protocol)
    crowd = crowd_of_protocol(workspace, protocol)
    return _select(_with_difficulty(workspace, protocol, candidates, crowd), protocol, crowd)


def _select(candidates: pd.DataFrame, protocol: Protocol, crowd: Mapping[str, CrowdOpinion]) -> CaseSelection:
    """Draw the cases; with a frozen crowd among the images it has shares of, as kinds would not be balanced else."""
    check_before_freezing(protocol)
    if protocol.frozen_crowd is None:
        return select_cases(candidates, protocol=protocol)
    rows = candidates[candidates["image_id"].astype(str).isin(set(crowd))]
    if rows.empty:
        raise InvalidInput(f"{protocol.frozen_crowd['name']} has no crowd for an image of this data set")
    return select_cases(rows, protocol=protocol)


def _candidates(workspace: Workspace, protocol: Protocol) -> pd.DataFrame:
    rows = records.records_of_dataset(workspace.engine, protocol.dataset_id)
    if rows.empty:
        raise InvalidInput(f"The data set {protocol.dataset_id!r} has no records to draw cases from.")
    _check_same_kind(workspace, protocol)
    rows = rows[rows["dx"].notna()]
    # Without a model nothing has been trained on any lesion.
    held_out = (
        held_out_records(workspace, protocol.model_id, rows) if protocol.model_id else np.ones(len(rows), dtype=bool)
    )
    # Those left out stay among the candidates: the study must not show another image of one of its lesions as similar.
    passing = let_through(workspace, protocol.dataset_id, list(rows["id"]), read_kept(protocol.record_filter))
    if protocol.view.clinical_image:  # which is shown beside the case, and so is none itself
        passing = passing & ~is_clinical(rows).to_numpy()
    ids = rows["id"].tolist()
    return rows.assign(
        held_out=held_out,
        let_through=passing,
        one_lesion=identity_groups(workspace, ONE_LESION).of(ids),
        identity=identity_groups(workspace).of(ids),
    ).rename(columns={"id": "record_id"})


def _check_same_kind(workspace: Workspace, protocol: Protocol) -> None:
    """Raise InvalidInput where a model of drawn images would advise on photographs, or the other way round."""
    if protocol.model_id is None:
        return
    model = get_model(workspace, protocol.model_id)
    drawn_images = kind_of_datasets(workspace, [protocol.dataset_id])
    if bool(model["simulated"]) != drawn_images:
        raise InvalidInput(
            f"The model {model_label(model)} knows {kind_words(not drawn_images)}, and {protocol.dataset_id} holds "
            f"{kind_words(drawn_images)}: choose a model of {kind_words(drawn_images)}, or none."
        )


def _with_difficulty(
    workspace: Workspace, protocol: Protocol, candidates: pd.DataFrame, crowd: Mapping[str, CrowdOpinion]
) -> pd.DataFrame:
    """The candidates with how hard each is, where the protocol draws by it."""
    if not by_difficulty(protocol):
        return candidates
    if protocol.draw.difficulty is DifficultySource.MODEL_ENTROPY:
        return candidates.assign(difficulty=_entropies(workspace, protocol, candidates))
    shares = _crowd_shares(workspace, protocol, candidates, crowd)
    hard = [disagreement(shares[key]) if key in shares else np.nan for key in candidates["record_id"]]
    return candidates.assign(difficulty=hard)


def _entropies(workspace: Workspace, protocol: Protocol, candidates: pd.DataFrame) -> list[float]:
    if protocol.model_id is None:
        raise InvalidInput(
            "drawing by the entropy of a model needs a model: choose one, or draw by the agreement of a crowd"
        )
    wanted = candidates[candidates["let_through"]]["record_id"]
    found = models.predictions_of_model(workspace.engine, protocol.model_id, list(wanted))
    known = {
        key: entropy(probabilities)
        for key, probabilities in zip(found["record_id"], found["probabilities"], strict=True)
    }
    if missing := len(wanted) - len(known):
        raise InvalidInput(
            f"{counted(missing, 'record')} of {len(wanted):,} to draw from have no prediction of the model, so that "
            "nothing says how hard they are: predict them on the Models page, or run "
            f"`dermdash predict --model {protocol.model_id} --dataset {protocol.dataset_id}`"
        )
    return [known.get(key, np.nan) for key in candidates["record_id"]]


def _crowd_shares(
    workspace: Workspace, protocol: Protocol, candidates: pd.DataFrame, crowd: Mapping[str, CrowdOpinion]
) -> dict[str, Mapping[str, float]]:
    """Shares of answers by record: of the frozen crowd, else of everybody who has read images of the data set."""
    if protocol.frozen_crowd is not None:
        images = zip(candidates["record_id"], candidates["image_id"].astype(str), strict=True)
        return {key: crowd[image].probabilities for key, image in images if image in crowd}
    simulated = kind_of_datasets(workspace, [protocol.dataset_id])
    counts = readings.unaided_counts_by_record(workspace.engine, protocol.dataset_id, include_simulated=simulated)
    opinions = crowd_from_counts(
        counts, key="record_id", taxonomy=protocol.classes, minimum_readers=protocol.minimum_crowd_readers
    )
    if not opinions:
        raise InvalidInput(
            f"no image of {protocol.dataset_id} was read by {counted(protocol.minimum_crowd_readers, 'reader')} or "
            "more without assistance: choose an earlier study or log as the crowd, or draw by the model's entropy"
        )
    return {key: opinion.probabilities for key, opinion in opinions.items()}
