"""Files and folders of a workspace are for the account alone that runs the app: 0600 and 0700, whatever the umask.

They hold photographs of patients, answers of readers, and hashes of links. DuckDB, training processes and libraries
make files of their own, so the rule is the umask of the process and of all that it starts, set when a workspace is
opened.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

_OTHERS = 0o077
_usual: list[int] = []


def keep_files_private() -> None:
    """From now on, what this process and its children make is for its account alone."""
    before = os.umask(_OTHERS)
    if not _usual:
        _usual.append(before)


def usual_mode() -> int:
    """The mode of a file that a person asks for by name outside the workspace: as their umask has it."""
    if _usual:
        return 0o666 & ~_usual[0]
    now = os.umask(_OTHERS)
    os.umask(now)
    return 0o666 & ~now


def close_to_others(home: Path) -> None:
    """Take from other accounts what an older version, a copy or an unpacked backup let them see of a workspace.

    The folder itself and what lies directly in it; nobody else comes deeper then. A folder of another account, or one
    that everybody shares (``/tmp``), is left as it is.
    """
    if not hasattr(os, "geteuid"):  # Windows, where folders of an account are closed to others from the beginning
        return
    with suppress(OSError):
        found = home.stat()
        if found.st_uid != os.geteuid() or found.st_mode & stat.S_ISVTX:
            return
        for path in (home, *home.iterdir()):
            mode = path.lstat().st_mode
            if mode & _OTHERS and not stat.S_ISLNK(mode):
                path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
