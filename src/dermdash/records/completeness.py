"""How complete records are: of every field, every block, and all together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dermdash.records.details import DETAILS
from dermdash.records.fields import Block, FieldSpec, fields_of

NOT_EXPECTED = "not_expected"
"""Key of the count of records that have no histopathology result and need none."""


@dataclass(frozen=True, slots=True)
class FieldCompleteness:
    """Of how many records a field or detail is filled, and of how many it is empty without being a gap."""

    field: FieldSpec
    filled: int
    not_expected: int
    records: int

    @property
    def share(self) -> float | None:
        """Share of the records in which it is no gap (0..1); None without records."""
        return (self.filled + self.not_expected) / self.records if self.records else None


@dataclass(frozen=True, slots=True)
class BlockCompleteness:
    """The fields of one block."""

    block: Block
    fields: tuple[FieldCompleteness, ...]

    @property
    def share(self) -> float | None:
        """Share of its fields, over all records, that are no gap (0..1); None without records."""
        return _mean([field.share for field in self.fields])


@dataclass(frozen=True, slots=True)
class Completeness:
    """How complete the records of a data set are, or of several.

    ``further`` counts the records that have further columns of their source.
    """

    records: int
    blocks: tuple[BlockCompleteness, ...]
    details: tuple[FieldCompleteness, ...]
    further: int

    @property
    def share(self) -> float | None:
        """Mean completeness of the records, as each of them has it (0..1); None without records."""
        return _mean([field.share for block in self.blocks for field in block.fields])

    def as_dict(self) -> dict[str, Any]:
        """For JSON: shares 0..1, null without records; every field and detail by name."""
        return {
            "records": self.records,
            "completeness": self.share,
            "blocks": {
                str(block.block): {
                    "completeness": block.share,
                    "fields": {field.field.name: _as_dict(field) for field in block.fields},
                }
                for block in self.blocks
            },
            "details": {detail.field.name: {"filled": detail.filled} for detail in self.details},
            "further_columns": self.further,
        }


def completeness_of_counts(counts: Mapping[str, int], *, records: int, further: int) -> Completeness:
    """From how many records hold something of each field and detail (by name, and ``not_expected``)."""

    def of(spec: FieldSpec) -> FieldCompleteness:
        waived = counts.get(NOT_EXPECTED, 0) if spec.name == "histopathology_result" else 0
        return FieldCompleteness(spec, counts.get(spec.name, 0), waived, records)

    blocks = tuple(BlockCompleteness(block, tuple(map(of, fields_of(block)))) for block in Block)
    return Completeness(records, blocks, tuple(map(of, DETAILS)), further)


def _as_dict(field: FieldCompleteness) -> dict[str, Any]:
    waived = {"not_expected": field.not_expected} if field.not_expected else {}
    return {"filled": field.filled, "completeness": field.share, **waived}


def _mean(shares: list[float | None]) -> float | None:
    known = [share for share in shares if share is not None]
    return sum(known) / len(known) if known else None
