"""Tables of accounts: who signs in, from where, and how often in vain."""

import sqlalchemy as sa

from dermdash.storage.table_parts import TIMESTAMP, table

# Who signs in. All that is said of an account stands in `account_change`.
account = table(
    "account",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("created_at", TIMESTAMP, nullable=False),
)

# The latest row of an account holds. The number is the key, without gaps: of two changes at once one comes first, and
# the other sees what it left (the last admin, a name that is taken).
account_change = table(
    "account_change",
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("act", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("email", sa.String),
    sa.Column("roles", sa.JSON, nullable=False),
    sa.Column("expertise", sa.String, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("changed_by", sa.String, nullable=False),
    sa.Column("changed_at", TIMESTAMP, nullable=False),
)

# Replaced when it changes: an old hash is of no use to anybody but who guesses.
account_password = table(
    "account_password",
    sa.Column("account_id", sa.String, primary_key=True),
    sa.Column("password_hash", sa.String, nullable=False),
    sa.Column("changed_at", TIMESTAMP, nullable=False),
)

# Whom an OpenID provider means, once somebody has come from there.
account_identity = table(
    "account_identity",
    sa.Column("subject", sa.String, primary_key=True),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("linked_at", TIMESTAMP, nullable=False),
    # When the provider made the last statement that opened a session, in seconds: an older one opens nothing.
    sa.Column("asserted_s", sa.BigInteger, nullable=False),
)

login_link = table(
    "login_link",
    sa.Column("token_hash", sa.String, primary_key=True),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("purpose", sa.String, nullable=False),
    sa.Column("created_at", TIMESTAMP, nullable=False),
    # Null: until it is used or another takes its place.
    sa.Column("expires_at", TIMESTAMP),
)

login_session = table(
    "login_session",
    sa.Column("token_hash", sa.String, primary_key=True),
    sa.Column("account_id", sa.String, nullable=False),
    # What was exchanged for this session and works once: a link, or what a provider said. Unique, so that it works
    # exactly once even when two browsers come in the same instant. Null for a password.
    sa.Column("link_hash", sa.String, unique=True),
    sa.Column("way", sa.String, nullable=False),
    sa.Column("browser", sa.String, nullable=False),
    sa.Column("created_at", TIMESTAMP, nullable=False),
    sa.Column("expires_at", TIMESTAMP, nullable=False),
)

# A browser from which somebody has signed in: what strangers try elsewhere does not keep its owner waiting.
known_browser = table(
    "known_browser",
    sa.Column("token_hash", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("used_at", TIMESTAMP, nullable=False),
    sa.PrimaryKeyConstraint("token_hash", "account_id"),
)

# Signing in that has not succeeded, for as long as it counts. The number is part of the key, so that attempts at once
# are counted one by one.
sign_in_attempt = table(
    "sign_in_attempt",
    sa.Column("counted_as", sa.String, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("attempted_at", TIMESTAMP, nullable=False),
    sa.PrimaryKeyConstraint("counted_as", "number"),
)
