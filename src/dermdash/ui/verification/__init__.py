"""Pages of the verification ladder: my work, annotation, and what curators do."""
