from pathlib import Path

import numpy as np
import pytest
from tests.unit.dataset.hdf5_files import make_hdf5
from tests.unit.dataset.image_factories import make_jpeg, make_zip

from dermdash.dataset.hdf5_members import hdf5_pictures, is_hdf5
from dermdash.dataset.image_source import ImageSource
from dermdash.dataset.source_entry import SourceLimits
from dermdash.errors import UnreadableImage

PICTURES = {f"ISIC_{n:07d}": make_jpeg(seed=n, width=24, height=16) for n in range(12)}


def write(folder: Path, data: bytes) -> Path:
    (folder / "train-image.hdf5").write_bytes(data)
    return folder / "train-image.hdf5"


def test_pictures_are_found_under_their_names_where_they_stand(tmp_path: Path) -> None:
    path = write(tmp_path, make_hdf5(PICTURES, numbers=2))
    found, others = hdf5_pictures(path)
    data = path.read_bytes()
    assert {p.name: data[p.start : p.start + p.size] for p in found} == {f"{n}.jpg": d for n, d in PICTURES.items()}
    assert others == 2
    assert is_hdf5(path)


def test_they_are_images_of_a_source_also_inside_a_zip_file(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "z").mkdir()
    path = write(tmp_path / "s", make_hdf5(PICTURES, numbers=1))
    for place in (path, tmp_path / "s", make_zip(tmp_path / "z" / "a.zip", {"x/train-image.hdf5": path.read_bytes()})):
        source = ImageSource.open([place])
        assert source.names() == tuple(PICTURES)
        assert source.read("ISIC_0000003") == PICTURES["ISIC_0000003"]
        assert "train-image.hdf5: 1 data set in it is no picture." in source.notes[0]
        source.close()


def test_names_that_lead_out_and_pictures_beyond_the_limit_are_left_out(tmp_path: Path) -> None:
    first = b"\xff\xd8\xff"
    path = write(tmp_path, make_hdf5({"../x": first, "a": first, "b": first * 500}))
    source = ImageSource.open([path], limits=SourceLimits(max_image_bytes=100))
    assert source.names() == ("a",)
    assert {str(e.reason) for e in source.problems} == {"unsafe_archive_entry", "unsafe_image"}


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_half_a_file_is_said_to_be_cut_off(tmp_path: Path, share: float) -> None:
    whole = make_hdf5(PICTURES)
    path = write(tmp_path, whole[: int(len(whole) * share)])
    with pytest.raises(UnreadableImage, match=r"cut off|damaged"):
        hdf5_pictures(path)
    assert "train-image.hdf5" in ImageSource.open([path]).problems[0].detail


def test_damage_never_ends_in_anything_but_words(tmp_path: Path) -> None:
    """A hundred files with bytes changed where their structure stands; a circle in it would never end."""
    draw = np.random.default_rng(3)
    whole = make_hdf5(dict(list(PICTURES.items())[:3]), numbers=1)
    pictures = [range(at, at + len(d)) for d in PICTURES.values() if (at := whole.find(d)) >= 0]
    places = [at for at in range(len(whole)) if not any(at in picture for picture in pictures)]
    for _ in range(100):
        data = bytearray(whole)
        for at in draw.choice(places[:3000], 4):
            data[at] = draw.integers(0, 256)
        try:
            hdf5_pictures(write(tmp_path, bytes(data)))
        except UnreadableImage:
            continue
