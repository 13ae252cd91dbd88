"""Entries of the change log as they may leave: names and dates hidden in what they say of fields, and in results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from dermdash.records.change_chain import LogEntry
from dermdash.records.details import FURTHER
from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.private_export import DATES, LESION, NAMED, PATIENT, HiddenNames, Privacy

REPORT_NUMBER, REPORT_DATE = "report_number", "report_date"
_Owner = tuple[Any, Any]
_NOBODY: _Owner = (None, None)


def hidden_entries(
    workspace: Workspace, entries: Sequence[LogEntry], privacy: Privacy, *, people: Mapping[str, str] | None = None
) -> list[LogEntry]:
    """The entries as the choice says, in their order.

    With pseudonyms the hashes no longer fit what is said: a chain is followed in the log as it is. What further columns
    of a source say, and the number of a report, do not leave.
    """
    if not privacy.names:
        return list(entries)
    names = HiddenNames.of(workspace, privacy, people)
    owners = _owners(workspace, entries)
    # The number of a report is the reason of what followed from it.
    numbers = {f"report {said[REPORT_NUMBER]}" for e in entries for said in _results(e) if said.get(REPORT_NUMBER)}
    told = (replace(e, reason="") if e.reason in numbers else e for e in entries)
    return [_hidden(names, entry, owners.get(entry.record_id or "", _NOBODY)) for entry in told]


def _owners(workspace: Workspace, entries: Iterable[LogEntry]) -> dict[str, _Owner]:
    """Patient and lesion of each record that an entry says a date of."""
    dated = {e.record_id for e in entries if e.record_id and (e.field in DATES or _results(e))}
    rows = records.records_by_id(workspace.engine, sorted(dated))
    return {str(i): (p, lesion) for i, p, lesion in zip(rows["id"], rows[PATIENT], rows[LESION], strict=True)}


def _results(entry: LogEntry) -> list[dict[str, Any]]:
    """What an entry says of a report of histology."""
    return [said for said in (entry.old, entry.new) if isinstance(said, dict) and REPORT_DATE in said]


def _hidden(names: HiddenNames, entry: LogEntry, owner: _Owner) -> LogEntry:
    dataset = entry.dataset_id or ""
    if entry.field == FURTHER:
        return replace(entry, old=None, new=None)

    def told(value: Any) -> Any:
        if entry.field in NAMED:
            return names.name(entry.field, value, dataset)
        if entry.field in DATES:
            return None if pd.isna(value) else names.date(value, dataset, *owner)
        if isinstance(value, dict) and REPORT_DATE in value:
            when = value[REPORT_DATE]
            moved = None if when is None else names.date(when, dataset, *owner)
            return {**{n: v for n, v in value.items() if n != REPORT_NUMBER}, REPORT_DATE: moved}
        return value

    return replace(entry, old=told(entry.old), new=told(entry.new))
