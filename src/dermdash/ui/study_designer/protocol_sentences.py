"""A protocol that is no study yet, as a person would want to read it."""

import streamlit as st

from dermdash.analyses.registry import analysis_title
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_words import ProtocolNames, protocol_sections
from dermdash.storage.workspace import Workspace
from dermdash.ui.messages import as_text
from dermdash.ui.model_and_images import datasets_with_records
from dermdash.workflows.classifier.model_registry import model_label
from dermdash.workflows.reader_study.study_drafts import models_for


def show_sentences(workspace: Workspace, protocol: Protocol) -> None:
    """A paragraph for each section, with data set, model and analyses by their names."""
    for section in protocol_sections(protocol, names_of_protocol(workspace, protocol)):
        st.markdown(f"**{section.title}.** {as_text(' '.join(section.sentences))}")


def names_of_protocol(workspace: Workspace, protocol: Protocol) -> ProtocolNames:
    """What data set, model and analyses of a draft are called."""
    models = models_for(workspace, protocol.dataset_id, protocol.taxonomy)
    return ProtocolNames(
        dataset=datasets_with_records(workspace).get(protocol.dataset_id, protocol.dataset_id),
        model=model_label(models[protocol.model_id]) if protocol.model_id in models else "",
        analysis=analysis_title,
    )
