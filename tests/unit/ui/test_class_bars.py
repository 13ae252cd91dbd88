import re

import pytest

from dermdash.charts.palette import diagnosis_color
from dermdash.records.taxonomy import CLINICAL9, HAM7, Taxonomy
from dermdash.ui.class_bars import class_bars


@pytest.mark.parametrize("taxonomy", [HAM7, CLINICAL9])
def test_class_bars_keep_taxonomy_order_and_colours_and_say_malignant_in_words(taxonomy: Taxonomy) -> None:
    drawn = class_bars({code: 1 / len(taxonomy.codes) for code in taxonomy.codes}, taxonomy=taxonomy)
    assert re.findall(r"background: (#\w+)", drawn) == [diagnosis_color(code) for code in taxonomy.codes]
    assert drawn.count("\N{MIDDLE DOT} malignant") == len(taxonomy.malignant_codes)


def test_the_highest_class_alone_is_bold_and_a_bar_is_as_long_as_its_share() -> None:
    drawn = class_bars({code: 0.7 if code == "mel" else 0.05 for code in HAM7.codes}, taxonomy=HAM7)
    assert re.findall(r'<dt class="dd-highest">(.*?)</dt>', drawn) == ["Melanoma \N{MIDDLE DOT} malignant"]
    assert re.findall(r"--share: ([\d.]+)", drawn) == ["0.7" if code == "mel" else "0.05" for code in HAM7.codes]
