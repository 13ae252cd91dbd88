"""Data sets beside one another: Table 1 of the methodology, what two share, how far apart they are."""
