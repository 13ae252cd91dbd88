"""Files that somebody else made: images that are none, and models that lie about themselves."""

import dataclasses
import io
import json
import struct
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from dermdash.classifier.checkpoints import CheckpointMetadata, load_state_dict_file, read_metadata
from dermdash.classifier.networks import build_network
from dermdash.classifier.preprocessing import load_square
from dermdash.dataset.image_decoding import decode
from dermdash.dataset.image_ingestion import DEFAULT_LIMITS
from dermdash.dataset.uploaded_image import read_upload
from dermdash.errors import DermdashError, InvalidCheckpoint, InvalidInput, UnreadableImage, UnsafeUpload
from dermdash.records.csv_table import read_table
from dermdash.records.taxonomy import HAM7
from dermdash.workflows.classifier.training.job import JobState, read_job


@pytest.mark.parametrize("kind", ["EPS", "GIF", "ICO", "PPM", "TGA", "JPEG2000"])
def test_the_classifier_opens_formats_of_photographs_only(kind: str) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "pink").save(buffer, kind)
    with pytest.raises(UnreadableImage):
        load_square(buffer.getvalue(), side=32)


def test_a_tiff_of_many_directories_is_not_counted() -> None:
    buffer = io.BytesIO()
    frames = [Image.new("L", (40, 40), i % 255) for i in range(3)]
    frames[0].save(buffer, "TIFF", save_all=True, append_images=frames[1:])
    assert any("more than one picture" in note for note in read_upload(buffer.getvalue()).notes)
    single = io.BytesIO()
    frames[0].save(single, "TIFF")
    assert not any("more than one picture" in note for note in read_upload(single.getvalue()).notes)


def test_a_side_that_no_camera_makes_is_refused_before_decoding() -> None:
    def chunk(name: bytes, content: bytes) -> bytes:
        import zlib

        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", 90_000_000, 1, 8, 0, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")
    with pytest.raises(UnsafeUpload, match="no side may be longer"):
        decode(png, max_pixels=100_000_000)
    with pytest.raises(UnsafeUpload):
        read_upload(png, limits=DEFAULT_LIMITS)


@pytest.mark.parametrize(
    ("text", "message"),
    [("a," * 200_000 + "b\n1\n", "more than 1,000"), (",,,\n,,\n", "no header"), ('"",""\n', "no header")],
)
def test_a_table_without_a_sensible_header_is_refused_at_once(text: str, message: str) -> None:
    began = time.process_time()
    with pytest.raises(InvalidInput, match=message) as refused:
        read_table(text.encode(), file_kind="table")
    assert len(str(refused.value)) < 500
    # Comparing every column with every other would take minutes.
    assert time.process_time() - began < 20


def write_header(path: Path, **changes: object) -> None:
    metadata = CheckpointMetadata("resnet10", "ham7", HAM7.codes, 32)
    header = dataclasses.asdict(metadata) | changes
    save_file({"x": torch.zeros(1)}, path, metadata={"dermdash": json.dumps(header)})


@pytest.mark.parametrize(
    "changes",
    [
        {"metrics": {"mean_recall": 10**400}},
        {"metrics": {"held_out_images": 10**30}},
        {"metrics": {"accuracy": float("inf")}},
        {"metrics": {"accuracy": float("nan")}},
        {"metrics": {"accuracy": "<b>"}},
        {"architecture": ["resnet10"]},
        {"class_codes": [1, 2]},
        {"seed": {"a": 1}},
        {"epochs": 10**30},
        {"note": "x" * 10_000},
    ],
)
def test_metadata_that_a_page_could_not_show_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    write_header(tmp_path / "model.safetensors", **changes)
    with pytest.raises(InvalidCheckpoint):
        read_metadata(tmp_path / "model.safetensors")


def test_weights_that_claim_more_numbers_than_they_hold_are_refused(tmp_path: Path) -> None:
    state = build_network("resnet10", class_count=7).state_dict()
    torch.save(state | {"extra": torch.zeros(1).expand(200_000, 200_000)}, tmp_path / "claims.pt")
    torch.save(state | {"extra": torch.zeros(3, 3).to_sparse()}, tmp_path / "sparse.pt")
    torch.save(state | {"extra": torch.zeros(3, 3, device="meta")}, tmp_path / "meta.pt")
    for name in ("claims.pt", "sparse.pt", "meta.pt"):
        with pytest.raises(InvalidCheckpoint):
            load_state_dict_file(tmp_path / name, architecture="resnet10", taxonomy="ham7", input_size=32)


@pytest.mark.parametrize(
    "status",
    [
        '{"state": "starting", "since": null}',
        '{"state": "starting", "since": "abc"}',
        '{"state": "starting", "since": Infinity}',
        '{"state": "running", "process": {"machine": "m", "pid": Infinity, "started": "1", "stoppable": true}}',
        "[" * 100_000,
        "[]",
    ],
)
def test_a_damaged_training_folder_is_shown_as_such_and_never_as_running(tmp_path: Path, status: str) -> None:
    (tmp_path / "status.json").write_text(status)
    for request in ("{}", "[]", '{"format": 1}', "not json"):
        (tmp_path / "request.json").write_text(request)
        job = read_job(tmp_path)
        assert job.state is JobState.DAMAGED
        assert job.result == {}
        (tmp_path / "registered.json").write_text('{"models": null}')
        assert job.model_ids == []


def test_random_bytes_are_never_an_image_or_a_model(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    for length in (0, 1, 20, 4000):
        data = rng.bytes(length)
        with pytest.raises(DermdashError):
            read_upload(data)
        (tmp_path / "weights.pt").write_bytes(data)
        with pytest.raises(InvalidCheckpoint):
            load_state_dict_file(tmp_path / "weights.pt", architecture="resnet10", taxonomy="ham7")
