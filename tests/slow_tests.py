"""Which tests are no part of the inner loop: those of units and pages that took long when all of them last ran.

`slow_tests.txt` beside this lists them, a function a line, and `conftest.py` marks them ``slow``. It is made anew from
the report that `make test` leaves: ``python -m tests.slow_tests .pytest_cache/last.xml``. A new test is not in it, and
so runs in `make quick`, until the next time.
"""

import sys
from pathlib import Path
from xml.etree import ElementTree

LIST = Path(__file__).with_suffix(".txt")
LONGEST_S = 0.3
"""In a run of several processes beside one another; half of it is processor time."""
FOLDERS = ("tests.unit.", "tests.pages.")
# However long it takes, as the admin, to whom all pages are shown: what a change of anything is seen by.
VISITS = "tests/pages/test_roles.py::test_a_page_is_shown_to_the_roles_it_is_for_and_refuses_all_others_itself"


def is_slow(node: str, slow: frozenset[str]) -> bool:
    """Whether a test with this node id is one of them."""
    return node.partition("[")[0] in slow and node != f"{VISITS}[admin]"


def slow_tests() -> frozenset[str]:
    """Node ids of the functions, without parameters."""
    return frozenset(LIST.read_text("utf-8").split())


def found_in(report: Path) -> set[str]:
    """The functions of which a case took longer, by a report in JUnit's form."""
    return {
        f"{case.attrib['classname'].replace('.', '/')}.py::{case.attrib['name'].partition('[')[0]}"
        for case in ElementTree.parse(report).iter("testcase")
        if case.attrib["classname"].startswith(FOLDERS) and float(case.attrib["time"]) > LONGEST_S
    }


if __name__ == "__main__":
    LIST.write_text("\n".join(sorted(found_in(Path(sys.argv[1])))) + "\n", "utf-8")
