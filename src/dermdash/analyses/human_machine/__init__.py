"""A model and the readers of a study on the same cases."""
