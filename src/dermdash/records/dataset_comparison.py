"""What a data set documents of itself beside others: the columns of Table 1 of the methodology, as numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ComparedDataset:
    """One data set beside others.

    Attributes
    ----------
    years
        First and last year of acquisition; None where no record says.
    patients
        None where no record names one.
    classes
        Class codes to images, the most frequent first.
    acquisition
        What records say of type, light, contact and source of the image: value to images of each.
    filled_fields
        Fields of the model that any record holds, with how many do.
    confirmed_by, stages, phototypes
        How diagnoses were confirmed, at which stage they stand (None: at none), and Fitzpatrick types, by images.
    said_year, said_acquisition, sop
        What people have said of the year, the acquisition and its standard procedure; empty where nobody has.
    """

    id: str
    name: str
    simulated: bool
    taxonomy: str
    years: tuple[str, str] | None
    images: int
    patients: int | None
    lesions: int
    classes: Mapping[str, int]
    acquisition: Mapping[str, Mapping[str, int]]
    filled_fields: Mapping[str, int]
    completeness: float | None
    confirmed_by: Mapping[str, int]
    stages: Mapping[int | None, int]
    phototypes: Mapping[str, int]
    source: str = ""
    licence: str = ""
    said_year: str = ""
    said_acquisition: str = ""
    sop: str = ""

    @property
    def without_phototype(self) -> int:
        """Images whose record says no Fitzpatrick type."""
        return self.images - sum(self.phototypes.values())

    @property
    def unconfirmed(self) -> int:
        """Images of which nobody says how their diagnosis was confirmed."""
        return self.images - sum(self.confirmed_by.values())

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "dataset": self.id, "name": self.name, "simulated": self.simulated, "taxonomy": self.taxonomy,
            "years": None if self.years is None else list(self.years), "images": self.images,
            "patients": self.patients, "lesions": self.lesions, "classes": dict(self.classes),
            "acquisition": {name: dict(values) for name, values in self.acquisition.items()},
            "filled_fields": dict(self.filled_fields), "completeness": self.completeness,
            "confirmed_by": dict(self.confirmed_by), "unconfirmed": self.unconfirmed,
            "stages": {"none" if stage is None else str(stage): n for stage, n in self.stages.items()},
            "phototypes": dict(self.phototypes), "without_phototype": self.without_phototype,
            "source": self.source, "licence": self.licence,
            "said": {"year": self.said_year or None, "acquisition": self.said_acquisition or None,
                     "sop": self.sop or None},
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class SharedImages:
    """What two data sets share: pairs of record ids, the first of the one, the second of the other.

    ``identical`` are one file; ``near`` are not, but the same picture, resized or compressed again, with the number of
    bits of 64 in which their perceptual hashes differ; ``confirmed`` were found to show one lesion or image by people.
    """

    first: str
    second: str
    identical: tuple[tuple[str, str], ...]
    near: tuple[tuple[str, str, int], ...]
    confirmed: tuple[tuple[str, str], ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "first": self.first, "second": self.second,
            "identical": [list(pair) for pair in self.identical],
            "near": [{"records": [a, b], "bits": bits} for a, b, bits in self.near],
            "confirmed": [list(pair) for pair in self.confirmed],
        }  # fmt: skip
