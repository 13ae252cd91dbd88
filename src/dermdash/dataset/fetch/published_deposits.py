"""Deposits of a Dataverse that hold a data set: where they are, and which of their files belong to it."""

from __future__ import annotations

from dataclasses import dataclass

HARVARD_DATAVERSE = "https://dataverse.harvard.edu"
_HAM10000_DOI = "doi:10.7910/DVN/DBW86T"


@dataclass(frozen=True, slots=True)
class PublishedDeposit:
    """A data set in a deposit.

    Attributes
    ----------
    key, title
        Its name on the command line, and for people.
    doi
        Persistent identifier of the deposit; several data sets may lie in one.
    server
        The Dataverse that holds it.
    begins
        How the names of its files begin, in small letters; the others of the deposit are left out.
    folder
        What the folder is called when nobody says.
    """

    key: str
    title: str
    doi: str
    server: str
    begins: tuple[str, ...]
    folder: str

    def holds(self, file_name: str) -> bool:
        """Whether a file of the deposit belongs to the data set."""
        return file_name.lower().startswith(self.begins)


DEPOSITS: dict[str, PublishedDeposit] = {
    deposit.key: deposit
    for deposit in (
        PublishedDeposit(
            "ham10000", "HAM10000: 10,015 images, their metadata and lesion masks", _HAM10000_DOI, HARVARD_DATAVERSE,
            ("ham10000_",), "HAM10000",
        ),
        # Images and truth alone: the log of readers that lies beside them is no table of images.
        PublishedDeposit(
            "isic2018-test", "The test set of ISIC 2018 Task 3: 1,511 images and their ground truth", _HAM10000_DOI,
            HARVARD_DATAVERSE, ("isic2018_task3_test_images", "isic2018_task3_test_groundtruth"),
            "ISIC2018_Task3_Test",
        ),
    )
}  # fmt: skip
