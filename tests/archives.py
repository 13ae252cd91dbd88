"""A Dataverse and an ISIC Archive on this machine: what their interfaces answer, with content of our own."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
from PIL import Image

from tests.published_server import PublishedServer

DATASET = "/api/datasets/:persistentId/versions/:latest-published"
TABLE = (
    b"lesion_id,image_id,dx,dx_type,age,sex,localization\n"
    b"HAM_1,ISIC_1000001,nv,histo,45.0,male,back\n"
    b"HAM_2,ISIC_1000002,mel,histo,60.0,female,trunk\n"
)


def picture(seed: int) -> bytes:
    """A small JPEG of noise."""
    pixels = np.random.default_rng(seed).integers(0, 255, (48, 64, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG")
    return buffer.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip file of these."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def listed_file(number: int, name: str, content: bytes, **changes: Any) -> dict[str, Any]:
    """A file as a Dataverse lists it."""
    md5 = hashlib.md5(content).hexdigest()
    file = {
        "id": number, "filename": name, "filesize": len(content), "contentType": "application/zip", "md5": md5,
        "checksum": {"type": "MD5", "value": md5},
    }  # fmt: skip
    return {"label": name, "restricted": False, "dataFile": file | changes}


def serve_deposit(server: PublishedServer, store: PublishedServer | None = None) -> dict[str, bytes]:
    """Let a server be a Dataverse with the deposit of HAM10000; return its files of that data set.

    With a store, the zip files lie there and the Dataverse sends on to it, as installations with an object store do.
    """
    files = {
        "HAM10000_images_part_1.zip": zipped({"ISIC_1000001.jpg": picture(1)}),
        "HAM10000_images_part_2.zip": zipped({"ISIC_1000002.jpg": picture(2)}),
        "HAM10000_metadata.csv": TABLE,
    }
    test_truth = b"image,MEL\nISIC_2,1.0\n"
    archival = TABLE.replace(b",", b"\t")
    listed = [
        listed_file(11, "HAM10000_images_part_1.zip", files["HAM10000_images_part_1.zip"]),
        listed_file(12, "HAM10000_images_part_2.zip", files["HAM10000_images_part_2.zip"]),
        listed_file(
            13, "HAM10000_metadata.tab", TABLE, filesize=len(archival), originalFileFormat="text/csv",
            originalFileName="HAM10000_metadata.csv", originalFileSize=len(TABLE),
        ),
        listed_file(14, "ISIC2018_Task3_Test_GroundTruth.csv", test_truth),
    ]  # fmt: skip
    version = {"versionNumber": 4, "versionMinorNumber": 0, "license": {"name": "CC BY-NC 4.0"}, "files": listed}
    server.files[DATASET] = json.dumps({"status": "OK", "data": version}).encode()
    server.files["/api/access/datafile/14"] = test_truth
    server.answers["/api/access/datafile/13"] = lambda path: (200, TABLE if "format=original" in path else archival)
    for number, name in ((11, "HAM10000_images_part_1.zip"), (12, "HAM10000_images_part_2.zip")):
        if store is None:
            server.files[f"/api/access/datafile/{number}"] = files[name]
        else:
            store.files[f"/{number}"] = files[name]
            server.redirects[f"/api/access/datafile/{number}"] = f"{store.address}/{number}?signature=s"
    return files


def serve_collection(
    server: PublishedServer, count: int = 5, *, per_page: int = 2, number: int = 212
) -> dict[str, bytes]:
    """Let a server be an ISIC Archive with one collection; return its images by id."""
    images = {f"ISIC_{3_000_000 + i}": picture(i) for i in range(count)}
    server.files[f"/api/v2/collections/{number}/"] = json.dumps(
        {"id": number, "name": "A collection", "description": "", "public": True, "doi": "10.0000/1"}
    ).encode()
    for name, content in images.items():
        server.files[f"/files/{name}.jpg"] = content
        server.tags[f"/files/{name}.jpg"] = f'"{name}"'

    def page(path: str) -> tuple[int, bytes]:
        query = parse_qs(urlsplit(path).query)
        if query.get("collections") != [str(number)]:
            return 400, b"{}"
        start = int(query.get("cursor", ["0"])[0])
        ids = list(images)[start : start + per_page]
        following = f"{server.address}/api/v2/images/search/?collections={number}&cursor={start + per_page}"
        results = [listed_image(server, name, images[name]) for name in ids]
        return 200, json.dumps(
            {
                "count": count if start == 0 else None,
                "next": following if start + per_page < count else None,
                "previous": None,
                "results": results,
            }
        ).encode()

    server.answers["/api/v2/images/search/"] = page
    return images


def listed_image(server: PublishedServer, name: str, content: bytes) -> dict[str, Any]:
    """An image as the archive lists it."""
    number = int(name[-1])
    clinical: dict[str, Any] = {
        "sex": "female", "diagnosis_1": "Benign", "diagnosis_3": "Nevus", "melanocytic": True,
        "diagnosis_confirm_type": "histopathology", "lesion_id": f"IL_{number}", "patient_id": f"IP_{number}",
    }  # fmt: skip
    if number % 2:
        clinical["age_approx"] = 45
    return {
        "isic_id": name,
        "copyright_license": "CC-BY",
        "attribution": "A hospital, and another",
        "files": {
            "full": {"url": f"{server.address}/files/{name}.jpg?signature=s", "size": len(content)},
            "thumbnail_256": {"url": f"{server.address}/none", "size": 1},
        },
        "metadata": {
            "acquisition": {"image_type": "dermoscopic", "pixels_x": 64, "pixels_y": 48}, "clinical": clinical
        },
        "public": True,
    }  # fmt: skip
