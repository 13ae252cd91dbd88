"""One verb per analysis: a table of readings in, a result that page, command line and report share."""
