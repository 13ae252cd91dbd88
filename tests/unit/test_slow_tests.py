"""The list of tests that the inner loop leaves out names tests that there are."""

from tests.slow_tests import LIST, VISITS, is_slow, slow_tests

ROOT = LIST.parents[1]


def test_each_test_of_the_list_is_there() -> None:
    sources = {path: (ROOT / path).read_text("utf-8") for path in {one.partition("::")[0] for one in slow_tests()}}
    assert [
        one for one in slow_tests() if f"def {one.partition('::')[2]}(" not in sources[one.partition("::")[0]]
    ] == []


def test_the_admins_visit_of_each_page_is_never_left_out_and_that_of_others_is() -> None:
    slow = slow_tests()
    assert not is_slow(f"{VISITS}[admin]", slow)
    assert is_slow(f"{VISITS}[reviewer]", slow)
