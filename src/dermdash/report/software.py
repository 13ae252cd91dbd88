"""Versions of what computed the numbers."""

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("dermdash", "numpy", "scipy", "statsmodels", "scikit-learn", "pandas", "duckdb", "plotly")


def software_versions() -> dict[str, str]:
    """Name and version of Python and of the packages the statistics rest on."""
    return {"Python": platform.python_version()} | {name: _version(name) for name in PACKAGES}


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "not installed as a package"
