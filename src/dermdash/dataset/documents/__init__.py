"""Documents about a data set: their questions, each declared once, and the answers that numbers give."""
