"""The annotator's screen: one image to mark, one form to fill, and nothing typed that can get lost."""

from collections.abc import Callable

import streamlit as st

from dermdash.ui.frontend import read_styles
from dermdash.ui.frontend.exchange.annotation import AnnotationPayload, ReceiptPayload
from dermdash.ui.frontend.exchange.reading import WaitingPayload
from dermdash.ui.outbox_component import delivered_before_run, show_with_outbox
from dermdash.ui.script_route import our_component
from dermdash.verification.annotation_outbox import AnnotationItem, DraftSave, parse_annotation_outbox

DeliveredAnnotations = list[AnnotationItem]

_panel = our_component("annotation_panel")
_PAGE_STYLE = f"<style>{read_styles('annotation_page')}</style>"


def annotation_panel(
    data: AnnotationPayload | ReceiptPayload | WaitingPayload,
    *,
    key: str,
    on_items: Callable[[DeliveredAnnotations], None],
) -> DeliveredAnnotations:
    """Show one task of annotation and return what the browser delivered for this run.

    Parameters
    ----------
    data
        What it shows (`dermdash.ui.annotation_payload`); or that the database cannot be reached: then the panel keeps
        what it shows and asks again; or only a receipt, see `only_drafts_came`. It must hold nothing the annotator may
        not know: all of it reaches the browser.
    key
        Widget key, the same in every run of the session.
    on_items
        Called with each delivery of submissions and drafts, as `show_with_outbox` says. The next
        ``data["acknowledged"]`` must name all delivered ids that are on disk, drafts and old ones too, and
        ``data["refused"]`` those that never will be.
    """
    st.html(_PAGE_STYLE)
    return show_with_outbox(_panel, data, key=key, parse=parse_annotation_outbox, on_delivery=on_items)


def only_drafts_came(key: str) -> bool:
    """Whether this run is there for drafts alone: where all of them were stored, a receipt is enough of an answer.

    Somebody who types causes such a run every other second, and two pictures need not travel each time.
    """
    items = delivered_before_run(key)
    return bool(items) and all(isinstance(item, DraftSave) for item in items)
