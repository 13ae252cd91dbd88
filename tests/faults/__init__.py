"""Faults on purpose, under load: nothing acknowledged may be lost, doubled or changed, and nobody may be stuck."""
