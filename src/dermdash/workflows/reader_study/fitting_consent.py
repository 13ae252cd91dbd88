"""The standard consent follows the protocol that is about to be frozen; what its authors wrote themselves stays."""

from dataclasses import replace

from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.standard_consent import is_standard_consent, standard_consent
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.image_kinds import simulated_dataset_ids


def with_fitting_consent(workspace: Workspace, protocol: Protocol) -> Protocol:
    """The protocol with the standard consent that fits it, where it has a standard one at all.

    To be asked before a freeze, after the last change: a frozen protocol keeps its text. Its version stays.
    """
    if not is_standard_consent(protocol.consent_text):
        return protocol
    drawn = protocol.dataset_id in simulated_dataset_ids(workspace)
    return replace(protocol, consent_text=standard_consent(protocol, drawn_images=drawn))
