"""Healthsheet: the datasheet as it was adapted to health data, 78 questions in fourteen sections.

Rostamzadeh et al., Healthsheet, FAccT 2022; doi 10.1145/3531146.3533239. Sections, order and numbers within a section
are those of the Healthsheet; of the parts that some questions have, only those about labels are items of their
own. The words are ours, and so are the letters of parts and the letter that an id begins with, as the source numbers
each section from 1.
"""

from dermdash.dataset.documents.document import DatasetDocument, section

HEALTHSHEET = DatasetDocument(
    "healthsheet",
    "Healthsheet",
    "after Rostamzadeh et al., Healthsheet, FAccT 2022",
    (
        section(
            "G", "General information",
            ("What is the data set, in two sentences?", "summary"),
            ("Was it audited before, by whom, with what result?", "audits"),
        ),
        section(
            "V", "Dataset versioning",
            ("Are there fixed versions, or does it go on changing? How many, how often?", "version"),
            ("Is this sheet about the first version, or which?", "sheet_version"),
            ("Are there sheets of other versions?", "other_sheets"),
            ("Which tasks, labels and splits come with this version, and why?", "splits"),
            ("What did this version change, and why: people, data, fields? Will there be more?", "version_changes"),
        ),
        section(
            "M", "Motivation",
            ("What was it made for: which task, which gap?", "purpose"),
            ("Which applications is it meant for?", "use_cases"),
            ("Which uses are discouraged, and why?", "discouraged"),
            ("Who made it, and for whom?", "creators"),
            ("Who paid for it, by which grant?", "funding"),
            ("Which backgrounds and experience do its makers have?", "curators"),
        ),
        section(
            "C", "Data composition",
            ("What does an instance stand for? Are there several kinds?", "instances"),
            ("How many instances are there, of each kind?", "counts"),
            ("How many patients are in it?", "patients"),
            ("Is it all there is or a sample? Of what, and how far does it stand for that?", "sample"),
            ("Which modalities does the data of a patient have, at each level?", "instance_data"),
            ("Is an instance raw data or features?", "raw_or_features"),
            ("What is missing from instances, and why?", "missing"),
            ("Which relations between instances are stated?", "relations"),
            ("Which errors, noise and repetitions are there?", "errors"),
            ("Does it stand alone, or rest on what lies elsewhere?", "self_contained"),
            ("Does it hold anything confidential?", "confidential"),
            ("Could looking at it offend, frighten or harm?", "offensive"),
            ("If it was de-identified: what keeps people from being identified again?", "identifiable"),
            ("Does it hold what is sensitive?", "sensitive"),
        ),
        section(
            "D", "Devices and contextual attributes in data collection",
            ("Which devices, settings and circumstances does the data come from?", "devices"),
        ),
        section(
            "F", "Challenge in tests and confounding factors",
            ("What limits how far models carry: devices, sites, time? Is it labelled for tests?", "generalisation"),
            ("What may confound: groups with recordings, labels with recordings?", "confounding"),
        ),
        section(
            "S", "Collection and use of demographic information",
            ("Which groups of people does it tell apart: age, sex, gender, ethnicity?", "subpopulations"),
            ("Where it tells none apart: which rule forbids it, and what is done about unequal errors?", "attributes"),
        ),
        section(
            "P", "Pre-processing and de-identification",
            ("How was it de-identified?", "identifiable"),
            ("How was it cleaned?", "preparation"),
            ("Was the raw data kept, and where?", "raw_data"),
            ("Which instances were excluded, and why?", "preparation"),
        ),
        section(
            "L", "Labeling and subjectivity of labeling",
            ("Is there a label for each instance, and what does it mean?", "labels"),
            ("Who labelled: profession, experience?", "annotators", "a"),
            ("How: by an independent standard, by people, by rules?", "confirmation", "b"),
            ("How many people labelled each instance?", "annotations_per_item", "c"),
            ("How far do they agree?", "agreement", "d"),
            ("What were they blind to?", "blinding", "e"),
            ("How well do people do at the task?", "human_performance"),
            ("Is the software for preparing and labelling available?", "software"),
            ("Which rules should new labels and tasks follow?", "label_rules"),
        ),
        section(
            "K", "Collection process",
            ("Was there an ethical review, and with what outcome?", "ethics"),
            ("How did the data come about: observed, reported, derived? How was that verified?", "acquisition"),
            ("By which devices and procedures, how validated, and did they change?", "procedures"),
            ("Who collected it, and how were they paid?", "collectors"),
            ("Over which time?", "period"),
            ("Is it about people?", "about_people"),
            ("Did it come from the people themselves or from others?", "directness"),
            ("Were they told?", "notified"),
            ("Did they consent?", "consent"),
            ("Can they take consent back?", "consent_withdrawal"),
            ("In which countries was it collected?", "geography"),
            ("Was the effect on the people analysed?", "impact_analysis"),
        ),
        section(
            "I", "Inclusion criteria and accessibility in data collection",
            ("Which languages were spoken with patients?", "languages"),
            ("What was done so that people with disabilities could take part?", "accessibility"),
            ("If it is from a clinical study: who was included?", "inclusion"),
        ),
        section(
            "U", "Uses",
            ("What has it been used for?", "used_for"),
            ("What has to be cited or acknowledged?", "citation"),
            ("Is there a list of papers or systems that use it?", "use_list"),
            ("What in its making might harm people or groups in later uses, and what mitigates that?", "biases"),
            ("What should it not be used for?", "not_for"),
        ),
        section(
            "B", "Dataset distribution",
            ("Will others than the makers get it?", "third_parties"),
            ("How is it distributed? Has it a DOI?", "distribution"),
            ("When?", "published"),
            ("Under which licence or terms?", "licence"),
            ("Do third parties restrict it by rights of their own?", "third_party_rights"),
            ("Do export controls or other rules apply?", "export_controls"),
        ),
        section(
            "T", "Maintenance",
            ("Who hosts and maintains it?", "maintainer"),
            ("How can they be reached?", "contact"),
            ("Is there an erratum?", "errata"),
            ("Will it be updated, how often, by whom, and how is that told?", "updates"),
            ("Are there limits to how long data of people are kept?", "retention"),
            ("Will older versions stay available?", "older_versions"),
            ("Can others extend it, and how?", "contributions"),
        ),
    ),
)  # fmt: skip
