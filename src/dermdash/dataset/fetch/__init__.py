"""Data sets where they are published: what lies there, under which licence, and how each file is checked."""
