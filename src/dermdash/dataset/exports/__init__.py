"""Data sets written in the formats that they are read in: an export is the mirror of one in `dataset.formats`."""
