"""Training as a job: a folder that is prepared with the database, run without it, and registered with it again.

- ``settings``: what may be chosen; ``prepare``: records, groups and folds of a training, into a job folder
- ``job``: the folder: its files, its state, where it stands; ``progress``: the curves and the time left
- ``run_job``: the training itself, also as ``python -m dermdash.workflows.classifier.training.run_job FOLDER``
- ``processes``: start a job beside the app, stop it, tell whether it is alive
- ``register``: models of a finished job into the workspace

DuckDB has one process per file: a training of hours must not hold it, and the app must be able to watch.
"""
