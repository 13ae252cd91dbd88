"""Tables of readers: how they are invited and written to, what they consented to, what they were shown and answered."""

import sqlalchemy as sa

from dermdash.storage.table_parts import TIMESTAMP, table

invitation = table(
    "invitation",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("study_id", sa.String, nullable=False),
    sa.Column("token_hash", sa.String, nullable=False, unique=True),
    sa.Column("label", sa.String, nullable=False),
    sa.Column("created_at", TIMESTAMP, nullable=False),
)

invitation_change = table(
    "invitation_change",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("invitation_id", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("token_hash", sa.String, unique=True),
    sa.Column("changed_at", TIMESTAMP, nullable=False),
    sa.Column("changed_by", sa.String, nullable=False),
    # The order of the acts: the latest one holds, whatever a clock said.
    sa.Column("sequence", sa.BigInteger),
    # Until when somebody may begin with it, of the changes that say so; null: for ever.
    sa.Column("until", TIMESTAMP),
)

reader = table(
    "reader",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("study_id", sa.String, nullable=False),
    sa.Column("invitation_id", sa.String, nullable=False, unique=True),
    sa.Column("consent_version", sa.String, nullable=False),
    sa.Column("consented_at", TIMESTAMP, nullable=False),
    sa.Column("simulated", sa.Boolean, nullable=False),
    # Under which the reader's browser files what it has not delivered; random, as the id stands in every export.
    sa.Column("browser_name", sa.String),
)

reader_arm = table(
    "reader_arm",
    # Drawn once, at consent or, where arms are balanced within strata, with the profile.
    sa.Column("reader_id", sa.String, primary_key=True),
    sa.Column("study_id", sa.String, nullable=False),
    sa.Column("arm", sa.String, nullable=False),
    sa.Column("stratum", sa.String, nullable=False),
    # How many readers of the study had an arm before.
    sa.Column("serial", sa.Integer, nullable=False),
    sa.Column("drawn_at", TIMESTAMP, nullable=False),
)

reader_profile = table(
    "reader_profile",
    sa.Column("reader_id", sa.String, primary_key=True),
    sa.Column("profession", sa.String, nullable=False),
    sa.Column("years_experience", sa.Integer),
    sa.Column("age_group", sa.String),
    sa.Column("gender", sa.String),
    sa.Column("country", sa.String),
    sa.Column("created_at", TIMESTAMP, nullable=False),
    # Where only the group of the years of experience is known, as the years themselves did not leave another workspace.
    sa.Column("experience_group", sa.String),
)

assignment = table(
    "assignment",
    # Opaque to the reader: the only name of a case that reaches the browser.
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("reader_id", sa.String, nullable=False),
    sa.Column("case_id", sa.String, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("modality", sa.String, nullable=False),
    sa.Column("practice", sa.Boolean, nullable=False),
    # What the modality shows this reader, fixed when the reader starts (the crowd grows meanwhile).
    sa.Column("assistance", sa.JSON),
    # Place in the order of all of the reader's assignments, from 1.
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("part", sa.String, nullable=False),
    sa.Column("period", sa.Integer, nullable=False),
    # 2 for a hidden repeat.
    sa.Column("occasion", sa.Integer, nullable=False),
    # 2, 3, ...: of a round that was begun again; only the last attempt counts.
    sa.Column("attempt", sa.Integer, nullable=False),
    # Which answers it asks for: sequential, unaided or aided.
    sa.Column("reading", sa.String, nullable=False),
    sa.UniqueConstraint("reader_id", "case_id", "period", "occasion", "attempt"),
)

reading = table(
    "reading",
    # Made by the client, so that a resend after a lost acknowledgement is recognised.
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("study_id", sa.String, nullable=False),
    sa.Column("reader_id", sa.String, nullable=False),
    sa.Column("assignment_id", sa.String, nullable=False),
    sa.Column("case_id", sa.String, nullable=False),
    sa.Column("practice", sa.Boolean, nullable=False),
    sa.Column("phase", sa.String, nullable=False),
    sa.Column("modality", sa.String, nullable=False),
    # Each null where the study does not ask for it.
    sa.Column("dx", sa.String),
    sa.Column("confidence", sa.Integer),
    sa.Column("management", sa.String),
    sa.Column("malignancy_rating", sa.Double),
    # The assistance exactly as shown before this answer; null when unaided.
    sa.Column("assistance", sa.JSON),
    # While what was judged was seen; and while it was not: in a hidden tab, behind a pause, on a sleeping device (null
    # where the two were not counted apart).
    sa.Column("client_ms", sa.Double, nullable=False),
    sa.Column("hidden_ms", sa.Double),
    # What the server's clock says of client_ms; null where nobody looked.
    sa.Column("time_check", sa.String),
    sa.Column("shown_at", TIMESTAMP),
    sa.Column("submitted_at", TIMESTAMP),
    # When the step that was answered first left the server, and the hash of what it showed; null where not recorded.
    sa.Column("sent_at", TIMESTAMP),
    sa.Column("shown_sha256", sa.String),
    sa.Column("recorded_at", TIMESTAMP, nullable=False),
    # The order of recording, which no clock that is set back turns round; counted with session_event and step_sent.
    sa.Column("sequence", sa.BigInteger),
    sa.UniqueConstraint("assignment_id", "phase"),
)

step_sent = table(
    "step_sent",
    sa.Column("assignment_id", sa.String, nullable=False),
    sa.Column("phase", sa.String, nullable=False),
    # Of the picture and the assistance in the form in which they left: another one is another row.
    sa.Column("shown_sha256", sa.String, nullable=False),
    sa.Column("reader_id", sa.String, nullable=False),
    sa.Column("sent_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("assignment_id", "phase", "shown_sha256"),
)

session_event = table(
    "session_event",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("reader_id", sa.String, nullable=False),
    sa.Column("assignment_id", sa.String),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("detail", sa.JSON),
    sa.Column("client_at", TIMESTAMP),
    sa.Column("recorded_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger),
)

# What a reader agreed to, as they read it: the text, not only its version. Another row where it was asked again.
consent = table(
    "consent",
    sa.Column("reader_id", sa.String, nullable=False),
    sa.Column("version", sa.String, nullable=False),
    # Of the text, and of the pages around it: a study may have its text in one language only.
    sa.Column("language", sa.String, nullable=False),
    sa.Column("pages_language", sa.String, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("text_sha256", sa.String, nullable=False),
    sa.Column("agreed_at", TIMESTAMP, nullable=False),
    # Of the same version the first one stands, whichever tab it came from.
    sa.PrimaryKeyConstraint("reader_id", "version"),
)

# A reader who left for good. The key lets one of two tabs win.
reader_withdrawal = table(
    "reader_withdrawal",
    sa.Column("reader_id", sa.String, primary_key=True),
    # "keep" or "delete": what the protocol says becomes of the answers.
    sa.Column("policy", sa.String, nullable=False),
    # A random number that the reader is given: with it they can ask about the deletion.
    sa.Column("receipt", sa.String, nullable=False, unique=True),
    # How many rows there were of each kind, and the hash of what was deleted.
    sa.Column("counts", sa.JSON, nullable=False),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("withdrawn_at", TIMESTAMP, nullable=False),
)

# An invitation for several people: whoever comes by its link gets one of their own.
invitation_group = table(
    "invitation_group",
    sa.Column("invitation_id", sa.String, primary_key=True),
    # How many may come; null: any number.
    sa.Column("places", sa.Integer),
    # The page without a link leads to it; nobody was given its token.
    sa.Column("public", sa.Boolean, nullable=False),
)

# Who came by the link of a group. The number is part of the key, which decides between two that come at once.
invitation_via = table(
    "invitation_via",
    sa.Column("group_id", sa.String, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("invitation_id", sa.String, nullable=False, unique=True),
    sa.PrimaryKeyConstraint("group_id", "number"),
)

# Where mail about an invitation goes. The only rows about people that are deleted: when nobody is to be written to.
invitation_address = table(
    "invitation_address",
    sa.Column("invitation_id", sa.String, primary_key=True),
    sa.Column("address", sa.String, nullable=False),
    sa.Column("language", sa.String, nullable=False),
    sa.Column("created_at", TIMESTAMP, nullable=False),
)

# A mail that is about to be sent; the key decides between two that would send it at once. It holds no address.
mail = table(
    "mail",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("invitation_id", sa.String, nullable=False),
    # "invitation" or "reminder", and which one of its kind.
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("begun_at", TIMESTAMP, nullable=False),
    sa.UniqueConstraint("invitation_id", "kind", "number", "attempt"),
)

# What became of it: "sent" or "failed"; a mail without a row was broken off, and may have gone out.
mail_outcome = table(
    "mail_outcome",
    sa.Column("mail_id", sa.String, primary_key=True),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("detail", sa.String, nullable=False),
    sa.Column("ended_at", TIMESTAMP, nullable=False),
)

# The name under which a reader plays, where a study has a game; the latest row holds, null: they play no more.
player_name = table(
    "player_name",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("study_id", sa.String, nullable=False),
    sa.Column("reader_id", sa.String, nullable=False),
    sa.Column("name", sa.String),
    sa.Column("chosen_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

# Whether there was a place for who a reader said they are. The number is part of the key, so that two who come at once
# are counted one after the other.
reader_admission = table(
    "reader_admission",
    sa.Column("study_id", sa.String, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("reader_id", sa.String, nullable=False, unique=True),
    # The stratum that was full; null: they were admitted.
    sa.Column("full", sa.String),
    sa.Column("decided_at", TIMESTAMP, nullable=False),
    sa.PrimaryKeyConstraint("study_id", "number"),
)
