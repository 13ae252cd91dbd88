"""What is fixed of one case when a study is frozen: what each modality shows, and what an attention check asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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


def assistance_of(
    workspace: Workspace,
    protocol: Protocol,
    case: SelectedCase,
    *,
    probabilities: Mapping[str, float] | None,
    banned: Collection[str],
    crowd: CrowdOpinion | None,
    saliency: SaliencyInput | None,
    modalities: Collection[Modality] | None = None,
) -> dict[str, Any]:
    """What each modality shows of a case, in stored form by modality; what is missing for one is absent.

    Parameters
    ----------
    probabilities
        Of the model, by class.
    banned
        Records that may not be shown as similar: all cases of the study with their relatives.
    crowd, saliency
        Of the frozen crowd, and where the model looked.
    modalities
        Only these; None: all of the protocol.
    """
    taxonomy = protocol.classes
    wanted = protocol.every_modality if modalities is None else modalities
    neighbours: list[tuple[str, str, float]] = []
    if protocol.model_id and any(m.form.needs_neighbours for m in wanted):
        similar = find_similar.similar_records(
            workspace,
            case.record_id,
            model_id=protocol.model_id,
            k=protocol.cbir_k,
            dataset_ids=[protocol.dataset_id],
            excluded_ids=banned,
        )
        neighbours = [(s.record_id, s.dx, s.similarity) for s in similar]
    built = build_assistance(
        taxonomy=taxonomy,
        probabilities=probabilities,
        neighbours=neighbours,
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
