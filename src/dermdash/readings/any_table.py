"""Readings or counts of them: what most of the app takes alike."""

from typing import TypeVar

from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.readings_table import ReadingsTable

Table = TypeVar("Table", ReadingsTable, AggregateTable, ReadingsTable | AggregateTable)
"""What goes in comes out: readings of readings, counts of counts."""
