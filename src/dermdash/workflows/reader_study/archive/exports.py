"""The files of an archive that other programs and people read, made of a workspace in which the study is."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

import pandas as pd

from dermdash.errors import DermdashError, NotAsStored
from dermdash.reader_study.dermachallenge_export import to_dermachallenge_csv
from dermdash.reader_study.imrmc_export import to_imrmc
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.reading_columns import data_dictionary
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.study_texts import language_of
from dermdash.readings.readings_table import ReadingsTable
from dermdash.readings.small_cells import SmallCells
from dermdash.records.safe_csv import to_safe_csv
from dermdash.storage import amendments, consents, invitations, readings, study_acts
from dermdash.storage.workspace import Workspace
from dermdash.wording import sentence
from dermdash.workflows.reader_study import study_results
from dermdash.workflows.reader_study.archive.layout import AMENDMENTS, AUDIT, CONSENT, READINGS
from dermdash.workflows.reader_study.archive.leaving import without_accounts

CSV, PARQUET = f"{READINGS}readings.csv", f"{READINGS}readings.parquet"
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")
NATURE_MEDICINE = f"{READINGS}nature-medicine.csv"


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """The files by name, and what there is none of, with the reason."""

    files: Mapping[str, bytes]
    left_out: tuple[str, ...]


def export_files(
    workspace: Workspace, study_id: str, *, logged: pd.DataFrame, shared: SmallCells, table: ReadingsTable
) -> ExportFiles:
    """Readings, audit and consent of a study.

    Parameters
    ----------
    logged
        The readings as they leave (`study_results.readings_table`).
    shared
        What was merged in them, for the dictionary.
    table
        The same readings as they are analysed.
    """
    protocol = study_results.study_protocol(workspace, study_id)
    agreed = consents.texts_of_study(workspace.engine, study_id)
    makers: dict[str, Callable[[], bytes]] = {
        CSV: lambda: to_safe_csv(logged),
        PARQUET: lambda: to_parquet(logged),
        f"{READINGS}data-dictionary.csv": lambda: to_safe_csv(data_dictionary(shared)),
        NATURE_MEDICINE: lambda: study_results.export_nature_medicine(workspace, study_id),
        f"{READINGS}dermachallenge.csv": lambda: to_dermachallenge_csv(logged),
        f"{READINGS}readings.imrmc": lambda: to_imrmc(table),
        AMENDMENTS: lambda: json_file(_amendments(workspace, study_id)),
        f"{AUDIT}events.csv": lambda: to_safe_csv(_events(workspace, study_id)),
        f"{AUDIT}acts.csv": lambda: to_safe_csv(_acts(workspace, study_id)),
        f"{AUDIT}invitations.csv": lambda: to_safe_csv(_invitations(workspace, study_id)),
        **consent_files(protocol, agreed),
    }
    files, left_out = {}, []
    for name, make in makers.items():
        try:
            files[name] = make()
        except DermdashError as error:
            left_out.append(f"{name}: {sentence(str(error))}")
    return ExportFiles(files, tuple(left_out))


def to_parquet(logged: pd.DataFrame) -> bytes:
    """The readings as Parquet, the columns with their types; the same bytes for the same table."""
    out = io.BytesIO()
    logged.to_parquet(out, index=False, compression="zstd")
    return out.getvalue()


def consent_files(protocol: Protocol, agreed: Iterable[Mapping[str, Any]]) -> dict[str, Callable[[], bytes]]:
    """The text of the protocol, and every other that a reader ``agreed`` to, named by version and language.

    What makes a file raises NotAsStored where the text is not the one that was agreed to."""
    text = protocol.consent_text
    written_in = language_of(text, own=Language(protocol.pages.language))
    own = {"version": protocol.consent_version, "language": str(written_in), "text": text}
    texts: dict[str, Mapping[str, Any]] = {}
    for row in (own, *agreed):
        stem = _NO_NAME.sub("-", f"consent-{row['version']}-{row['language']}")
        number, name = 1, f"{CONSENT}{stem}.txt"
        while texts.get(name, row)["text"] != row["text"]:
            number += 1
            name = f"{CONSENT}{stem}-{number}.txt"
        texts[name] = {**row, **texts.get(name, {})}
    return {name: partial(_agreed_text, row) for name, row in texts.items()}


def _agreed_text(row: Mapping[str, Any]) -> bytes:
    data = str(row["text"]).encode()
    if row.get("text_sha256", sha256(data).hexdigest()) != sha256(data).hexdigest():
        raise NotAsStored("the text is not the one that readers agreed to: its sha256 differs")
    return data


def _events(workspace: Workspace, study_id: str) -> pd.DataFrame:
    events = readings.events_of_study(workspace.engine, study_id)
    return events.assign(detail=events["detail"].map(without_accounts).astype(object))


def _amendments(workspace: Workspace, study_id: str) -> list[dict[str, Any]]:
    """The amendments of the protocol in order, each with its reason and the protocol after it; not who made it."""
    names = ("number", "amended_at", "reason", "protocol_sha256")
    return [
        {**{name: row[name] for name in names}, "protocol": json.loads(row["protocol"])}
        for row in amendments.amendments_of_study(workspace.engine, study_id)
    ]


def _acts(workspace: Workspace, study_id: str) -> pd.DataFrame:
    """What the team did with the running study, and why, in order; not who of them."""
    columns = ["sequence", "acted_at", "kind", "reader_id", "reason", "detail"]
    return pd.DataFrame(study_acts.acts_of_study(workspace.engine, study_id), columns=columns)


def _invitations(workspace: Workspace, study_id: str) -> pd.DataFrame:
    """Acts about invitations by time, without what somebody calls a reader."""
    invited = invitations.list_invitations(workspace.engine, study_id)
    columns = ["invitation", "created_at", "renewed_at", "withdrawn_at", "reader"]
    table = invited.rename(columns={"id": "invitation", "reader_id": "reader"})
    return table[columns]


def json_file(value: object) -> bytes:
    """A value as JSON that people can read, the same text for the same value."""
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, default=str) + "\n").encode()
