"""What readers said of each case, and the orders of cases, on answers that are counted by hand."""

from dermdash.readings.case_votes import CaseSort, case_votes, in_order, orders_of
from dermdash.readings.readings_table import ReadingsTable, make_readings_table

ANSWERS = {
    # case: (truth, answers before, answers after) of readers a, b, c
    "c1": ("mel", ("nv", "nv", "mel"), ("mel", "mel", "mel")),
    "c2": ("nv", ("nv", "nv", "nv"), ("nv", "mel", "nv")),
    "c3": ("bcc", ("mel", "nv", "bkl"), ("mel", "nv", "bkl")),
}


def table(*, times: bool = True) -> ReadingsTable:
    rows = []
    for place, (case, (truth, before, after)) in enumerate(ANSWERS.items()):
        for reader, first, second in zip("abc", before, after, strict=True):
            for phase, dx, modality in (
                ("unaided", first, "multiclass_probability"),
                ("aided", second, "multiclass_probability"),
            ):
                row = {
                    "reader": reader,
                    "case": case,
                    "phase": phase,
                    "modality": modality,
                    "dx": dx,
                    "truth_dx": truth,
                }
                rows.append(row | ({"client_ms": 1000.0 * (3 - place)} if times else {}))
    return make_readings_table(rows, source="by hand", format="test", taxonomy="ham7")


def test_votes_are_counted_before_and_after() -> None:
    votes = {c.case: c for c in case_votes(table())}
    one = votes["c1"]
    assert (one.truth, one.before, one.after) == ("mel", {"nv": 2, "mel": 1}, {"mel": 3})
    assert (one.right_before, one.right_after) == (1 / 3, 1.0)
    assert (one.pairs, one.rescued, one.misled) == (3, 2, 0)
    assert (votes["c2"].rescued, votes["c2"].misled) == (0, 1)
    assert [votes[c].agreement for c in ("c1", "c2", "c3")] == [1 / 3, 1.0, 0.0]


def test_cases_stand_in_the_order_that_is_asked_for() -> None:
    votes = case_votes(table())
    names = {order: [c.case for c in in_order(votes, order)] for order in CaseSort}
    assert names == {
        CaseSort.MISREAD: ["c3", "c1", "c2"],
        CaseSort.MISLED: ["c2"],
        CaseSort.RESCUED: ["c1"],
        CaseSort.SPLIT: ["c3", "c1", "c2"],
        CaseSort.SLOW: ["c1", "c2", "c3"],
    }
    assert CaseSort.SLOW not in orders_of(case_votes(table(times=False)))
