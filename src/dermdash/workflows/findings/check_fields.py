"""Checks of fields: missing and impossible values, values that look like defaults, presence that predicts the label."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.analysis import presence, value_spikes
from dermdash.records.details import DETAILS, FURTHER, FURTHER_PREFIX
from dermdash.records.fields import FIELDS, FieldSpec, Kind
from dermdash.storage.finding_list import further_columns, left_out_of_imports
from dermdash.storage.records import record_id
from dermdash.wording import counted
from dermdash.workflows.dataset.identity_groups import identity_groups
from dermdash.workflows.findings.check import Found, Scope, finding

_VERSION = "1"
_SPECS: tuple[FieldSpec, ...] = (*FIELDS, *DETAILS)
_OF_FIELDS = frozenset(name.lower() for spec in _SPECS for name in (spec.name, *spec.names))
_NAMES = ("patient_id", "lesion_id")
_MOST_BINS = 60


def field_values(scope: Scope) -> Found:
    """What is missing in some records, was refused at the import, or looks like a default."""
    found = Found({"missing_value": [], "impossible_value": [], "default_value": []})
    for place, dataset in enumerate(scope.datasets):
        dataset_id = str(dataset["id"])
        scope.report("Reading fields", place, len(scope.datasets))
        frame = scope.records_in(dataset_id)
        found.rows["impossible_value"] += _impossible(scope, dataset_id, frame)
        if frame.empty:
            continue
        groups = identity_groups(scope.workspace).of(frame["id"].tolist())
        empty = 0
        for name, title, column in _columns(scope, dataset_id, frame):
            filled = _filled(column)
            share = float(1 - filled.mean())
            if share == 1:
                empty += 1
                continue
            if share > 0:
                found.rows["missing_value"].append(_missing(dataset_id, name, title, frame, filled, share))
            found.rows["default_value"] += _defaults(dataset_id, name, title, frame, column, groups)
        if empty:
            found.notes.append(f"{dataset_id}: {counted(empty, 'field is', 'fields are')} empty in every record.")
    return found


def presence_effects(scope: Scope) -> Found:
    """Fields whose presence tells the diagnosis."""
    found = Found({"presence_predicts_label": []})
    for place, dataset in enumerate(scope.datasets):
        dataset_id = str(dataset["id"])
        scope.report("Comparing presence with labels", place, len(scope.datasets))
        frame = scope.records_in(dataset_id)
        labels = frame["dx"].to_numpy(dtype=object)
        if len({label for label in labels if label is not None}) < 2:
            found.notes.append(f"{dataset_id}: fewer than two diagnoses, so that nothing can predict them.")
            continue
        lesions = identity_groups(scope.workspace).of(frame["id"].tolist()).astype(object)
        for name, title, column in _columns(scope, dataset_id, frame, names=True):
            filled = _filled(column)
            effect = presence.presence_effect(filled, labels, lesions)
            if effect is None:
                continue
            nearest_zero = 0.0 if effect.low <= 0 <= effect.high else min(abs(effect.low), abs(effect.high))
            score = abs(effect.youden)
            if score < presence.THRESHOLD or effect.chance > presence.CHANCE:
                continue
            tells = filled if effect.youden > 0 else ~filled
            details = {
                "field": name, "title": title, "label": effect.label, "filled": round(effect.filled, 4),
                "filled_others": round(effect.filled_others, 4), "youden": round(effect.youden, 4),
                "interval": [round(effect.low, 4), round(effect.high, 4)], "auc": round(effect.auc, 4),
                "information": round(effect.information, 4), "n_class": effect.n_class, "n_others": effect.n_others,
                "by_label": _by_label(labels, filled),
            }  # fmt: skip
            found.rows["presence_predicts_label"].append(
                finding(
                    "presence_predicts_label", frame["id"][tells].tolist(), score=score, details=details,
                    verdict="predicts" if nearest_zero >= presence.CLEAR else "unsure", version=_VERSION,
                    about=f"{dataset_id} {name}", datasets=[dataset_id],
                )
            )  # fmt: skip
    return found


def _by_label(labels: NDArray[np.object_], filled: NDArray[np.bool_]) -> dict[str, list[int]]:
    """Records with the field and in all, by diagnosis."""
    counts: dict[str, list[int]] = {}
    for label, is_filled in zip(labels, filled, strict=True):
        pair = counts.setdefault("-" if label is None else str(label), [0, 0])
        pair[0] += int(is_filled)
        pair[1] += 1
    return dict(sorted(counts.items()))


def _columns(
    scope: Scope, dataset_id: str, frame: pd.DataFrame, *, names: bool = False
) -> Iterator[tuple[str, str, pd.Series[Any]]]:
    """Name, title and values of every field, detail and further column of a data set; ``names``: and of ids."""
    for spec in _SPECS:
        yield spec.name, spec.title, frame[spec.name]
    if names:
        yield "patient_id", "Patient id", frame["patient_id"]
        # Where a source says no lesion, the record has its image's name there.
        own = frame["lesion_id"] != frame["image_id"]
        yield "lesion_id", "Lesion id", frame["lesion_id"].where(own, None)
    further = further_columns(scope.workspace.engine, dataset_id)
    if further.empty:
        return
    cells = pd.DataFrame(further[FURTHER].tolist(), index=further["record_id"].to_numpy())
    cells = cells.reindex(frame["id"])
    for column in cells.columns:
        if str(column).lower() in _OF_FIELDS:  # the few cells of a field's own column that the field could not take
            continue
        yield f"{FURTHER_PREFIX}{column}", str(column), cells[column].reset_index(drop=True)


def _filled(column: pd.Series[Any]) -> NDArray[np.bool_]:
    there = column.notna().to_numpy(dtype=bool)
    if column.dtype == object:
        there = there & np.array([not (isinstance(v, str | list) and len(v) == 0) for v in column], dtype=bool)
    return there


def _missing(
    dataset_id: str, name: str, title: str, frame: pd.DataFrame, filled: NDArray[np.bool_], share: float
) -> dict[str, Any]:
    details = {
        "field": name, "title": title, "missing": int((~filled).sum()), "records": len(frame),
        "by_label": _by_label(frame["dx"].to_numpy(dtype=object), filled),
    }  # fmt: skip
    return finding(
        "missing_value", frame["id"][~filled].tolist(), score=share, verdict="mostly" if share >= 0.5 else "partly",
        details=details, version=_VERSION, about=f"{dataset_id} {name}", datasets=[dataset_id],
    )  # fmt: skip


def _defaults(
    dataset_id: str,
    name: str,
    title: str,
    frame: pd.DataFrame,
    column: pd.Series[Any],
    groups: NDArray[np.int32],
) -> Iterator[dict[str, Any]]:
    spec = next((s for s in _SPECS if s.name == name), None)
    if spec is not None and (spec.kind not in (Kind.INTEGER, Kind.NUMBER) or _is_scale(spec)):
        return
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    known = np.isfinite(values)
    if spec is None and known.sum() < 0.9 * _filled(column).sum():
        return
    limits = (spec.minimum, spec.maximum) if spec is not None else (None, None)
    # Photographs of one person share their age: each person or lesion counts once for a value.
    once = ~pd.DataFrame({"group": groups, "value": values}).duplicated().to_numpy() & known
    for spike in value_spikes.find_spikes(values[once], minimum=limits[0], maximum=limits[1]):
        of_value = values == spike.value
        details = {
            "field": name, "title": title, "value": spike.value, "count": spike.count, "expected": spike.expected,
            "chance": float(f"{spike.chance:.2g}"), "at_limit": spike.at_limit, "histogram": _histogram(values[known]),
            "by_label": _by_label(frame["dx"].to_numpy(dtype=object), of_value),
        }  # fmt: skip
        yield finding(
            "default_value", frame["id"][of_value].tolist(), score=spike.score, details=details, version=_VERSION,
            verdict="spike" if spike.is_spike else "limit", about=f"{dataset_id} {name} {spike.value:g}",
            datasets=[dataset_id],
        )  # fmt: skip


def _is_scale(spec: FieldSpec) -> bool:
    """A scale of a few steps has no neighbours to speak of."""
    return spec.minimum is not None and spec.maximum is not None and spec.maximum - spec.minimum < 20


def _histogram(values: NDArray[np.float64]) -> list[list[float]]:
    """[value or lower edge, width (0: single values), records] for a figure."""
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) <= 130:
        return [[float(v), 0.0, int(n)] for v, n in zip(distinct, counts, strict=True)]
    counts, edges = np.histogram(values, bins=_MOST_BINS)
    width = float(edges[1] - edges[0])
    return [[float(edge), width, int(n)] for edge, n in zip(edges[:-1], counts, strict=True)]


_REFUSED = re.compile(r"^(?:.*?: )?(?P<column>[^:]+?) (?P<value>'.*'|\".*\") (?P<why>.*?) and was left empty")


def _impossible(scope: Scope, dataset_id: str, frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Values that an import could not use, by column, value and what was wrong with it."""
    # A later import may have brought the value: then it is mended.
    now = {name: dict(zip(frame["id"], _filled(frame[name]), strict=True)) for name in frame.columns}
    known = set(frame["id"])
    named = {alias.lower(): spec for spec in _SPECS for alias in (spec.name, *spec.aliases)}
    groups: dict[tuple[str, str, str], set[str]] = {}
    for row in left_out_of_imports(scope.workspace.engine, dataset_id):
        said = _REFUSED.match(str(row["detail"])) if row["concerns"] == "note" else None
        key = record_id(dataset_id, str(row["image_id"]))
        if said is None or key not in known:
            continue
        spec = named.get(said["column"].lower())
        if spec is None or not now[spec.name][key]:
            groups.setdefault((said["column"], said["value"], said["why"]), set()).add(key)
    for (column, value, why), of_records in sorted(groups.items()):
        spec = named.get(column.lower())
        details = {
            "field": spec.name if spec else column, "title": spec.title if spec else column, "value": value[1:-1],
            "text": f"{value[1:-1]} {why}",
        }  # fmt: skip
        yield finding(
            "impossible_value", sorted(of_records), score=1.0, version=_VERSION, details=details,
            verdict="outside" if why.startswith("is outside") else "unusable", about=f"{dataset_id} {column} {value}",
            datasets=[dataset_id],
        )  # fmt: skip
