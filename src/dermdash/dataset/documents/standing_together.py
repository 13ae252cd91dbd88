"""STANDING Together: what the documentation of a health data set should say so that bias can be seen.

Alderman et al., Lancet Digital Health 7(1), e64-e88, 2025; doi 10.1016/S2589-7500(24)00224-3, part 1. In words of our
own; the numbers are ours.
"""

from dermdash.dataset.documents.document import DatasetDocument, section

STANDING_TOGETHER = DatasetDocument(
    "standing-together",
    "STANDING Together",
    "after the STANDING Together consensus recommendations, Lancet Digital Health 2025; the published list was not at "
    "hand, so order and numbers are our own",
    (
        section(
            "A", "About the data set",
            ("A summary in plain language.", "summary"),
            ("Why it was made, and what it is meant for.", "purpose"),
            ("Who made it, holds it and paid for it.", "creators"),
            ("Version, date, and how it changes.", "version"),
            ("How one gets it, and under which terms.", "licence"),
            ("Ethical review and other oversight.", "ethics"),
            ("How patients and the public were involved.", "public_involvement"),
        ),
        section(
            "B", "Where the data come from",
            ("Sources, settings, places and time.", "source"),
            ("When the data were collected.", "period"),
            ("How they were acquired, and whether people knew.", "acquisition"),
            ("Which consent or other basis there is.", "consent"),
            ("Who was included or left out, and why.", "inclusion"),
            ("How the sample differs from those it should speak for.", "sample"),
        ),
        section(
            "C", "Who is in it",
            ("How many people, and how many records of each.", "patients"),
            ("Age: how recorded, how distributed.", "age"),
            ("Sex and gender: how recorded, how distributed.", "sex"),
            ("Skin tone, race or ethnicity: how recorded, how distributed.", "skin"),
            ("Other attributes that matter for fairness, and those that are not recorded.", "attributes"),
            ("Groups that are at risk of harm, and groups that are few.", "underrepresented"),
        ),
        section(
            "D", "Quality",
            ("What is missing, in whom, and why.", "missing"),
            ("How labels were made, by whom, and how sure they are.", "labels"),
            ("How far those who labelled agree.", "agreement"),
            ("Devices and procedures, and differences between them.", "devices"),
            ("What was changed, cleaned or removed.", "preparation"),
            ("Known errors and limits.", "errors"),
            ("Known and possible biases, and what was done about them.", "biases"),
            ("What it should not be used for.", "not_for"),
        ),
    ),
)  # fmt: skip
