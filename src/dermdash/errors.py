"""The few errors dermdash raises on purpose. Each message names the cause and the way out.

Only ``ui`` and ``cli`` turn them into what a person sees.
"""

from enum import StrEnum
from typing import Any


class WayOut(StrEnum):
    """A choice that leads out of an error: an option of a command, a switch on a page, each with words of its own."""

    INCLUDE_TRAINED = "include_trained"
    COMMON_IMAGES = "common_images"
    NORMALISE = "normalise"
    TRUTH_OF_COUNTS = "truth_of_counts"
    OWN_DATASET = "own_dataset"
    BORDERLINE = "borderline"
    PREDICT = "predict"


class DermdashError(Exception):
    """Base of every error whose text may be shown to the user as it is.

    ``way_out`` is the choice that would help; page and command say it in their own words after the message.
    """

    def __init__(self, message: str = "", *, way_out: WayOut | None = None) -> None:
        super().__init__(message)
        self.way_out = way_out


class InvalidInput(DermdashError):
    """A value, row or file that cannot be used; the message names it and what was expected."""


class NotAsStored(InvalidInput):
    """What never changes is not what was recorded of it: a file under its hash, a frozen protocol, a stored split."""


class InvalidEntry(InvalidInput):
    """A protocol that cannot be; ``entry`` is where the fault lies ("class_mix", "design.washout_days")."""

    def __init__(self, message: str, entry: str) -> None:
        super().__init__(message)
        self.entry = entry


class ImportStopped(DermdashError):
    """Somebody stopped an import; the message says how far it was."""


class ExportStopped(DermdashError):
    """Somebody stopped an export; nothing of it is left."""


class CheckStopped(DermdashError):
    """Somebody stopped a check of a data set; the message says which, and that going on is possible."""


class MissingColumns(InvalidInput):
    """A table lacks columns; the message names them beside the expected ones."""


class NamesAlike(InvalidInput):
    """Data that cannot be used, perhaps because one name is spelt in several ways; ``groups`` are the spellings.

    The way out is to say whether they are one: a command has an option for it, a page asks.
    """

    def __init__(self, message: str, groups: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.groups = groups


class UnsafeUpload(InvalidInput):
    """An archive or image that would harm the machine (zip-slip, bomb, too many pixels)."""


class UnreadableImage(InvalidInput):
    """Bytes that are not a complete image of a supported format."""


class UnfitMask(UnreadableImage):
    """A picture that can be read, and is no mask of its image."""


class EmptyImageFile(UnreadableImage):
    """An image file of zero bytes."""


class InvalidCheckpoint(InvalidInput):
    """A model file that is not a plain state dict of the expected shape."""


class NotFound(DermdashError):
    """The named record, study, model or file does not exist here."""


class AccessDenied(DermdashError):
    """The caller's role or invitation does not allow this."""


class StillBlinded(AccessDenied):
    """The results of a study are kept from everybody until it is closed."""


class SignInRefused(AccessDenied):
    """Whoever wants to sign in did not show who they are."""


class TooManyAttempts(SignInRefused):
    """Signing in has failed too often; ``seconds`` until the next attempt is heard."""

    def __init__(self, message: str = "", *, seconds: int = 0) -> None:
        super().__init__(message)
        self.seconds = seconds


class OutOfReach(DermdashError):
    """What is needed is away for now and may come back: the same again in a moment may succeed.

    A reader's page keeps what it shows and tries again; everything acknowledged before is safe.
    """


class MailServerAway(OutOfReach):
    """The mail server cannot be reached, or does not let us in; what it was not given yet can be sent later."""


class WorkspaceLocked(OutOfReach):
    """Another process holds the DuckDB file."""


class WorkspaceFull(OutOfReach):
    """The disk is full; what was acknowledged before is safe."""


class WorkspaceReadOnly(OutOfReach):
    """A folder or file of the workspace cannot be written; what was acknowledged before is safe."""


class ObjectsAway(OutOfReach):
    """The bucket with the objects does not answer, or refuses us; what was acknowledged before is safe."""


class DatabaseLost(OutOfReach):
    """The database does not answer: it is down, starting, or cannot be reached."""


class DatabaseBusy(OutOfReach):
    """The database answers, but has no connection or no turn for us in time."""


class ClusterAway(DermdashError):
    """The cluster does not answer, has no workers, or was lost on the way; what was done until then is kept."""


class DownloadFailed(DermdashError):
    """Something could not be fetched from another host, or is not what is published there."""


class SourceAway(DownloadFailed, OutOfReach):
    """The host does not answer, is busy, or the connection broke; ``retry_after``: seconds it asks to wait."""

    def __init__(self, message: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class FileMissing(OutOfReach, NotFound):
    """A file of the workspace that the database knows is not there, or cannot be read."""


class FileDamaged(FileMissing, NotAsStored):
    """A file of the workspace that bears its hash as name, or whose hash the database knows, has another content."""
