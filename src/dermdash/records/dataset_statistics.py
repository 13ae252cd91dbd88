"""What a set of records is described by: categories, exclusions, patients, ages, sex, stages.

One home of these numbers: pages, commands, datasheets and exports take them from here. The tables and figures that are
made of them are Tables 2 to 5 and Figures 2 to 5 of the methodology for clinically verified dermatoscopic data sets.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dermdash.records.completeness import Completeness
from dermdash.records.fields import FIELDS
from dermdash.records.taxonomy import LesionOrigin, Status
from dermdash.records.verification_stage import VerificationStage


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """How many images have one diagnosis, in how many ways confirmed.

    ``stages``: verification stage, None where there is none, to number of images.
    """

    code: str
    name: str
    origin: LesionOrigin
    status: Status
    n: int
    stages: Mapping[int | None, int] = field(default_factory=dict)
    needs_histology: bool = False


@dataclass(frozen=True, slots=True)
class Distribution:
    """How often each whole number occurs: images of a patient, years of age."""

    counts: Mapping[int, int]

    @property
    def n(self) -> int:
        """How many were counted."""
        return sum(self.counts.values())

    @property
    def minimum(self) -> int | None:
        """The smallest; None of none."""
        return min(self.counts, default=None)

    @property
    def maximum(self) -> int | None:
        """The largest; None of none."""
        return max(self.counts, default=None)

    @property
    def mean(self) -> float | None:
        """Arithmetic mean; None of none."""
        return sum(value * n for value, n in self.counts.items()) / self.n if self.counts else None

    @property
    def median(self) -> float | None:
        """Median, the mean of the two in the middle where their number is even; None of none."""
        if not self.counts:
            return None
        values = sorted(self.counts)
        upto = np.cumsum([self.counts[value] for value in values])
        below, above = (values[int(np.searchsorted(upto, at, side="right"))] for at in ((self.n - 1) // 2, self.n // 2))
        return (below + above) / 2

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "n": self.n, "min": self.minimum, "median": self.median, "mean": self.mean, "max": self.maximum,
            "counts": {str(value): self.counts[value] for value in sorted(self.counts)},
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exclusions:
    """What did not enter the data sets, each once however often it was imported.

    Attributes
    ----------
    by_reason
        Rows left out by reason (`dataset.source_records.ExclusionReason`).
    rejected_at_acquisition
        Images rejected for their quality score before they entered or at the acquisition gate.
    duplicates
        Rows whose image has the content hash of another.
    """

    by_reason: Mapping[str, int]
    rejected_at_acquisition: int
    duplicates: int

    @property
    def after_acquisition(self) -> int:
        """Rows left out after the acquisition check."""
        return sum(self.by_reason.values())


@dataclass(frozen=True, slots=True)
class DatasetStatistics:
    """A set of records in numbers.

    Attributes
    ----------
    records, images
        Records, and different image files among them.
    patients, images_per_patient, without_patient
        Patients known, how many images they have, and how many records name none.
    images_per_lesion
        Over all lesions: where a source names none, each image is a lesion of its own.
    categories
        Diagnoses by number of images, the most frequent first.
    undiagnosed
        Records without a diagnosis.
    stages
        Images at each verification stage; None: at none.
    stages_claimed
        Of these, those that stand there only because their source says so.
    ages
        Valid ages (0 to 120 years), one per patient: that of their first examination. Of a record that names no patient
        the lesion stands for the patient.
    units_without_age, sexes, contradictory_sex
        Patients, or lesions, without a valid age, by sex ("" where not known), and with more than one sex.
    units_are_lesions
        How many of them are lesions for want of a patient.
    exclusions
        Of whole data sets; None of a part of one, which nobody excluded anything from.
    completeness
        How far each field is filled.
    simulated
        Whether a program drew the images.
    """

    records: int
    images: int
    patients: int
    without_patient: int
    images_per_patient: Distribution
    images_per_lesion: Distribution
    categories: tuple[CategoryCount, ...]
    undiagnosed: int
    undiagnosed_stages: Mapping[int | None, int]
    stages: Mapping[int | None, int]
    stages_claimed: Mapping[int | None, int]
    ages: Distribution
    units_without_age: int
    sexes: Mapping[str, int]
    contradictory_sex: int
    units_are_lesions: int
    exclusions: Exclusions | None
    completeness: Completeness
    simulated: bool

    @property
    def fields(self) -> int:
        """Fields of the information model."""
        return len(FIELDS)

    @property
    def units(self) -> int:
        """Patients, or lesions that stand for one, that age and sex are counted over."""
        return self.ages.n + self.units_without_age

    @property
    def initial_records(self) -> int | None:
        """Records after the acquisition check, before anything else was left out; None of a part of a data set."""
        return None if self.exclusions is None else self.records + self.exclusions.after_acquisition

    @property
    def duplicate_share(self) -> float | None:
        """Share of the initial records that were excluded as duplicates (0..1)."""
        if self.exclusions is None or not self.initial_records:
            return None
        return self.exclusions.duplicates / self.initial_records

    @property
    def malignant(self) -> int:
        """Images of classes that the methodology asks histology for."""
        return sum(c.n for c in self.categories if c.needs_histology)

    @property
    def verified_share(self) -> float | None:
        """Share of the malignant images that histology verified (0..1); None without malignant images."""
        verified = sum(c.stages.get(int(VerificationStage.HISTOLOGY), 0) for c in self.categories if c.needs_histology)
        return verified / self.malignant if self.malignant else None

    def of_origin(self, origin: LesionOrigin) -> int:
        """Images of one origin."""
        return sum(c.n for c in self.categories if c.origin is origin)

    def of_status(self, status: Status) -> int:
        """Images of one clinical status."""
        return sum(c.n for c in self.categories if c.status is status)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: shares 0..1, null where something is not known."""
        x = self.exclusions
        return {
            "records": self.records,
            "images": self.images,
            "patients": self.patients,
            "records_without_patient": self.without_patient,
            "images_per_patient": self.images_per_patient.as_dict(),
            "images_per_lesion": self.images_per_lesion.as_dict(),
            "categories": [
                {
                    "dx": c.code, "name": c.name, "n": c.n, "share": c.n / self.records if self.records else None,
                    "origin": str(c.origin), "status": str(c.status), "stages": _by_stage(c.stages),
                }
                for c in self.categories
            ],
            "undiagnosed": self.undiagnosed,
            "stages": _by_stage(self.stages),
            "stages_claimed": _by_stage(self.stages_claimed),
            "excluded_at_acquisition": None if x is None else x.rejected_at_acquisition,
            "initial_records": self.initial_records,
            "excluded_duplicates": None if x is None else x.duplicates,
            "duplicate_share": self.duplicate_share,
            "excluded": None if x is None else dict(x.by_reason),
            "fields": self.fields,
            "malignant": self.malignant,
            "histologically_verified_share_of_malignant": self.verified_share,
            "age": self.ages.as_dict() | {"without_valid_age": self.units_without_age},
            "sex": {"counts": dict(self.sexes), "contradictory": self.contradictory_sex},
            "units": self.units,
            "units_are_lesions": self.units_are_lesions,
            "completeness": self.completeness.as_dict(),
            "simulated": self.simulated,
        }  # fmt: skip


def _by_stage(stages: Mapping[int | None, int]) -> dict[str, int]:
    return {"none" if stage is None else str(stage): n for stage, n in stages.items()}
