"""How well the checks find what the demo data set plants: precision and recall per kind, from its list of faults."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.findings.list_findings import ListedFinding, ranked_findings


@dataclass(frozen=True, slots=True)
class PlantedScore:
    """Of one kind: what was planted, how much of it was found, and how many of the findings were none.

    ``by_nature``: findings that are right although nobody planted them (a drawn lesion photographed again is drawn from
    one painting; the demo's rules leave histology and Breslow's depth empty where nothing was cut). ``in_order``: of a
    kind that is ranked, whether each of its findings is right, as they stand in the list.
    """

    kind: str
    planted: int
    hit: int
    found: int
    right: int
    by_nature: int
    in_order: tuple[bool, ...] = ()

    @property
    def recall(self) -> float:
        """Share of what was planted that was found."""
        return self.hit / self.planted if self.planted else 1.0

    @property
    def precision(self) -> float:
        """Share of the findings that are right."""
        return (self.right + self.by_nature) / self.found if self.found else 1.0

    @property
    def precision_at_first(self) -> float:
        """Share of the first so many that were planted that is right: a ranked list is read from the top."""
        first = self.in_order[: self.planted]
        return sum(first) / len(first) if first else 1.0

    @property
    def average_precision(self) -> float:
        """Mean over all that is right of the precision down to its place; what was planted and not found adds nothing.

        1 where every right finding stands before every wrong one and none is missed, however long the list is.
        """
        places = [place for place, right in enumerate(self.in_order, start=1) if right]
        wanted = len(places) + self.planted - self.hit
        return sum(n / place for n, place in enumerate(places, start=1)) / wanted if wanted else 1.0


_ByNature = Callable[[ListedFinding], bool]


def read_planted(path: Path) -> list[tuple[str, str, str]]:
    """(kind, image id, detail) of every planted fault."""
    with path.open(newline="", encoding="utf-8") as file:
        return [(row["kind"], row["image_id"], row["detail"]) for row in csv.DictReader(file)]


def scores(workspace: Workspace, planted: list[tuple[str, str, str]], dataset: str) -> dict[str, PlantedScore]:
    """Every kind with something planted."""
    of: dict[str, list[tuple[str, str]]] = {}
    for kind, image_id, detail in planted:
        of.setdefault(kind, []).append((image_id, detail))
    every = ranked_findings(workspace, dataset_id=dataset, whole=True)

    def found(kind: str) -> list[ListedFinding]:
        return [f for f in every if f.kind.key == kind]

    def pairs(kind: str, planted_kind: str, by_nature: _ByNature = lambda _: False) -> PlantedScore:
        wanted = {frozenset(pair) for pair in of.get(planted_kind, ())}
        listed = found(kind)
        names = [frozenset(f.image_ids) for f in listed]
        hit = {pair for pair in wanted if any(pair <= name for name in names)}
        right = sum(any(pair <= name for pair in wanted) for name in names)
        natural = sum(by_nature(f) and not any(p <= n for p in wanted) for f, n in zip(listed, names, strict=True))
        order = tuple(by_nature(f) or any(p <= n for p in wanted) for f, n in zip(listed, names, strict=True))
        return PlantedScore(kind, len(wanted), len(hit), len(listed), right, natural, order)

    def images(kind: str, planted_kind: str, *natural: str) -> PlantedScore:
        wanted, too = (
            {image for name in kinds for image, _ in of.get(name, ())} for kinds in ((planted_kind,), natural)
        )
        names = [set(f.image_ids) for f in found(kind)]
        hit = wanted.intersection(*[set().union(*names)]) if names else set()
        right = sum(bool(wanted & of_one) for of_one in names)
        by_nature = sum(bool(too & of_one) and not wanted & of_one for of_one in names)
        order = tuple(bool((wanted | too) & of_one) for of_one in names)
        return PlantedScore(kind, len(wanted), len(hit), len(names), right, by_nature, order)

    def in_field(kind: str, planted_kind: str, field: str, by_nature: _ByNature) -> PlantedScore:
        """One finding about a field: its records against the planted ones."""
        wanted = {image for image, _ in of.get(planted_kind, ())}
        listed = found(kind)
        about = {name for f in listed if f.details["field"] == field for name in f.image_ids}
        right = sum(f.details["field"] == field and bool(wanted & set(f.image_ids)) for f in listed)
        return PlantedScore(kind, len(wanted), len(wanted & about), len(listed), right, sum(map(by_nature, listed)))

    lesion_of = {f.id: f.details.get("one_lesion") for f in every}
    facts = records.records_of_dataset(workspace.engine, dataset)
    missing = [set(d.split(";")) for _, d in of.get("missing_fields", ())]
    gone = set().union(*missing) if missing else set()
    fields_missing = {f.details["field"] for f in found("missing_value")}
    leaky = found("presence_predicts_label")
    is_leaky = [f.details["field"].endswith(":slide_id") for f in leaky]
    ruled = ("histopathology_result", "breslow_mm")
    # Where a site is planted as missing, the words of the source for it are missing with it.
    missing_too = {*ruled, "further:slide_id", *({"source_site"} if "anatomical_site" in gone else ())}
    return {
        score.kind: score
        for score in (
            pairs("exact_duplicate", "exact_duplicate"),
            pairs("near_duplicate", "near_duplicate", lambda f: bool(lesion_of[f.id]) or _one_painting(f, of)),
            _same_lesions(found("same_lesion"), of, facts),
            _leaks(found("split_leakage"), facts),
            images("quality_outlier", "poor_image", "blur", "dark", "glare", "off_topic"),
            images("off_topic", "off_topic", "poor_image", "blur", "dark", "glare"),
            images("label_error", "wrong_label"),
            in_field("default_value", "default_age", "age_at_exam", lambda _: False),
            in_field("impossible_value", "impossible_age", "age_at_exam", lambda _: False),
            PlantedScore(
                "missing_value", len(gone), len(gone & fields_missing), len(fields_missing), len(gone & fields_missing),
                len(missing_too & fields_missing),
            ),
            PlantedScore(
                "presence_predicts_label", 1, int(any(is_leaky)), len(leaky), sum(is_leaky),
                sum(f.details["field"] in ruled for f in leaky),
            ),
        )
    }  # fmt: skip


def _same_lesions(
    listed: list[ListedFinding], of: dict[str, list[tuple[str, str]]], facts: pd.DataFrame
) -> PlantedScore:
    """Pairs of a lesion that was filed under a second id with the photographs under its first.

    By nature: a copy of such a photograph, and one painting that the near duplicates name, too.
    """
    lesion = dict(zip(facts["image_id"], facts["lesion_id"], strict=True))
    wanted = {
        frozenset((image, other))
        for image, first in of.get("lesion_under_two_ids", ())
        for other, of_lesion in lesion.items()
        if of_lesion == first and image in lesion
    }
    names = [frozenset(f.image_ids) for f in listed]
    right = sum(name in wanted for name in names)
    natural = sum(_one_painting(f, of) and n not in wanted for f, n in zip(listed, names, strict=True))
    order = tuple(_one_painting(f, of) or n in wanted for f, n in zip(listed, names, strict=True))
    return PlantedScore("same_lesion", len(wanted), len(wanted & set(names)), len(listed), right, natural, order)


def _leaks(listed: list[ListedFinding], facts: pd.DataFrame) -> PlantedScore:
    """Files, lesions and patients of which the source's split has records on both sides, counted apart from the check.

    One that has the very records of a closer tie is named by that alone; near duplicates across are right by nature.
    """
    inside = facts[facts["source_split"].notna()]
    wanted: set[frozenset[str]] = set()
    for column in ("image_sha256", "lesion_id", "patient_id"):
        for _, group in inside[inside[column].notna()].groupby(column):
            if group["source_split"].nunique() > 1:
                wanted.add(frozenset(group["image_id"]))
    of_source = [f for f in listed if str(f.details["split"]).startswith("the source's split")]
    side = dict(zip(inside["image_id"], inside["source_split"], strict=True))
    names = [frozenset(f.image_ids) for f in of_source]
    right = sum(name in wanted for name in names)
    natural = sum(n not in wanted and len({side[i] for i in n}) > 1 for n in names)
    return PlantedScore("split_leakage", len(wanted), len(wanted & set(names)), len(names), right, natural)


def _one_painting(finding: ListedFinding, of: dict[str, list[tuple[str, str]]]) -> bool:
    """Whether one of the two is a lesion under a second id, or a copy of another photograph of it."""
    told = {image for kind in ("lesion_under_two_ids", "near_duplicate") for image, _ in of.get(kind, ())}
    return bool(told & set(finding.image_ids))
