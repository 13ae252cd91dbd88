"""A classifier against the truth, as tables and a section: the same on the page, in a terminal and in files."""
