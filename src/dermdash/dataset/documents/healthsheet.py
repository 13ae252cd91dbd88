"""Healthsheet: what a datasheet of health data asks beyond the usual questions.

Rostamzadeh et al., Healthsheet, FAccT 2022; doi 10.1145/3531146.3533239. In words of our own; the numbers are ours.
"""

from dermdash.dataset.documents.document import DatasetDocument, section

HEALTHSHEET = DatasetDocument(
    "healthsheet",
    "Healthsheet",
    "after Rostamzadeh et al., Healthsheet, FAccT 2022; numbers of our own",
    (
        section(
            "G", "General",
            ("What is the data set, in a few sentences?", "summary"),
            ("Which version is this, and what changed?", "version"),
            ("What was it made for?", "purpose"),
            ("Who made it and paid for it?", "creators"),
            ("Who holds it, and where does it come from?", "source"),
            ("Under which licence?", "licence"),
        ),
        section(
            "C", "Composition",
            ("What does an instance stand for, and how many are there?", "counts"),
            ("How many people are in it, and how many records has each?", "patients"),
            ("Which modalities are there, and from which devices?", "devices"),
            ("What is missing, and why?", "missing"),
            ("What could confound: devices, sites, protocols?", "confounding"),
            ("Which errors and repetitions are known?", "errors"),
        ),
        section(
            "D", "Demographics",
            ("Which ages do the people have?", "age"),
            ("How is sex or gender recorded and distributed?", "sex"),
            ("How is skin tone or ethnicity recorded and distributed?", "skin"),
            ("Which groups are missing or few?", "underrepresented"),
            ("Where do the people come from?", "geography"),
        ),
        section(
            "L", "Collection and inclusion",
            ("Who was included, and who not?", "inclusion"),
            ("How was it collected, by whom and when?", "acquisition"),
            ("Over which time?", "period"),
            ("Was there an ethical review?", "ethics"),
            ("How was consent given, and can it be taken back?", "consent"),
            ("Can people with disabilities take part and use it?", "accessibility"),
        ),
        section(
            "P", "Preparation and de-identification",
            ("What was done to the data?", "preparation"),
            ("How was it de-identified, and who checked that?", "identifiable"),
        ),
        section(
            "A", "Labels and their subjectivity",
            ("What do the labels mean, and how were they reached?", "labels"),
            ("How many people gave a label to each instance?", "annotations_per_item"),
            ("Who gave them: profession, experience?", "annotators"),
            ("How far do they agree?", "agreement"),
            ("What were they blind to?", "blinding"),
            ("How many labels does an independent standard confirm?", "confirmation"),
        ),
        section(
            "U", "Use, distribution and maintenance",
            ("What is it meant for, and what not?", "use_cases"),
            ("What should it not be used for?", "not_for"),
            ("What are its known biases and limits?", "biases"),
            ("How does one get it?", "distribution"),
            ("Who maintains it, and for how long?", "maintainer"),
        ),
    ),
)  # fmt: skip
