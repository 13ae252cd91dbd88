"""Advice that is wrong on purpose: how it is made of the model's, and in which cases a reader gets it.

Every case has a wrong version beside the right one, frozen with the study. Which of their cases a reader gets it in is
drawn when they begin: the protocol's share of each class, another share of the cases from reader to reader, so that
within a case as many readers as the protocol says are misled and its difficulty tells nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dermdash.reader_study.arm_draw import seeded
from dermdash.reader_study.protocol_parts import PlantedAdvice, WrongAdviceMethod
from dermdash.readings.assistance.assistance_form import AssistanceInputs, Payload, SaliencyInput
from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import Taxonomy

WRONG = "wrong"
"""Under which key the wrong versions stand among the payloads of a case; no modality is called so."""
PLANTED = "planted"
"""Entry of a stored payload that is wrong on purpose; what is shown never has it."""
_TRIES = 50


def wrong_payloads(
    planted: PlantedAdvice,
    payloads: Mapping[Modality, Payload],
    *,
    probabilities: Mapping[str, float] | None,
    saliency: SaliencyInput | None,
    truth_dx: str,
    taxonomy: Taxonomy,
    seed: int,
    case: str,
) -> dict[str, Payload]:
    """The wrong version of each payload that the model's probabilities make, with the true one in its entry `PLANTED`.

    A form is absent where no plausible wrong version was found: of a malignancy probability, where the truth is neither
    malignant nor benign.
    """
    if probabilities is None:
        return {}
    found: dict[str, Payload] = {}
    for modality, true in payloads.items():
        if not modality.form.can_mislead:
            continue
        rng = seeded(seed, f"wrong advice {case}")
        for _ in range(_TRIES):
            wrong = wrong_probabilities(
                probabilities, truth_dx=truth_dx, taxonomy=taxonomy, method=planted.method, rng=rng
            )
            made = modality.form.payload(AssistanceInputs(wrong, saliency=saliency), taxonomy=taxonomy)
            if made is not None and not _right(modality, made, truth_dx, taxonomy):
                found[str(modality)] = made | {PLANTED: {"method": str(planted.method), "true": dict(true)}}
                break
    return found


def _right(modality: Modality, made: Payload, truth_dx: str, taxonomy: Taxonomy) -> bool:
    """Whether the advice, or any part of it that takes a side, is right or takes none."""
    parts = [(Modality(part["modality"]).form, part) for part in made.get("parts", [made])]
    said = [form.advice_correct(part, truth_dx=truth_dx, taxonomy=taxonomy) for form, part in parts if form.can_mislead]
    return not said or any(right is not False for right in said)


def wrong_probabilities(
    probabilities: Mapping[str, float],
    *,
    truth_dx: str,
    taxonomy: Taxonomy,
    method: WrongAdviceMethod,
    rng: np.random.Generator,
) -> dict[str, float]:
    """The same numbers on other classes: as sure and as spread as the model is, and a wrong class is the highest.

    The wrong class is of the other side of malignancy where the truth has a side and such a class is there, so that all
    forms of one case are wrong together.
    """
    codes = list(taxonomy.codes)
    values = np.array([float(probabilities[code]) for code in codes])
    side = taxonomy[truth_dx].malignancy
    others = [c for c in codes if c != truth_dx and side is not None and taxonomy[c].malignancy is (not side)]
    chosen = str(rng.choice(others or [c for c in codes if c != truth_dx]))
    top = int(np.argmax(values))
    if method is WrongAdviceMethod.PERMUTED:
        moved = rng.permutation(values)
        at = int(np.argmax(moved))
        i = codes.index(chosen)
        moved[at], moved[i] = moved[i], moved[at]
    else:
        moved = values.copy()
        i = codes.index(chosen)
        moved[top], moved[i] = moved[i], moved[top]
    found = dict(zip(codes, map(float, moved), strict=True))
    return found if side is None else _on_the_other_side(found, side=side, taxonomy=taxonomy)


def _on_the_other_side(found: dict[str, float], *, side: bool, taxonomy: Taxonomy) -> dict[str, float]:
    """The two sides weighed anew where they still speak for the true one: their sums change places, no order changes
    within a side.
    """
    malignancy = taxonomy.malignancy_probability(found)
    if (malignancy < 0.5) == side or not 0 < malignancy < 1:
        return found
    factor = {True: (1 - malignancy) / malignancy, False: malignancy / (1 - malignancy)}
    counted = {code: taxonomy.malignancy_probability({c: float(c == code) for c in found}) > 0.5 for code in found}
    return {code: value * factor[counted[code]] for code, value in found.items()}


def planted_cases(planted: PlantedAdvice, classes: Mapping[str, str], *, seed: int, serial: int) -> frozenset[str]:
    """Which of a reader's cases get wrong advice.

    Parameters
    ----------
    classes
        True class of each case with assistance that can be made wrong, by its id.
    serial
        How many readers began before: the share goes round the cases of a class, one share further with every reader.
    """
    by_class: dict[str, list[str]] = {}
    for case, dx in sorted(classes.items()):
        by_class.setdefault(dx, []).append(case)
    counts = _shares([len(cases) for cases in by_class.values()], planted.share_percent / 100, serial)
    found: list[str] = []
    for (dx, cases), count in zip(by_class.items(), counts, strict=True):
        order = seeded(seed, f"planted {dx}").permutation(len(cases)).tolist()
        first = serial * count % len(cases)
        found += [cases[order[(first + k) % len(cases)]] for k in range(count)]
    return frozenset(found)


def _shares(sizes: Sequence[int], share: float, serial: int) -> list[int]:
    """So many of each class: the whole part of its share, and what is left over to the classes that lack most.

    Equal remainders go to another class from reader to reader.
    """
    exact = [size * share for size in sizes]
    counts = [int(value + 1e-9) for value in exact]
    left = round(sum(exact)) - sum(counts)
    turn = serial % max(len(sizes), 1)
    order = sorted(range(len(sizes)), key=lambda i: (counts[i] - exact[i], (i - turn) % len(sizes)))
    for i in order[: max(left, 0)]:
        counts[i] += 1
    return counts
