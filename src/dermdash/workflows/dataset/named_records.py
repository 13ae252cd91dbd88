"""Which record a case of readings is, where the name of its image says so."""

from collections.abc import Collection

import pandas as pd

from dermdash.records.name_match import match_names


def named_records(cases: Collection[str], known: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``known`` (records with ``image_id``) that cases bear the name of, by case.

    A case that names no image, or one that several records have, is absent.
    """
    images = known["image_id"].astype(str)
    once = known.assign(image_id=images)[~images.duplicated(keep=False)].set_index("image_id", drop=False)
    found = match_names(sorted(cases), sorted(once.index)).found
    rows = once.loc[list(found.values())]
    return rows.set_axis(list(found), axis="index")
