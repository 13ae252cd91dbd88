import json
from pathlib import Path

import pytest
from tests.unit.analysis.evaluation_factories import make_scored

from dermdash.analysis.evaluation import EvaluationOptions, evaluate
from dermdash.dataset.thresholds_file import read_thresholds
from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import CLINICAL9, BorderlinePolicy


@pytest.mark.parametrize("text", ['{"mel": 0.12, "malignancy": 0.3}', "code,threshold\nmel,0.12\nmalignancy,0.3\n",
                                  "code;threshold\nmel;0,12\nmalignancy;0,3\n"])  # fmt: skip
def test_json_and_csv_say_the_same(tmp_path: Path, text: str) -> None:
    path = tmp_path / "thresholds"
    path.write_text(text)
    assert read_thresholds(path).thresholds == {"mel": 0.12, "malignancy": 0.3}


def test_the_thresholds_of_an_evaluation_can_be_applied_to_the_next(tmp_path: Path) -> None:
    first = evaluate(make_scored(200), EvaluationOptions(bootstrap=0))
    path = tmp_path / "first.json"
    path.write_text(json.dumps(first.as_dict()))
    thresholds = read_thresholds(path).thresholds
    assert thresholds == {c.code: c.threshold for c in first.classes} | {
        "malignancy": first.malignancy and first.malignancy.threshold
    }
    second = evaluate(make_scored(200, seed=5), EvaluationOptions(bootstrap=0, thresholds=thresholds))
    assert [c.threshold for c in second.classes] == [c.threshold for c in first.classes]


def test_the_policy_of_borderline_diagnoses_comes_along_where_the_file_says_it(tmp_path: Path) -> None:
    options = EvaluationOptions(bootstrap=0, borderline=BorderlinePolicy.OWN)
    (tmp_path / "own").write_text(json.dumps(evaluate(make_scored(90, taxonomy=CLINICAL9), options).as_dict()))
    (tmp_path / "bare").write_text('{"melanoma": 0.1}')
    (tmp_path / "odd").write_text('{"classes": [{"code": "mel", "threshold": 0.1}], "settings": {"borderline": "x"}}')
    found = {name: read_thresholds(tmp_path / name).borderline for name in ("own", "bare", "odd")}
    assert found == {"own": BorderlinePolicy.OWN, "bare": None, "odd": None}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[1]", "no JSON object"),
        ("{}", "names no threshold"),
        ('{"mel": "high"}', "'high'"),
        ('{"mel": 1.2}', "1.2"),
        ('{"mel": NaN}', "nan"),
        ('{"mel": true}', "True"),
        ("code,threshold\nmel,x\n", "nan"),
        ("code,threshold\nmel,0.1\nmel,0.2\n", "twice"),
        ("code,limit\nmel,0.1\n", "lacks the column threshold"),
    ],
)
def test_unusable_files_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "thresholds"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=message):
        read_thresholds(path)
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_thresholds(tmp_path / "absent")
