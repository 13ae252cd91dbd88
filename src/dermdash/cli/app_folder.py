"""Where the app's own files are: app.py, pages/ and .streamlit/."""

from pathlib import Path

import dermdash
from dermdash.errors import DermdashError


def app_folder(package: Path | None = None) -> Path:
    """Return the folder with the app's files: in an installed package inside it, in a checkout at its top.

    Parameters
    ----------
    package
        Folder of the package; this one where it is left out.

    Raises
    ------
    DermdashError
        There is none: the package was taken out of both.
    """
    package = package or Path(dermdash.__file__).resolve().parent
    installed, checkout = package / "app", package.parents[1]  # setup.py puts it in the former
    for folder in (installed, checkout):
        if (folder / "app.py").is_file() and (folder / "pages").is_dir():
            return folder
    raise DermdashError(
        f"The app's pages are neither in the package ({installed}) nor in a checkout around it ({checkout}). Install "
        "dermdash from its wheel, or clone the repository and start it there with `make run`."
    )
