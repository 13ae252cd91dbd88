"""Up to version 4 an invitation could be withdrawn once and never renewed."""

from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from dermdash.errors import AccessDenied
from dermdash.settings import Settings
from dermdash.storage import engine as engines
from dermdash.storage.invitations import list_invitations
from dermdash.storage.workspace import open_workspace
from dermdash.workflows.accounts.access import hash_token
from dermdash.workflows.reader_study.invitations import renew_invitation
from dermdash.workflows.reader_study.join_study import open_invitation

LABELS = {"kept": "Ana Maria (Lisboa)", "withdrawn": "Dr Béla"}


def write_version_4(url: str) -> None:
    """Two invitations, each with its id as token; one was withdrawn."""
    old = sa.create_engine(url, poolclass=sa.NullPool)
    engines.upgrade(old, "0004")
    with old.begin() as connection:
        for invitation_id, label in LABELS.items():
            connection.execute(
                sa.text(
                    "INSERT INTO invitation (id, study_id, token_hash, label, created_at) "
                    "VALUES (:id, 'study', :hash, :label, now())"
                ),
                {"id": invitation_id, "hash": hash_token(invitation_id), "label": label},
            )
        connection.execute(sa.text("INSERT INTO invitation_revocation VALUES ('withdrawn', now())"))
    old.dispose()


def test_links_withdrawn_before_stay_so_until_they_are_renewed(empty_database: str, tmp_path: Path) -> None:
    write_version_4(empty_database)
    settings = Settings(home=tmp_path / "workspace", database_url=empty_database)
    with closing(open_workspace(settings)) as workspace:
        assert open_invitation(workspace, "kept").label == LABELS["kept"]
        with pytest.raises(AccessDenied, match="withdrawn"):
            open_invitation(workspace, "withdrawn")
        listed = list_invitations(workspace.engine, "study").set_index("id")
        assert listed["label"].to_dict() == LABELS
        renewed = renew_invitation(workspace, "withdrawn")
        assert open_invitation(workspace, renewed.link.rsplit("=", 1)[1]).invitation_id == "withdrawn"
        with pytest.raises(AccessDenied, match="replaced"):
            open_invitation(workspace, "withdrawn")
