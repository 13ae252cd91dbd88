"""Storing an image that was judged: only here, only after two clicks."""

import streamlit as st

from dermdash.dataset.uploaded_image import UploadedImage
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.choices import choose
from dermdash.ui.messages import as_code
from dermdash.ui.navigation import RECORD_SCRIPT, page_link
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.keep_image import UPLOADS, keep_image


def keep_image_form(workspace: Workspace, upload: UploadedImage, *, taxonomy: str) -> None:
    """Offer to store the image to whom that is open; show where it went."""
    if not access.may(Right.IMPORT_RECORDS):
        return
    sha256 = upload.prepared.sha256
    kept: tuple[str, str] | None = st.session_state.get(keys.DIAGNOSE_KEPT)
    if kept is not None and kept[0] == sha256:
        st.success(f"Kept as record {as_code(kept[1])}.", icon=":material/inventory_2:")
        page_link(RECORD_SCRIPT, label="Open the record", icon=":material/image_search:", query_params={"id": kept[1]})
        return
    with st.expander("Keep this image", icon=":material/inventory_2:"):
        st.markdown(
            "So far nothing of this image is stored. Keeping it makes a record without diagnosis and without patient; "
            "metadata inside the file (names, places, dates) is removed, pixels stay as they are."
        )
        names = browse_records.dataset_names(workspace)
        datasets = {d["id"]: names[d["id"]] for d in browse_records.list_datasets(workspace) if not d["simulated"]}
        choices = [UPLOADS, *(d for d in datasets if d != UPLOADS)]
        dataset_id = choose(
            "Data set", choices, lambda d: datasets.get(d, "Kept uploads"), key="diagnose.keep_in", width=420
        )
        agreed = st.checkbox("I may store this image: the patient agreed or need not be asked", key="diagnose.agreed")
        if st.button("Keep this image", key="diagnose.keep", disabled=not agreed, icon=":material/save:"):
            account = access.act(Right.IMPORT_RECORDS)
            record_id = keep_image(workspace, upload, taxonomy=taxonomy, dataset_id=dataset_id, kept_by=account.id)
            st.session_state[keys.DIAGNOSE_KEPT] = (sha256, record_id)
            st.rerun()
