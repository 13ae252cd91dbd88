"""Readings of any study in one form: from our own log, and from the public logs of the field."""
