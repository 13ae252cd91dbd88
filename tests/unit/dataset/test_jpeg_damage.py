"""JPEGs whose compressed pixels are not what their encoder wrote, beside every kind of whole one."""

import io
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.unit.dataset.image_factories import draw_lesion, encode, jpeg_segment, make_jpeg, with_segments

from dermdash.dataset.deidentification import jpeg_segments, strip_metadata
from dermdash.dataset.image_decoding import DAMAGED, UNEVEN, decode
from dermdash.dataset.image_ingestion import ImageLimits, prepare_image
from dermdash.dataset.jpeg_damage import JpegDamage, check_jpeg
from dermdash.dataset.jpeg_level_jump import level_jump
from dermdash.dataset.segmentation import prepare_mask
from dermdash.errors import UnreadableImage

END = b"\xff\xd9"


def restarted(interval: int, **options: object) -> bytes:
    """A JPEG with a restart marker after so many of its smallest units."""
    return make_jpeg(width=200, height=150, restart_marker_blocks=interval, **options)


def written_by_opencv(*options: int) -> bytes:
    return bytes(cv2.imencode(".jpg", draw_lesion(120, 90), list(options))[1])


def print_colours() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(draw_lesion()).convert("CMYK").save(buffer, "JPEG")
    return buffer.getvalue()


WHOLE = {
    "halved": make_jpeg(width=200, height=150),
    "whole colours": make_jpeg(width=200, height=150, subsampling=0),
    "halved across": make_jpeg(width=199, height=151, subsampling=1),
    "own codes": make_jpeg(width=200, height=150, optimize=True),
    "grey": encode(draw_lesion(200, 150)[:, :, 0], "JPEG"),
    "rgb": make_jpeg(keep_rgb=True),
    "print": print_colours(),
    "progressive": make_jpeg(width=200, height=150, progressive=True),
    "restarts": restarted(5),
    "restarts by row": make_jpeg(width=200, height=150, restart_marker_rows=1),
    "restarts by two rows": make_jpeg(width=200, height=150, restart_marker_rows=2),
    "a restart after each": restarted(1),
    "one unit": make_jpeg(width=5, height=5),
    "one column": make_jpeg(width=3, height=300),
    "one row": make_jpeg(width=300, height=2),
    "flat grey": encode(np.full((64, 64, 3), 128, np.uint8), "JPEG"),
    "flat black": encode(np.zeros((64, 64, 3), np.uint8), "JPEG"),
    "grey rim": encode(np.pad(draw_lesion(), ((0, 40), (0, 40), (0, 0)), constant_values=128), "JPEG"),
    "opencv": written_by_opencv(),
    "opencv restarts": written_by_opencv(cv2.IMWRITE_JPEG_RST_INTERVAL, 3),
    "opencv progressive": written_by_opencv(cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "noise": encode(np.random.default_rng(1).integers(0, 256, (80, 80, 3), np.uint8), "JPEG", quality=100),
}


def scans_of(jpeg: bytes) -> Iterator[tuple[int, int]]:
    """Where the data of each scan begin and end."""
    for marker, segment, end in jpeg_segments(jpeg):
        if marker == 0xDA:
            yield end - len(segment) + 2 + int.from_bytes(segment[2:4], "big"), end


def cut(jpeg: bytes, share: float) -> bytes:
    """The file up to that share of its last large scan, and an end marker."""
    start, end = max(scans_of(jpeg), key=lambda scan: scan[1] - scan[0])
    place = start + int((end - start) * share)
    return jpeg[: place - (jpeg[place - 1] == 0xFF)] + END


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_jpeg_is_whole(name: str) -> None:
    stripped = strip_metadata(WHOLE[name])
    assert check_jpeg(stripped.data).damage is None


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize(
    "name",
    ["halved", "whole colours", "own codes", "grey", "print", "progressive", "restarts", "restarts by two rows",
     "noise", "opencv progressive", "grey rim", "rgb"],
)  # fmt: skip
def test_a_jpeg_cut_off_and_ended_is_excluded(name: str, share: float) -> None:
    with pytest.raises(UnreadableImage, match="damaged JPEG"):
        prepare_image(cut(WHOLE[name], share))


@pytest.mark.parametrize("name", ["halved", "whole colours", "restarts", "progressive", "own codes"])
def test_a_jpeg_without_its_middle_is_excluded_or_never_of_top_quality(name: str) -> None:
    jpeg = WHOLE[name]
    start, end = max(scans_of(jpeg), key=lambda scan: scan[1] - scan[0])
    third = (end - start) // 3
    try:
        image = prepare_image(jpeg[: start + third] + jpeg[end - third :])
    except UnreadableImage:
        return
    assert (image.quality.score, image.quality.driver) == (1, "damage")


def test_a_few_bytes_too_few_are_noticed() -> None:
    jpeg = WHOLE["noise"]
    for missing in (1, 2, 5):
        with pytest.raises(UnreadableImage, match="data end before"):
            prepare_image(jpeg[: -2 - missing].rstrip(b"\xff") + END)


def test_data_left_over_mark_an_image_as_damaged() -> None:
    jpeg = WHOLE["halved"]
    image = prepare_image(jpeg[:-2] + b"\x12\x34\x56\x78" * 10 + END)
    assert (image.quality.score, image.quality.driver) == (1, "damage")
    assert DAMAGED in image.notes


@pytest.mark.parametrize("spare", [b"\x00", b"\x12\x34", b"\x00\x00\x00", b"\xff", b"\xff\xff"])
def test_a_byte_or_two_that_cameras_leave_behind_the_data_are_no_damage(spare: bytes) -> None:
    assert check_jpeg(strip_metadata(WHOLE["halved"][:-2] + spare + END).data).damage is None


def test_a_lost_or_swapped_restart_marker_is_noticed() -> None:
    jpeg = WHOLE["restarts"]
    place = jpeg.index(b"\xff\xd1")
    for damaged in (jpeg[:place] + jpeg[place + 2 :], jpeg[:place] + b"\xff\xd3" + jpeg[place + 2 :]):
        assert check_jpeg(strip_metadata(damaged).data).damage is JpegDamage.MISSING


def test_scans_that_never_came_are_noticed() -> None:
    jpeg = WHOLE["progressive"]
    ends = [end for _, end in scans_of(jpeg)]
    for end in ends[:-1]:
        assert check_jpeg(strip_metadata(jpeg[:end] + END).data).damage is JpegDamage.MISSING


def test_overwritten_stretches_are_noticed_more_often_than_not() -> None:
    rng = np.random.default_rng(3)
    jpeg = make_jpeg(width=300, height=225, subsampling=0)
    ((start, end),) = scans_of(jpeg)
    noticed = 0
    for _ in range(40):
        place = int(rng.integers(start, end - 300))
        data = jpeg[:place] + rng.integers(0, 255, 256, np.uint8).tobytes() + jpeg[place + 256 :]
        try:
            noticed += prepare_image(data).quality.driver == "damage"
        except UnreadableImage:
            noticed += 1
    assert noticed >= 36


def test_a_jump_in_brightness_along_the_order_of_blocks_marks_an_image_as_damaged() -> None:
    skin = cv2.GaussianBlur(draw_lesion(240, 200, texture=40), (0, 0), 1.5)
    lighter = skin.astype(np.int16) + 12
    jumps = skin.copy()
    jumps[96:112, 128:] = lighter[96:112, 128:].clip(0, 255)
    jumps[112:] = lighter[112:].clip(0, 255)
    damaged = prepare_image(encode(jumps, "JPEG", quality=90))
    assert (damaged.quality.score, damaged.quality.driver, damaged.notes) == (1, "damage", (UNEVEN,))
    # Frames, bars, tapes and rulers along the same lines are none.
    for top, left, bottom, right, shade in (
        (0, 0, 96, 240, 0), (96, 0, 200, 240, 255), (96, 128, 200, 240, 30), (96, 128, 112, 240, 255),
        (0, 128, 200, 240, 0),
    ):  # fmt: skip
        framed = skin.copy()
        framed[top:bottom, left:right] = shade
        assert prepare_image(encode(framed, "JPEG", quality=90)).quality.driver != "damage"
    assert prepare_image(encode(skin, "JPEG", quality=90)).notes == ()


@pytest.mark.parametrize("shape", [(1, 1), (16, 16), (17, 200), (200, 17), (40, 33)])
def test_a_picture_of_few_blocks_has_no_jump(shape: tuple[int, int]) -> None:
    assert level_jump(np.zeros((*shape, 3), np.uint8), (16, 16)) == 0


def test_a_damaged_mask_is_left_out() -> None:
    mask = encode(np.kron(np.eye(8, dtype=np.uint8), np.full((16, 16), 255, np.uint8)), "JPEG")
    with pytest.raises(UnreadableImage):
        prepare_mask(cut(mask, 0.5), limits=ImageLimits())


def test_what_is_stored_is_decoded_without_looking_for_damage_again() -> None:
    _, pixels = decode(cut(WHOLE["halved"], 0.5), max_pixels=10**6)
    assert pixels.shape == (150, 200, 3)


def test_comments_and_previews_do_not_disturb() -> None:
    jpeg = with_segments(WHOLE["restarts"], jpeg_segment(0xFE, b"\xff\xd9\xff\xda" * 20))
    assert prepare_image(jpeg).quality.driver != "damage"


@pytest.mark.shared_data
def test_no_photograph_of_the_shared_data_is_called_damaged(shared_data: Path) -> None:
    files = sorted(shared_data.glob("*/images/*.jpg"))[::40]
    assert len(files) > 100
    assert [f.name for f in files if prepare_image(f.read_bytes()).quality.driver == "damage"] == []
