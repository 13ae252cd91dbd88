"""What pages and browser say to one another: the names of all that is sent, and what each message holds, by screen.

The scripts get every name from here (`dermdash.ui.frontend.names`) and refuse to read an entry that no message has, so
an entry has one spelling and is renamed in one place. What a reader's browser delivers is declared where it is checked,
in `dermdash.reader_study.outbox`, and what an annotator's delivers in `dermdash.verification.annotation_outbox`.
"""
