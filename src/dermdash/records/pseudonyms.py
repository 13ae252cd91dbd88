"""Names in place of names: keyed pseudonyms, dates moved per patient, ages in bins.

A pseudonym is a keyed digest (HMAC-SHA-256, RFC 2104): the same person has the same one in every export made with one
key, and nobody without the key can tell whose it is, not even by trying all names. So the key must not lie beside the
data.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from dermdash.errors import InvalidInput

LONGEST_SHIFT_DAYS = 365
OLDEST_AGE = 85
"""From here on an age is not told apart: few people are as old."""
AGE_BINS = (5, 10)
"""Widths of bins in years that exports offer."""
_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """The pseudonyms of one key; ``key_id`` names the key and tells nothing about it."""

    key: bytes
    key_id: str

    def patient(self, dataset_id: str, patient_id: str) -> str:
        """Of a patient of a data set: two data sets may call two people the same."""
        return self._name("P", "patient", dataset_id, patient_id)

    def lesion(self, dataset_id: str, lesion_id: str) -> str:
        """Of a lesion of a data set."""
        return self._name("L", "lesion", dataset_id, lesion_id)

    def examiner(self, examiner_id: str) -> str:
        """Of somebody who examined: one person over all data sets; case and outer blanks make no other."""
        return self._name("E", "examiner", examiner_id.strip().casefold())

    def days_earlier(self, dataset_id: str, patient_id: str) -> int:
        """By how many days (1 to 365) all dates of a patient are moved back: what lies between two of them stays."""
        return 1 + int.from_bytes(self._digest("date", dataset_id, patient_id)[:8], "big") % LONGEST_SHIFT_DAYS

    def shifted(self, day: date, dataset_id: str, patient_id: str) -> date:
        """A date of a patient, moved back by their days."""
        return day - timedelta(days=self.days_earlier(dataset_id, patient_id))

    def _name(self, letter: str, *parts: str) -> str:
        digits = base64.b32encode(self._digest(*parts)).decode("ascii")[:_LENGTH]
        return f"{letter}-{digits.lower()}"

    def _digest(self, *parts: str) -> bytes:
        # The length before each part: no two lists of parts are one text.
        said = "".join(f"{len(part)}:{part}" for part in parts)
        return hmac.new(self.key, said.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


_PSEUDONYM = re.compile(r"[PLE]-[a-z2-7]{16}")


def pseudonym_once(value: str, name: Callable[[str], str]) -> str:
    """The pseudonym of a name; a pseudonym stays as it is, so that what came in with one leaves under the same."""
    return value if _PSEUDONYM.fullmatch(value) else name(value)


def age_bin(age: float, width: int) -> str:
    """The bin of an age in years ("50-54"); from 85 on "85+".

    Raises
    ------
    InvalidInput
        A width that is not offered.
    """
    if width not in AGE_BINS:
        raise InvalidInput(f"ages go into bins of {' or '.join(map(str, AGE_BINS))} years, not of {width}")
    if age >= OLDEST_AGE:
        return f"{OLDEST_AGE}+"
    first = int(age // width) * width
    return f"{first}-{min(first + width, OLDEST_AGE) - 1}"
