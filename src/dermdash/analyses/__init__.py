"""One folder per analysis: its numbers, its run on a table of readings, its section, tables and figures."""
