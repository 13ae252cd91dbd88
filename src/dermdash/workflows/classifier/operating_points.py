"""Choose an operating point on one data set, save it under a name, and apply it to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import numpy as np

from dermdash.analysis.as_json import to_json
from dermdash.analysis.borderline_cases import check_policy, neither_malignant_nor_benign
from dermdash.analysis.one_vs_rest import OneVsRest, one_vs_rest
from dermdash.analysis.operating_point import (
    Rule,
    ThresholdFigures,
    Transport,
    cases_for,
    choose_thresholds,
    compare_figures,
    figures_of_choice,
    measure_thresholds,
    score_of,
    target_of,
)
from dermdash.analysis.scored_cases import MALIGNANCY, ScoredCases
from dermdash.errors import InvalidInput, NotFound
from dermdash.records.taxonomy import BorderlinePolicy, Taxonomy, get_taxonomy
from dermdash.storage import operating_points, records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import ADMIN_ACCOUNT
from dermdash.workflows.classifier.evaluation_cases import ModelCases, cases_of_model
from dermdash.workflows.classifier.held_out import records_of_lesions
from dermdash.workflows.dataset.browse_records import dataset_name
from dermdash.workflows.dataset.remembered_lesions import digest_here

MAX_NAME = 80


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """Thresholds with what they reached where they were chosen.

    ``thresholds`` and ``figures`` are by class code and ``malignancy``. ``cases`` were chosen on, ``left_out`` counts
    the others by reason (``no_diagnosis``, ``no_prediction``, ``trained_on``); ``left_out_of_malignancy`` counts the
    cases of each class that were neither malignant nor benign. ``id`` is empty for one not saved. The taxonomy says
    what borderline classes counted as: a threshold of malignancy means nothing where they count as something else.
    ``chosen_lesions`` are digests of the lesions the thresholds were chosen on. ``held_out`` is False where records the
    model trained on were allowed: then the figures are too good.
    """

    id: str
    name: str
    model_id: str
    dataset_id: str
    taxonomy: Taxonomy
    rule: Rule
    target: float | None
    thresholds: dict[str, float | None]
    figures: dict[str, ThresholdFigures]
    cases: int
    left_out: dict[str, int]
    held_out: bool
    left_out_of_malignancy: dict[str, int] = field(default_factory=dict)
    chosen_lesions: frozenset[str] = frozenset()
    created_at: datetime | None = None
    created_by: str = ""
    withdrawn_at: datetime | None = None

    @property
    def rule_words(self) -> str:
        """The rule in words."""
        return self.rule.words(self.target)

    @property
    def borderline(self) -> BorderlinePolicy:
        """What borderline classes counted as when it was chosen."""
        return self.taxonomy.borderline

    def check_policy(self, policy: BorderlinePolicy) -> None:
        """Raise InvalidInput where borderline classes count otherwise than when the thresholds were chosen."""
        here = self.taxonomy.counting_borderline_as(policy)
        check_policy(here, made_under=self.borderline, what=f"the operating point {self.name!r}")

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "id": self.id,
            "name": self.name,
            "model": self.model_id,
            "dataset": self.dataset_id,
            "taxonomy": self.taxonomy.name,
            "borderline": self.borderline.value,
            "rule": self.rule.value,
            "target": self.target,
            "thresholds": self.thresholds,
            "figures": to_json(self.figures),
            "cases": self.cases,
            "left_out": self.left_out,
            "left_out_of_malignancy": self.left_out_of_malignancy,
            "held_out": self.held_out,
            "created_at": self.created_at,
            "created_by": self.created_by,
            "withdrawn_at": self.withdrawn_at,
        }


@dataclass(frozen=True, slots=True)
class Applied:
    """What an operating point gives on another data set, beside what it gave where it was chosen."""

    point: OperatingPoint
    dataset_id: str
    cases: int
    left_out: dict[str, int]
    left_out_of_malignancy: dict[str, int]
    by_name: dict[str, Transport]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "operating_point": self.point.id,
            "name": self.point.name,
            "model": self.point.model_id,
            "chosen_on": self.point.dataset_id,
            "applied_to": self.dataset_id,
            "borderline": self.point.borderline.value,
            "cases": self.cases,
            "left_out": self.left_out,
            "left_out_of_malignancy": self.left_out_of_malignancy,
            "classes": {
                name: {
                    "threshold": t.here.threshold,
                    "there": to_json(t.there),
                    "here": to_json(t.here),
                    "sensitivity_change": t.sensitivity_change.as_dict(),
                    "specificity_change": t.specificity_change.as_dict(),
                    "threshold_the_rule_would_choose_here": t.own_threshold,
                }
                for name, t in self.by_name.items()
            },
        }


def preview_operating_point(
    workspace: Workspace,
    *,
    model_id: str,
    dataset_id: str,
    rule: Rule | str,
    target: float | None = None,
    include_trained: bool = False,
    borderline: BorderlinePolicy = BorderlinePolicy.BENIGN,
) -> tuple[OperatingPoint, ScoredCases]:
    """Choose thresholds without saving them; also return the cases, for curves.

    Only records held out from the model count, unless ``include_trained``. ``borderline``: what borderline diagnoses
    count as; the operating point keeps it.

    Raises
    ------
    NotFound
        No such model or data set, or no held-out record with diagnosis and prediction in it.
    InvalidInput
        An unknown rule, or a target that does not fit it.
    """
    chosen_rule = parse_rule(rule)
    found = _cases(workspace, model_id, dataset_id, include_trained=include_trained, borderline=borderline)
    thresholds = choose_thresholds(found.cases, chosen_rule, target)
    if thresholds[MALIGNANCY] is None:
        raise InvalidInput(
            f"no malignancy threshold can be chosen on {dataset_name(workspace, dataset_id)}: it needs malignant and "
            "benign records whose probabilities differ, and a rule that some threshold fulfils"
        )
    point = OperatingPoint(
        id="", name="", model_id=model_id, dataset_id=dataset_id, taxonomy=found.cases.taxonomy, rule=chosen_rule,
        target=target, thresholds=thresholds,
        figures=figures_of_choice(measure_thresholds(found.cases, thresholds), chosen_rule),
        cases=len(found.cases), left_out=found.left_out, held_out=not include_trained,
        left_out_of_malignancy=neither_malignant_nor_benign(found.cases),
    )  # fmt: skip
    return point, found.cases


def parse_rule(rule: Rule | str) -> Rule:
    """Return the rule of that name, or raise InvalidInput naming the known ones."""
    try:
        return Rule(rule)
    except ValueError:
        raise InvalidInput(f"unknown rule {rule!r}: choose {', '.join(Rule)}") from None


def choose_operating_point(
    workspace: Workspace,
    *,
    name: str,
    model_id: str,
    dataset_id: str,
    rule: Rule | str,
    target: float | None = None,
    include_trained: bool = False,
    borderline: BorderlinePolicy = BorderlinePolicy.BENIGN,
    created_by: str = ADMIN_ACCOUNT,
) -> OperatingPoint:
    """Choose thresholds on a data set and save them under a name; parameters and errors as the preview.

    Raises
    ------
    InvalidInput
        The name is empty, too long, or borne by another operating point in use.
    """
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > MAX_NAME or not cleaned.isprintable():
        raise InvalidInput(f"give the operating point a name of 1 to {MAX_NAME} characters")
    point, cases = preview_operating_point(
        workspace, model_id=model_id, dataset_id=dataset_id, rule=rule, target=target,
        include_trained=include_trained, borderline=borderline,
    )  # fmt: skip
    point_id = uuid4().hex[:12]
    operating_points.save_operating_point(
        workspace.engine,
        values={
            "id": point_id,
            "name": cleaned,
            "model_id": model_id,
            "dataset_id": dataset_id,
            "taxonomy": point.taxonomy.name,
            "rule": point.rule.value,
            "target": target,
            "thresholds": point.thresholds,
            "figures": {
                "by_name": to_json(point.figures),
                "cases": point.cases,
                "left_out": point.left_out,
                "left_out_of_malignancy": point.left_out_of_malignancy,
                "held_out": point.held_out,
                "borderline": point.borderline.value,
                "lesions": sorted(set(_lesion_digests(workspace, cases.case_ids))),
            },
            "created_by": created_by,
        },
    )
    return get_operating_point(workspace, point_id)


def get_operating_point(workspace: Workspace, id_or_name: str) -> OperatingPoint:
    """The operating point of that id or name, or NotFound."""
    return _read(operating_points.find_operating_point(workspace.engine, id_or_name))


def list_operating_points(
    workspace: Workspace, *, model_id: str | None = None, withdrawn: bool = False
) -> list[OperatingPoint]:
    """Saved operating points, newest first; those withdrawn only where asked."""
    return [
        _read(row)
        for row in operating_points.list_operating_points(workspace.engine, model_id=model_id, withdrawn=withdrawn)
    ]


def withdraw_operating_point(
    workspace: Workspace, id_or_name: str, *, withdrawn_by: str = ADMIN_ACCOUNT
) -> OperatingPoint:
    """Take an operating point out of use; it stays readable by its id. NotFound for an unknown one."""
    point = get_operating_point(workspace, id_or_name)
    operating_points.withdraw_operating_point(workspace.engine, point.id, withdrawn_by=withdrawn_by)
    return get_operating_point(workspace, point.id)


def apply_operating_point(
    workspace: Workspace, id_or_name: str, *, dataset_id: str, include_trained: bool = False
) -> Applied:
    """Measure an operating point on another data set and report the difference.

    Lesions that the thresholds were chosen on are left out, in whatever data set they stand. Borderline diagnoses count
    as they did when it was chosen.

    Raises
    ------
    NotFound
        No such operating point or data set, or no held-out record with diagnosis and prediction in it.
    InvalidInput
        The data set is the one it was chosen on, or all its lesions are among those it was chosen on.
    """
    point = get_operating_point(workspace, id_or_name)
    if dataset_id == point.dataset_id:
        name = dataset_name(workspace, dataset_id)
        raise InvalidInput(f"{point.name!r} was chosen on {name}: apply it to another data set")
    found = _cases(workspace, point.model_id, dataset_id, include_trained=include_trained, borderline=point.borderline)
    chosen_on = records_of_lesions(workspace, point.chosen_lesions)
    elsewhere = np.array([case not in chosen_on for case in found.cases.case_ids], dtype=np.bool_)
    if not elsewhere.any():
        raise InvalidInput(
            f"{point.name!r} was chosen on these very lesions: apply it to records it has not been chosen on"
        )
    cases = found.cases.subset(elsewhere)
    left_out = {**found.left_out, "chosen_on": int((~elsewhere).sum())}
    own = choose_thresholds(cases, point.rule, point.target)
    here = measure_thresholds(cases, point.thresholds)
    return Applied(
        point, dataset_id, len(cases), left_out, neither_malignant_nor_benign(cases),
        compare_figures(point.figures, here, own),
    )  # fmt: skip


def default_operating_point(workspace: Workspace, model_id: str) -> OperatingPoint | None:
    """The newest operating point in use for a model, or None."""
    known = list_operating_points(workspace, model_id=model_id)
    return known[0] if known else None


def figures_of_datasets(
    workspace: Workspace,
    *,
    model_id: str,
    dataset_ids: list[str],
    name: str,
    threshold: float | None,
    include_trained: bool = False,
    borderline: BorderlinePolicy = BorderlinePolicy.BENIGN,
) -> dict[str, OneVsRest]:
    """Curves and figures of a class or of ``malignancy`` on each of the data sets that have cases to count."""
    found = {}
    every = cases_of_datasets(
        workspace, model_id=model_id, dataset_ids=dataset_ids, include_trained=include_trained, borderline=borderline
    )
    for dataset_id, whole in every.items():
        malignancy = name == MALIGNANCY
        cases = cases_for(whole, name)
        found[dataset_id] = one_vs_rest(
            code=name,
            name="Malignancy" if malignancy else cases.taxonomy[name].name,
            status="malignant" if malignancy else cases.taxonomy[name].status.value,
            target=target_of(cases, name),
            score=score_of(cases, name),
            malignant=cases.malignant,
            benign=cases.benign,
            groups=cases.groups,
            threshold=threshold,
        )
    return found


def cases_of_datasets(
    workspace: Workspace,
    *,
    model_id: str,
    dataset_ids: list[str],
    include_trained: bool = False,
    borderline: BorderlinePolicy = BorderlinePolicy.BENIGN,
) -> dict[str, ScoredCases]:
    """The cases of several data sets, each on its own; data sets without a case to count are left out."""
    found = {}
    for dataset_id in dataset_ids:
        try:
            found[dataset_id] = _cases(
                workspace, model_id, dataset_id, include_trained=include_trained, borderline=borderline
            ).cases
        except NotFound:
            continue
    return found


def _cases(
    workspace: Workspace, model_id: str, dataset_id: str, *, include_trained: bool, borderline: BorderlinePolicy
) -> ModelCases:
    found = cases_of_model(workspace, model_id=model_id, dataset_ids=[dataset_id], include_trained=include_trained)
    return replace(found, cases=found.cases.counting_borderline_as(borderline))


def _lesion_digests(workspace: Workspace, record_ids: Sequence[str]) -> list[str]:
    """The digest of each record's lesion, in their order."""
    rows = records.records_by_id(workspace.engine, record_ids).set_index("id")
    wanted = rows.loc[list(record_ids)]
    return [
        digest_here(str(d), str(lesion)) for d, lesion in zip(wanted["dataset_id"], wanted["lesion_id"], strict=True)
    ]


def _read(row: Mapping[str, Any]) -> OperatingPoint:
    figures, rule = row["figures"], Rule(row["rule"])
    by_name = {name: ThresholdFigures.from_dict(values) for name, values in figures["by_name"].items()}
    return OperatingPoint(
        id=row["id"],
        name=row["name"],
        model_id=row["model_id"],
        dataset_id=row["dataset_id"],
        # Points from before the policy was asked for counted borderline as benign.
        taxonomy=get_taxonomy(row["taxonomy"]).counting_borderline_as(
            BorderlinePolicy(figures.get("borderline", BorderlinePolicy.BENIGN))
        ),
        rule=rule,
        target=row["target"],
        thresholds=dict(row["thresholds"]),
        figures=figures_of_choice(by_name, rule),  # saved ones may still have intervals
        cases=figures["cases"],
        left_out=dict(figures["left_out"]),
        held_out=figures["held_out"],
        left_out_of_malignancy=dict(figures.get("left_out_of_malignancy", {})),
        chosen_lesions=frozenset(figures.get("lesions", ())),
        created_at=row["created_at"],
        created_by=row["created_by"],
        withdrawn_at=row["withdrawn_at"],
    )
