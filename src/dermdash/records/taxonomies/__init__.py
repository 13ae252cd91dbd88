"""Diagnostic taxonomies: the types, the YAML files they are declared in, which are known, and mappings between them."""
