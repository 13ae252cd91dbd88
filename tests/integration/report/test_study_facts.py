"""Facts of a source: who took part, the flow, what was left out."""

import pandas as pd
from tests.readings_factory import make_readings

from dermdash.readings.readings_table import make_readings_table
from dermdash.report.study_facts import study_facts


def test_the_flow_of_a_log_accounts_for_every_row() -> None:
    table = make_readings(readers=3, cases=7, excluded={"no answer": 4, "unknown image": 2})
    frame = table.frame
    lonely = (frame["reader"] == "r00") & (frame["case"] == "c001") & (frame["phase"] == "aided")
    alone = frame[(frame["reader"] == "r02") & (frame["phase"] == "unaided")].assign(modality="none", session="2")
    rows = pd.concat([frame[~lonely], alone])
    log = make_readings_table(rows, source="Log", format="test", taxonomy="ham7", excluded=dict(table.excluded))
    facts = study_facts(log)
    steps = [(s.count, dict(s.left_out)) for s in facts.flow]
    assert steps == [
        (54, {"no answer": 4, "unknown image": 2}),
        (48, {"the other answer of the pair is missing": 1, "read without any assistance by design": 7}),
        (20, {}),
    ]
    assert facts.flow[1].label == "Readings analysed (28 without, 20 with assistance)"
    assert (facts.n_readers, facts.n_cases, facts.n_readings) == (3, 7, 48)
    assert facts.protocol is None


def test_readers_are_counted_once_by_what_they_said_of_themselves() -> None:
    table = make_readings(readers=4, cases=7)
    frame = table.frame.assign(
        profession=[None if r == "r00" else p for r, p in table.frame[["reader", "profession"]].to_numpy()]
    )
    facts = study_facts(make_readings_table(frame, source="Log", format="test", taxonomy="ham7"))
    assert facts.readers["profession"] == {"dermatologist": 2, "medical_student": 1, "not said": 1}
    assert facts.readers["experience_group"] == {"under 1 year": 2, "3 to 5 years": 1, "over 10 years": 1}
    assert "country" not in facts.readers
    assert sum(facts.cases.values()) == 7
