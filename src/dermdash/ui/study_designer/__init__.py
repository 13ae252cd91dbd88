"""The page of a new study: where to begin, a draft section by section, and what is frozen in the end."""
