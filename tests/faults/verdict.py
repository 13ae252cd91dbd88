"""What the database holds beside what readers typed and saw acknowledged."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

from dermdash.storage import readings
from dermdash.storage.workspace import Workspace
from tests.faults.patient_readers import Ledger


@dataclass(slots=True)
class Verdict:
    """Of one kind of fault: what it came to.

    ``lost``: acknowledged and not stored. ``doubled``: a step answered twice in a phase. ``changed``: stored otherwise
    than typed, or by nobody. ``disordered``: aided before unaided. ``stuck``: readers who did not go on within the time
    allowed after a fault. ``recovery``: seconds from the end of a fault to each reader's next acknowledged answer.
    """

    fault: str
    faults: int = 0
    acknowledged: int = 0
    refused: int = 0
    lost: int = 0
    doubled: int = 0
    changed: int = 0
    disordered: int = 0
    stuck: int = 0
    recovery: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Nothing went wrong, and something was tried."""
        wrong = self.lost + self.doubled + self.changed + self.disordered + self.stuck
        return wrong == 0 and self.faults > 0 and self.acknowledged > 0

    def note_recovery(self, readers: int, seconds: list[float]) -> None:
        """Add one fault and how long after it each reader went on; who did not is stuck."""
        self.faults += 1
        self.stuck += readers - len(seconds)
        self.recovery += seconds

    def compare(self, workspace: Workspace, readers: Mapping[str, str], ledger: Ledger) -> None:
        """Count what is wrong in the database (``readers``: id by invitation)."""
        typed = {answer.id: answer for answer in ledger.answers}
        stored = {}
        for reader_id in readers.values():
            rows = readings.readings_of_reader(workspace.engine, reader_id)
            steps = Counter((row["assignment_id"], str(row["phase"])) for row in rows)
            self.doubled += sum(count - 1 for count in steps.values())
            seen: set[str] = set()
            for row in rows:
                if str(row["phase"]) == "aided" and row["assignment_id"] not in seen:
                    self.disordered += 1
                seen.add(row["assignment_id"])
            stored |= {row["id"]: row for row in rows}
        acknowledged = {a.id for a in ledger.answers if a.acknowledged is not None}
        self.acknowledged += len(acknowledged)
        self.refused += sum(a.refused is not None for a in ledger.answers)
        self.lost += len(acknowledged - stored.keys())
        for key, row in stored.items():
            answer = typed.get(key)
            as_stored = (row["assignment_id"], str(row["phase"]), row["dx"], row["confidence"])
            if answer is None or as_stored != (answer.step, answer.phase, answer.dx, answer.confidence):
                self.changed += 1
        if ledger.broken:
            self.notes.append(", ".join(f"{name} {count}" for name, count in sorted(ledger.broken.items())))


def table(verdicts: list[Verdict]) -> str:
    """The campaign's table in Markdown."""
    head = (
        "| fault | faults | acknowledged | refused | lost | doubled | changed | disordered | stuck "
        "| recovery, median (longest) |"
    )
    lines = [head, "| --- |" + " ---: |" * 9]
    for v in verdicts:
        times = f"{median(v.recovery):.1f} s ({max(v.recovery):.1f} s)" if v.recovery else ""
        lines.append(
            f"| {v.fault} | {v.faults} | {v.acknowledged} | {v.refused} | {v.lost} | {v.doubled} | {v.changed} "
            f"| {v.disordered} | {v.stuck} | {times} |"
        )
    return "\n".join(lines)
