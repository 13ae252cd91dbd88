"""What arms and periods are compared by: a figure of every reader, made of answers or ratings."""

from dataclasses import dataclass

import pandas as pd

from dermdash.analysis.mrmc.choices import Figure
from dermdash.analysis.mrmc.data import MrmcData, make_mrmc_data
from dermdash.analysis.mrmc.figure_of_merit import FigureOfMerit
from dermdash.errors import MissingColumns

_CALL = 0.5


@dataclass(frozen=True, slots=True)
class ArmMeasure:
    """One of them.

    Attributes
    ----------
    key, title
        Its name in JSON and files, and in words.
    column
        Of the readings, that it is made of.
    merit
        The figure over a reader's cases.
    every_case
        Whether all cases count alike; else by their malignancy.
    share
        Whether its differences are percentage points.
    """

    key: str
    title: str
    column: str
    merit: FigureOfMerit
    every_case: bool = False
    share: bool = True

    def data(self, rows: pd.DataFrame, source: str, modalities: tuple[tuple[str, str], ...]) -> MrmcData:
        """The ratings of these readings, of each modality from a column with that ending.

        Raises
        ------
        MissingColumns
            None of the readings says what the measure is made of.
        """
        parts = []
        for name, suffix in modalities:
            rating = rows[f"{self.column}{suffix}"].astype("Float64")
            truth = pd.Series(1.0, index=rows.index) if self.every_case else rows["truth_malignant"].astype("Float64")
            part = pd.DataFrame(
                {
                    "reader": rows["reader"], "modality": name, "case": rows["case"], "cluster": rows["cluster"],
                    "truth": truth, "rating": rating,
                }
            )  # fmt: skip
            parts.append(part[rating.notna() & truth.notna()])
        joined = pd.concat(parts, ignore_index=True)
        if joined.empty:
            raise MissingColumns(f"{source} says nothing of it: no {_LACKING[self.column]}")
        return make_mrmc_data(joined, source=source, modalities=[name for name, _ in modalities])


_LACKING = {
    "correct": "answer is known to be right or wrong",
    "malignant_answer": "answer malignant or benign to a case whose malignancy is known",
    "malignancy_rating": "rating of malignancy of a case whose malignancy is known",
}
RIGHT = ArmMeasure(
    "correct", "Right answers", "correct", FigureOfMerit(Figure.SENSITIVITY, threshold=_CALL), every_case=True
)
MEASURES = (
    RIGHT,
    ArmMeasure(
        "sensitivity", "Sensitivity (malignant)", "malignant_answer", FigureOfMerit(Figure.SENSITIVITY, threshold=_CALL)
    ),
    ArmMeasure(
        "specificity", "Specificity (malignant)", "malignant_answer", FigureOfMerit(Figure.SPECIFICITY, threshold=_CALL)
    ),
    ArmMeasure("auc", "AUC (malignancy)", "malignancy_rating", FigureOfMerit(Figure.AUC), share=False),
)
