"""Store an image that was diagnosed, where its user asks for it: as a record without a diagnosis."""

from __future__ import annotations

from uuid import uuid4

from dermdash.dataset.image_ingestion import ImageLimits
from dermdash.dataset.uploaded_image import UploadedImage
from dermdash.errors import InvalidInput, NotFound
from dermdash.records.fields import completeness, empty_values
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage import import_runs, records
from dermdash.storage.deidentification import image_row
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import ADMIN_ACCOUNT
from dermdash.workflows.dataset.covered_versions import take_away
from dermdash.workflows.dataset.find_covered import covered_versions
from dermdash.workflows.dataset.import_dataset import DATASET_ID
from dermdash.workflows.dataset.import_worker import store_image

UPLOADS = "uploads"
ADAPTER = "upload"


def keep_image(
    workspace: Workspace,
    upload: UploadedImage,
    *,
    taxonomy: str,
    dataset_id: str = UPLOADS,
    kept_by: str = ADMIN_ACCOUNT,
) -> str:
    """Store an image, freed of metadata as in an import, and return its record id.

    The record has no diagnosis and no patient: what a model said of it is no label. It gets an id made of its content,
    so that keeping it twice keeps it once. Of a picture that was covered in part here the covered version is kept.

    Parameters
    ----------
    taxonomy
        Of the data set ``uploads``, where it is made now.
    dataset_id
        ``uploads``, which is made where it is missing, or a data set there is.
    kept_by
        Id of the account that stands in the change log.

    Raises
    ------
    NotFound
        There is no such data set.
    InvalidInput
        The id cannot be one.
    WorkspaceFull
        The disk is full; nothing is stored.
    """
    if not DATASET_ID.fullmatch(dataset_id):
        raise InvalidInput(f"the data set id {dataset_id[:80]!r} is not usable")
    get_taxonomy(taxonomy)
    known = {d["id"]: d for d in records.list_datasets(workspace.engine)}
    if dataset_id != UPLOADS and dataset_id not in known:
        raise NotFound(f"There is no data set {dataset_id!r}.")
    if dataset_id in known and known[dataset_id]["simulated"]:
        raise InvalidInput(
            f"The images of {known[dataset_id]['name']} are drawn by a program: a photograph has no place among them."
        )
    image = upload.prepared
    limits = ImageLimits.from_settings(workspace.settings)
    shown_as = covered_versions(workspace).shown_as(image, files=workspace.files, limits=limits)
    same = records.known_image_hashes(workspace.engine, dataset_id).get(shown_as or image.sha256)
    if same is not None:
        return records.record_id(dataset_id, same)
    started = now()
    row = image_row(workspace.engine, shown_as) if shown_as else store_image(image, workspace.files)
    if dataset_id not in known:
        values = {"id": UPLOADS, "name": "Kept uploads", "taxonomy": taxonomy, "source": "uploads", "licence": ""}
        records.save_dataset(workspace.engine, values={**values, "simulated": False})
    image_id = f"upload-{row['sha256'][:16]}"
    record_id = records.record_id(dataset_id, image_id)
    run_id = uuid4().hex
    fields = empty_values()
    record = {
        "id": record_id,
        "dataset_id": dataset_id,
        "image_id": image_id,
        "lesion_id": image_id,
        "patient_id": None,
        "image_sha256": row["sha256"],
        "source_label": None,
        "dx": None,
        "dx_type": None,
        **fields,
        "technical_quality": row["technical_quality"],
        "completeness": completeness(fields),
        "import_run_id": run_id,
    }
    covered = records.save_batch(
        workspace.engine, images=[] if shown_as else [row], records=[record], account_id=kept_by
    )
    take_away(workspace.files, covered)
    run = {"id": run_id, "dataset_id": dataset_id, "adapter": ADAPTER, "rows": 1, "imported": 1, "already_present": 0}
    times = {"started_at": started, "finished_at": now()}
    import_runs.save_import_run(workspace.engine, values={**run, "excluded": {}, **times})
    return record_id
