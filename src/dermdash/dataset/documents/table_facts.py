"""What the table of data sets asks of each (the methodology's Table 1), as a document of its own."""

from dermdash.dataset.documents.document import FACTS, DatasetDocument, section

_QUESTIONS = {
    "year": "Year of publication",
    "acquisition": "How the images were taken",
    "sop": "Is there a documented procedure (SOP) for taking them?",
    "source": "Source",
    "licence": "Licence",
    "consent": "Consent",
    "ethics": "Ethical review",
    "period": "Period of collection",
}
TABLE_FACTS = DatasetDocument(
    "facts",
    "Facts for the table of data sets",
    "after the comparison of data sets in the methodology that the project implements",
    (
        section("F", "Facts", *((_QUESTIONS[fact], key) for fact, key in FACTS.items())),
        section("X", "For Croissant", ("How is it to be cited?", "citation"), ("Day of publication", "published")),
    ),
)
