"""Results as people read them: sections of text, tables and figures, the same on a page and in the report."""
