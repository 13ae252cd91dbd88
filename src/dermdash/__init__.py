"""Dermatoscopic data set quality assurance and human-AI reader studies."""

__version__ = "0.1.0"
