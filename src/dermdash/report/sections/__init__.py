"""Each analysis as a section of text, tables and figures."""
