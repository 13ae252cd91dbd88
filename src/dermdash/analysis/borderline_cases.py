"""What is said of cases whose true class is borderline, or says nothing about malignancy."""

from dermdash.analysis.scored_cases import ScoredCases
from dermdash.records.taxonomy import BorderlinePolicy, Status
from dermdash.wording import counted


def neither_malignant_nor_benign(cases: ScoredCases) -> dict[str, int]:
    """How many cases of each class count as neither malignant nor benign; classes without such a case are absent."""
    classes = enumerate(cases.taxonomy.classes)
    counts = {c.code: int((cases.truth == i).sum()) for i, c in classes if c.malignancy is None}
    return {code: n for code, n in counts.items() if n}


def borderline_warnings(cases: ScoredCases) -> tuple[str, ...]:
    """What the cases of borderline classes counted as, and which were left out where malignancy is measured."""
    taxonomy, said = cases.taxonomy, []
    if taxonomy.borderline is not BorderlinePolicy.OWN:
        named = [
            f"{c.name} ({counted(n, 'image')})"
            for i, c in enumerate(taxonomy.classes)
            if c.status is Status.BORDERLINE and (n := int((cases.truth == i).sum()))
        ]
        if named:
            said.append(f"{', '.join(named)}: borderline, counted as {taxonomy.borderline} against the other side.")
    if left := neither_malignant_nor_benign(cases):
        named = [f"{taxonomy[code].name} ({counted(n, 'image')})" for code, n in left.items()]
        said.append(f"{', '.join(named)}: neither malignant nor benign, left out where one is held against the other.")
    return tuple(said)
