"""No two classes of the package have one name, and no type has two homes: a name says what is meant."""

import re
from collections import defaultdict
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "src" / "dermdash"


def test_no_two_modules_define_a_class_of_one_name() -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        for name in re.findall(r"^class (\w+)", path.read_text("utf-8"), re.MULTILINE):
            homes[name].append(path.relative_to(PACKAGE).as_posix())
    assert len(homes) > 300
    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}


def test_no_alias_of_a_type_is_written_twice() -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        for alias in re.findall(r"^[A-Z][a-z]\w* = \S+\[.+\].*$", path.read_text("utf-8"), re.MULTILINE):
            homes[alias.replace("npt.", "")].append(path.relative_to(PACKAGE).as_posix())
    assert len(homes) > 80
    assert {alias: paths for alias, paths in homes.items() if len(paths) > 1} == {}
