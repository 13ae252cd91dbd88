"""`python -m tests.faults`: make every fault under readers, print one table, fail where anything went wrong."""

import argparse
import sys
import time

from tests.faults.campaign import FAULTS
from tests.faults.verdict import table


def main() -> None:
    """Run the chosen faults one after the other."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--only", action="append", choices=[*FAULTS], help="this one; may be repeated")
    parser.add_argument("--share", type=float, default=1.0, help="of the usual number of faults of each kind")
    parser.add_argument("--seed", type=int, default=1, help="of the moments of the faults and of what is answered")
    options = parser.parse_args()
    verdicts = []
    for name in options.only or FAULTS:
        make, times = FAULTS[name]
        started = time.monotonic()
        verdict = make(max(1, round(times * options.share)), options.seed)
        verdicts.append(verdict)
        said = "; ".join(verdict.notes)
        print(f"{name}: {verdict.faults} in {time.monotonic() - started:.0f} s. {said}", flush=True)
    print("\n" + table(verdicts))
    tried = [v for v in verdicts if not any("not tried" in note for note in v.notes)]
    sys.exit(0 if tried and all(v.clean for v in tried) else 1)


if __name__ == "__main__":
    main()
