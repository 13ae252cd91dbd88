"""Dataset Nutrition Label: an overview that says at a glance what a data set is good for and where to take care.

Holland et al., arXiv:1805.03677; Chmielinski et al., arXiv:2201.03954. In words of our own; the numbers are ours.
"""

from dermdash.dataset.documents.document import DatasetDocument, section

NUTRITION_LABEL = DatasetDocument(
    "nutrition-label",
    "Dataset Nutrition Label",
    "after the Data Nutrition Project's label (arXiv:1805.03677, arXiv:2201.03954); its list of items was not at hand, "
    "so order and numbers are our own",
    (
        section(
            "M", "Metadata",
            ("What is it?", "summary"),
            ("Who made it?", "creators"),
            ("Where does it come from?", "source"),
            ("Licence", "licence"),
            ("When was it collected?", "period"),
            ("Version and updates", "version"),
        ),
        section(
            "B", "At a glance",
            ("Is it about people, and is there data of single people?", "identifiable"),
            ("Was there an ethical review?", "ethics"),
            ("Was its quality checked?", "quality"),
            ("Is every column described?", "variables"),
        ),
        section(
            "S", "Statistics",
            ("How much is in it?", "counts"),
            ("Labels", "labels"),
            ("Who is in it?", "subpopulations"),
            ("Age", "age"),
            ("Sex", "sex"),
            ("Skin", "skin"),
            ("What is missing", "missing"),
        ),
        section(
            "A", "Where to take care",
            ("Composition: what is few or absent?", "underrepresented"),
            ("Collection: what could confound?", "confounding"),
            ("Known errors and repetitions", "errors"),
            ("Possible biases", "biases"),
        ),
        section(
            "U", "Uses",
            ("What is it good for?", "use_cases"),
            ("What is it not good for?", "not_for"),
        ),
    ),
)  # fmt: skip
