"""What is fixed of one case when a study is frozen: what each modality shows, and what an attention check asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from dermdash.reader_study.arm_draw import seeded
from dermdash.reader_study.assistance import build_assistance
from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.drawn_cases import SelectedCase
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.wrong_advice import WRONG, wrong_payloads
from dermdash.readings.assistance.assistance_form import CrowdOpinion, SaliencyInput
from dermdash.readings.modality import Modality
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier import find_similar
from dermdash.workflows.classifier.find_similar import SimilarRecord


def expected_of(protocol: Protocol, case: SelectedCase) -> dict[str, Any] | None:
    """What an attention check tells the reader to answer: drawn, and not what the image shows."""
    if case.part is not CasePart.CHECK:
        return None
    rng = seeded(protocol.seed, f"check {case.round}.{case.position}")
    others = [code for code in protocol.classes.codes if code != case.truth_dx]
    dx = str(rng.choice(others))
    if not protocol.asked.confidence:
        return {"dx": dx}
    return {"dx": dx, "confidence": int(rng.integers(1, len(protocol.confidence_levels) + 1))}


def similar_to_cases(
    workspace: Workspace,
    protocol: Protocol,
    record_ids: Collection[str],
    *,
    banned: Collection[str],
    modalities: Collection[Modality] | None = None,
) -> dict[str, list[SimilarRecord]]:
    """The similar records that are shown with each case, by its record; none where no modality shows any.

    Parameters
    ----------
    banned
        Records that may not be shown as similar: all cases of the study with their relatives.
    modalities
        Only these; None: all of the protocol.
    """
    wanted = protocol.every_modality if modalities is None else modalities
    if not protocol.model_id or not any(m.form.needs_neighbours for m in wanted):
        return {}
    return find_similar.similar_to_each(
        workspace,
        record_ids,
        model_id=protocol.model_id,
        k=protocol.cbir_k,
        dataset_ids=[protocol.dataset_id],
        excluded_ids=banned,
    )


def assistance_of(
    protocol: Protocol,
    case: SelectedCase,
    *,
    probabilities: Mapping[str, float] | None,
    similar: Sequence[SimilarRecord],
    crowd: CrowdOpinion | None,
    saliency: SaliencyInput | None,
    modalities: Collection[Modality] | None = None,
) -> dict[str, Any]:
    """What each modality shows of a case, in stored form by modality; what is missing for one is absent.

    Parameters
    ----------
    probabilities
        Of the model, by class.
    similar
        Of the case (`similar_to_cases`).
    crowd, saliency
        Of the frozen crowd, and where the model looked.
    modalities
        Only these; None: all of the protocol.
    """
    taxonomy = protocol.classes
    wanted = protocol.every_modality if modalities is None else modalities
    built = build_assistance(
        taxonomy=taxonomy,
        probabilities=probabilities,
        neighbours=[(s.record_id, s.dx, s.similarity) for s in similar],
        crowd=crowd,
        saliency=saliency,
        modalities=wanted,
    )
    found: dict[str, Any] = {str(modality): payload for modality, payload in built.items()}
    if protocol.wrong_advice is None or case.part is not CasePart.STUDY:
        return found
    return found | {
        WRONG: wrong_payloads(
            protocol.wrong_advice,
            built,
            probabilities=probabilities,
            saliency=saliency,
            truth_dx=case.truth_dx,
            taxonomy=taxonomy,
            seed=protocol.seed,
            case=case.record_id,
        )
    }
