"""Agreement on labels: the coefficients are those of independent code, and what is left out is counted."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

from dermdash.analyses.label_agreement.results import LabelAgreement
from dermdash.analyses.label_agreement.run import EARLIER_CYCLE, NO_DIAGNOSIS, label_agreement
from dermdash.analyses.label_agreement.section import HOW_TO_GET_REPEATS, label_section
from dermdash.errors import InvalidInput
from dermdash.records.acts import TaskPurpose
from dermdash.records.taxonomy import HAM7
from dermdash.verification.annotated_records import COLUMNS, OVERLAP_COLUMNS, AnnotatedRecords

REVIEWERS = ("ada", "berta", "cora")


def answer(record: str, reviewer: str, dx: str | None, **more: Any) -> dict[str, Any]:
    return {
        "record": record, "unit": record, "reviewer": reviewer, "purpose": TaskPurpose.REVIEW, "cycle": 1, "dx": dx,
        "values": {}, "quality": None, "month": "2026-03", "consensus": None, "histology": None,
    } | more  # fmt: skip


def annotated(rows: Sequence[dict[str, Any]], overlaps: Sequence[dict[str, Any]] = ()) -> AnnotatedRecords:
    return AnnotatedRecords(
        source="Clinic",
        answers=pd.DataFrame(rows, columns=list(COLUMNS)),
        overlaps=pd.DataFrame(overlaps, columns=list(OVERLAP_COLUMNS)),
        taxonomy=HAM7,
        names={"ada": "Ada", "berta": "Berta", "cora": "Cora"},
    )


def drawn(records: int, *, right: float = 0.75, seed: int = 1) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Three reviewers of each record, right so often; the answers as places in the taxonomy, (records, reviewers)."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(4, records, p=[0.5, 0.3, 0.1, 0.1])
    said = np.where(rng.random((records, 3)) < right, truth[:, None], rng.integers(0, 4, (records, 3)))
    rows = [
        answer(
            f"r{i:03}", name, HAM7.codes[said[i, j]],
            consensus=HAM7.codes[np.bincount(said[i]).argmax()],
            histology=HAM7.codes[truth[i]] if i % 2 else None,
            values={
                "dermoscopic_structures": ["globules"] if (truth[i] + j) % 2 else [],
                "elevation": "flat" if truth[i] else "palpable",
            },
            quality=3 + (i + j) % 2,
        )
        for i in range(records)
        for j, name in enumerate(REVIEWERS)
    ]  # fmt: skip
    return rows, said


@pytest.fixture(scope="module")
def result() -> LabelAgreement:
    return label_agreement(annotated(drawn(80)[0]), replicates=300)


def test_fleiss_kappa_is_that_of_statsmodels(result: LabelAgreement) -> None:
    table, _ = aggregate_raters(drawn(80)[1])
    fleiss = next(c for c in result.overall.coefficients if c.statistic == "fleiss")
    assert fleiss.value == pytest.approx(fleiss_kappa(table))


def test_the_kappa_of_a_pair_is_that_of_scikit_learn(result: LabelAgreement) -> None:
    said = drawn(80)[1]
    assert [(p.first, p.second) for p in result.pairs] == [("ada", "berta"), ("ada", "cora"), ("berta", "cora")]
    assert result.pairs[1].kappa.value == pytest.approx(cohen_kappa_score(said[:, 0], said[:, 2]))
    assert result.pairs[1].same.value == pytest.approx((said[:, 0] == said[:, 2]).mean())


def test_every_pair_of_reviewers_of_a_record_counts_both_ways(result: LabelAgreement) -> None:
    said = drawn(80)[1]
    expected = np.zeros((7, 7), int)
    for a, b in ((0, 1), (0, 2), (1, 2)):
        np.add.at(expected, (said[:, a], said[:, b]), 1)
        np.add.at(expected, (said[:, b], said[:, a]), 1)
    assert result.confusion.tolist() == expected.tolist()


def test_a_reviewer_is_measured_against_consensus_histology_and_the_model(result: LabelAgreement) -> None:
    said = drawn(80)[1]
    ada = result.reviewers[0]
    rng = np.random.default_rng(1)
    truth = rng.choice(4, 80, p=[0.5, 0.3, 0.1, 0.1])
    assert (ada.answers, ada.unsure, ada.histology.total) == (80, 0, 40)
    assert ada.histology.value == pytest.approx((said[1::2, 0] == truth[1::2]).mean())
    assert ada.model.value is not None
    assert ada.model.low is not None
    assert ada.model.high is not None
    assert ada.model.low < (said[:, 0] == truth).mean() < ada.model.high


def test_parts_are_measured_by_class_field_and_structure(result: LabelAgreement) -> None:
    assert [part.value for part in result.by_class] == list(HAM7.codes[:4])
    assert {part.value for part in result.by_field} == {"elevation", "image_quality_score"}
    assert [part.value for part in result.by_structure] == ["dermoscopic_structures:globules"]
    elevation = next(part for part in result.by_field if part.value == "elevation")
    assert elevation.coefficients[0].value == 1


def test_the_latest_round_alone_counts_and_what_is_left_out_is_counted() -> None:
    rows = drawn(20)[0]
    rows += [answer("r000", name, "mel", cycle=2) for name in REVIEWERS[:2]]
    rows += [answer("r000", "cora", None, cycle=2)]
    found = label_agreement(annotated(rows), replicates=0)
    assert found.overall.records == 20
    assert found.overall.answers == 59
    assert found.excluded == {EARLIER_CYCLE: 3, NO_DIAGNOSIS: 1}


def test_repeats_measure_reviewers_against_themselves_and_nothing_else() -> None:
    rows = drawn(30)[0]
    own = {row["record"]: row["dx"] for row in rows if row["reviewer"] == "ada"}
    again = [
        answer(f"r{i:03}", "ada", own[f"r{i:03}"] if i < 6 else next(c for c in HAM7.codes if c != own[f"r{i:03}"]),
               purpose=TaskPurpose.REPEAT)
        for i in range(8)
    ]  # fmt: skip
    found = label_agreement(annotated(rows + again), replicates=0)
    assert found.overall.answers == 90
    assert found.intra is not None
    assert (found.intra.before[0].pairs, found.intra.before[0].agreeing) == (8, 6)
    assert HOW_TO_GET_REPEATS in label_section(label_agreement(annotated(rows), replicates=0)).summary


def test_regions_are_averaged_over_records_where_both_marked_them() -> None:
    rows = drawn(10)[0]
    overlaps = [
        dict(zip(OVERLAP_COLUMNS, (f"r{i:03}", f"r{i:03}", "globules", "ada", "berta", iou, iou / 2), strict=True))
        for i, iou in enumerate([0.2, 0.4, 0.6, 0.0])
    ]
    (globules,) = label_agreement(annotated(rows, overlaps), replicates=100).overlaps
    assert (globules.records, globules.pairs, globules.both) == (4, 4, 3)
    assert globules.iou.value == pytest.approx(0.4)
    assert globules.iou.interval is None, "three records are too few"


def test_few_records_have_values_and_no_interval() -> None:
    found = label_agreement(annotated(drawn(6)[0]), replicates=200)
    assert all(c.low is None and c.reason for c in found.overall.coefficients)
    assert found.model_reason is not None
    assert all(reviewer.model.value is None for reviewer in found.reviewers)


def test_without_reviews_the_way_out_is_said() -> None:
    with pytest.raises(InvalidInput, match="independent reviews"):
        label_agreement(annotated([answer("r1", "ada", "nv", purpose=TaskPurpose.INITIAL)]))


def test_the_section_has_every_table_and_draws_every_figure(result: LabelAgreement) -> None:
    from dermdash.charts.palette import Theme

    section = label_section(result)
    assert {table.name for table in section.tables} >= {
        "label-agreement", "label-agreement-by-class", "label-agreement-pairs", "label-agreement-confusion",
        "label-agreement-reviewers",
    }  # fmt: skip
    for figure in section.figures:
        assert figure.make(Theme.DARK).data
    pairs = next(table for table in section.tables if table.name == "label-agreement-pairs")
    assert pairs.shown["Reviewers"].tolist() == ["Ada and Berta", "Ada and Cora", "Berta and Cora"]


def test_the_answer_has_one_coefficient_in_front_and_the_records_agreed_on_least(result: LabelAgreement) -> None:
    section = label_section(result)
    assert section.answer is not None
    assert section.answer.sentence.startswith("Two reviewers of a record gave the same diagnosis in ")
    assert "; 3 reviewers are too few" in section.answer.sentence
    assert [figure.name for figure in section.answer.figures] == ["Krippendorff's alpha", "Same diagnosis"]
    assert section.chart is not None
    assert section.chart.name == "by-class"
    said = drawn(80)[1]
    apart = [f"r{i:03}" for i, row in enumerate(said) if len(set(row)) == 3]
    shown = [one.case for one in result.split]
    assert shown[: len(apart)] == apart[:24]
    assert all(len(one.before) > 1 for one in result.split)
    assert result.as_dict()["split_records"][0]["agreement"] == 0
    drawn_images = label_section(replace(result, simulated=True)).answer
    assert drawn_images is not None
    assert drawn_images.sentence.startswith("Of images drawn by a program, two reviewers")


def test_reviewers_who_always_agree_leave_no_record_to_look_at() -> None:
    rows = [answer(f"r{i:03}", name, "nv") for i in range(12) for name in REVIEWERS]
    found = label_agreement(annotated(rows), replicates=0)
    assert found.split == ()
    section = label_section(found)
    assert section.answer is not None
    assert section.answer.cases == ()
