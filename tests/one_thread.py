"""Databases of one thread: DuckDB's others have nothing to do on a dozen rows, and cost half of its processor time.

Whoever forks a parent for its processes imports this there, as the tests' own process does.
"""

from dermdash.storage import connections

connections._DUCKDB["threads"] = 1  # type: ignore[assignment]
