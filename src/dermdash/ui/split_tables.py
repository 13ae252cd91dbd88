"""What a split and the preview of one show alike: how far the parts are from the whole, with the counts."""

import pandas as pd

from dermdash.charts.split_parts import deviation_figure
from dermdash.records.taxonomy import diagnosis_name
from dermdash.ui.tables import data_table
from dermdash.ui.theme import current_theme, show_figure


def part_words(part: str) -> str:
    """A part as people read it: of folds not the number alone."""
    return f"fold {part}" if part.isdecimal() else part


def show_deviations(classes: pd.DataFrame, deviations: pd.DataFrame, parts: list[str], *, key: str) -> None:
    """The picture of how far the parts are from the whole, and the counts below it."""
    words = {label: diagnosis_name(str(label)) if label else "No diagnosis" for label in classes.index}
    far = deviations.to_dict("index")
    total = classes.sum(axis=1).to_dict()
    figure = deviation_figure(
        {words[label]: {str(part): float(value) for part, value in far[label].items()} for label in words},
        {words[label]: int(total[label]) for label in words},
        parts,
        theme=current_theme(),
    )
    show_figure(figure, key=f"{key}.deviation")
    counts_table(classes.rename(index=words), "Class", key=f"{key}.classes")


def counts_table(counts: pd.DataFrame, what: str, *, key: str) -> None:
    """Records of each value in each part."""
    frame = counts.reset_index(names=what)
    frame.columns = pd.Index([what, *(part_words(part).capitalize() for part in counts.columns)])
    frame["All"] = counts.sum(axis=1).to_numpy()
    data_table(frame, key=key)
