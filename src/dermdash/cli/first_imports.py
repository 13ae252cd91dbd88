"""Import once what the app imports, so that Python keeps the compiled form of that and of nothing else.

``python -m dermdash.cli.first_imports``, after an installation that compiled nothing (``pip install --no-compile``):
pip would compile every module of every library, 300 MB of which 80 are ever used, and take twice as long. Without
this step the first start would do it, while somebody waits for it.
"""

import importlib
import logging
import pkgutil

import dermdash

IMPORTED_LATER = (
    "alembic.command", "argon2", "cryptography.hazmat.primitives.asymmetric.ed25519",
    "cryptography.hazmat.primitives.serialization", "duckdb_sqlalchemy", "pi_heif", "psycopg", "pydicom.encaps",
    "pydicom.pixels", "python_calamine", "rich.progress", "safetensors.torch",
    "scipy.ndimage", "scipy.optimize", "scipy.sparse.csgraph",
    "streamlit.web.bootstrap", "streamlit.web.cli", "torch._dynamo",
    "uvicorn.lifespan.on", "uvicorn.loops.auto", "uvicorn.protocols.http.auto", "uvicorn.protocols.websockets.auto",
)  # fmt: skip
"""Of other packages, imported inside functions or by name."""


def import_all() -> int:
    """Import every module of the package and what they import later; returns how many there are."""
    logging.disable(logging.WARNING)  # Streamlit warns of being imported without its server
    names = [module.name for module in pkgutil.walk_packages(dermdash.__path__, "dermdash.")]
    for name in (*names, *IMPORTED_LATER):
        importlib.import_module(name)
    return len(names)


if __name__ == "__main__":
    import_all()
