"""Formats a data set can come in, one module each: what it needs, and how its rows become records."""
