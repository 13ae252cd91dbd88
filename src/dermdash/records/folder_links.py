"""Links that lead out of a folder: who hands a folder over does not mean the files that something in it points to."""

from pathlib import Path


def leads_out(path: Path, folder: Path) -> bool:
    """Whether a path below a folder is, through links, a place outside it, or nowhere."""
    try:
        return not path.resolve(strict=True).is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # gone, or a circle of links
        return True


def words(path: Path) -> str:
    """What to say of such a path: where it points to."""
    try:
        target = str(path.readlink())
    except OSError:  # a folder above it is the link
        target = str(path.resolve())
    return f"{path} is a link out of the folder, to {target}: copy what it points to into the folder"
