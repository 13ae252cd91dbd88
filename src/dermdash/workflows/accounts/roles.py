"""Roles and expertise: names alone, so that a command that only lists them loads nothing."""

from enum import StrEnum


class Role(StrEnum):
    """What an account may do (`rights`). Readers have no account: an invitation admits them to one study."""

    ADMIN = "admin"
    CURATOR = "curator"
    REVIEWER = "reviewer"
    COORDINATOR = "coordinator"
    STATISTICIAN = "statistician"


class Expertise(StrEnum):
    """How far a person has come in their specialty."""

    RESIDENT = "resident"
    SPECIALIST = "specialist"
    EXPERT = "expert"
