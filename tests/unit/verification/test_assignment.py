"""Who gets what: distinct, even, one of experience, never their own."""

from dermdash.verification.assignment import Candidate, ReviewNeed, assign, drawn

PEOPLE = [Candidate(f"p{i}", experienced=i < 2) for i in range(6)]


def test_each_record_gets_distinct_people_and_one_of_experience() -> None:
    made = assign([ReviewNeed(f"r{i}", 3) for i in range(50)], PEOPLE)
    of = {f"r{i}": [who for record, who in made.pairs if record == f"r{i}"] for i in range(50)}
    assert all(len(set(who)) == len(who) == 3 for who in of.values())
    assert all({"p0", "p1"} & set(who) for who in of.values())
    assert made.unmet == {}
    assert made.unexperienced == ()
    load = [sum(who == p.account_id for _, who in made.pairs) for p in PEOPLE]
    assert max(load) - min(load) <= 2


def test_whoever_has_much_to_do_gets_less() -> None:
    busy = [Candidate("busy", True, 20), Candidate("a", True), Candidate("b", False), Candidate("c", False)]
    made = assign([ReviewNeed(f"r{i}", 2) for i in range(6)], busy)
    assert all(who != "busy" for _, who in made.pairs)


def test_nobody_gets_what_is_theirs_and_missing_people_are_counted() -> None:
    made = assign([ReviewNeed("r", 3, frozenset({"p0", "p1", "p2", "p3"}))], PEOPLE)
    assert {who for _, who in made.pairs} == {"p4", "p5"}
    assert made.unmet == {"r": 1}
    assert made.unexperienced == ("r",)
    assert assign([ReviewNeed("r", 3)], []).unmet == {"r": 3}


def test_experience_that_is_there_already_is_not_asked_for_again() -> None:
    people = [Candidate("expert", True, 5), Candidate("a", False), Candidate("b", False)]
    made = assign([ReviewNeed("r", 2, has_experienced=True)], people)
    assert {who for _, who in made.pairs} == {"a", "b"}
    assert made.unexperienced == ()


def test_the_same_question_has_the_same_answer() -> None:
    needs = [ReviewNeed(f"r{i}", 3) for i in range(20)]
    assert assign(needs, PEOPLE) == assign(needs, list(PEOPLE))


def test_a_share_is_drawn_by_the_key_alone() -> None:
    keys = [f"{i:032x}" for i in range(2000)]
    share = sum(drawn(key, 0.1) for key in keys) / len(keys)
    assert 0.07 < share < 0.13
    assert not any(drawn(key, 0.0) for key in keys)
    assert all(drawn(key, 0.1) == drawn(key, 0.1) for key in keys)
