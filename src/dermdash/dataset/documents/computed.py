"""The answers that numbers give, by the key of the answer. An empty text: the numbers say nothing of it."""

from __future__ import annotations

from collections.abc import Callable

from dermdash.dataset.documents import answers_on_contents, answers_on_labels, answers_on_making, answers_on_people
from dermdash.dataset.documents.dataset_facts import DatasetFacts

COMPUTED: dict[str, Callable[[DatasetFacts], str]] = (
    answers_on_contents.ANSWERS | answers_on_people.ANSWERS | answers_on_making.ANSWERS | answers_on_labels.ANSWERS
)
"""By the key of the answer; every other one is for people alone."""
