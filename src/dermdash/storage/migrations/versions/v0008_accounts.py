"""Accounts of several people: roles with their history, passwords, identities, links, and what limits signing in."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_Timestamp = sa.DateTime(timezone=True)
_EVERY_ROLE = ["admin", "coordinator", "curator", "reviewer", "statistician"]


def upgrade() -> None:
    """Give whoever ran the workspace until now every role; their sessions and an unused link stay good."""
    connection = op.get_bind()
    kept = {
        name: [dict(row) for row in connection.execute(sa.text(f"SELECT * FROM {name}")).mappings()]  # noqa: S608
        for name in ("account", "login_link", "login_session")
    }
    # Made anew: DuckDB drops no column, and no rule, of a table that has a key.
    for name in kept:
        op.drop_table(name)
    account = op.create_table(
        "account",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("created_at", _Timestamp, nullable=False),
    )
    account_change = op.create_table(
        "account_change",
        sa.Column("sequence", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String()),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("expertise", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", _Timestamp, nullable=False),
    )
    login_link = op.create_table(
        "login_link",
        sa.Column("token_hash", sa.String(), primary_key=True),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("created_at", _Timestamp, nullable=False),
        sa.Column("expires_at", _Timestamp),
    )
    login_session = op.create_table(
        "login_session",
        sa.Column("token_hash", sa.String(), primary_key=True),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("link_hash", sa.String(), unique=True),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("created_at", _Timestamp, nullable=False),
        sa.Column("expires_at", _Timestamp, nullable=False),
    )
    op.create_table(
        "account_password",
        sa.Column("account_id", sa.String(), primary_key=True),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("changed_at", _Timestamp, nullable=False),
    )
    op.create_table(
        "account_identity",
        sa.Column("subject", sa.String(), primary_key=True),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("linked_at", _Timestamp, nullable=False),
        sa.Column("asserted_s", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "known_browser",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("used_at", _Timestamp, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", "account_id"),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("counted_as", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("attempted_at", _Timestamp, nullable=False),
        sa.PrimaryKeyConstraint("counted_as", "number"),
    )
    rows = sorted(kept["account"], key=lambda row: (row["created_at"], row["id"]))
    if rows:
        op.bulk_insert(account, [{"id": row["id"], "created_at": row["created_at"]} for row in rows])
        op.bulk_insert(
            account_change,
            [
                {
                    "sequence": number, "account_id": row["id"], "act": "created", "name": row["name"], "email": None,
                    "roles": _EVERY_ROLE, "expertise": "specialist", "active": True, "changed_by": row["id"],
                    "changed_at": row["created_at"],
                }
                for number, row in enumerate(rows, 1)
            ],
        )  # fmt: skip
    if kept["login_link"]:
        op.bulk_insert(login_link, [{**row, "purpose": "sign_in", "expires_at": None} for row in kept["login_link"]])
    if kept["login_session"]:
        op.bulk_insert(login_session, [{**row, "way": "link", "browser": ""} for row in kept["login_session"]])
