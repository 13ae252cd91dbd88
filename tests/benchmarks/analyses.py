"""Every analysis of the registry on a large study, and the report of all of them: CPU time and size.

The study is made up in memory: 100 readers who each read 500 cases before and after assistance, with advice,
confidence, experience and time, and a model with a score for every class of every case. Figures are CPU
time of this process (the machine may be busy), each on a table of its own, so that nothing is kept from the one before.
"""

import resource
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pandas as pd

from dermdash.analyses.declaration import AnalysisContext
from dermdash.analyses.registry import ANALYSES
from dermdash.charts.palette import Theme
from dermdash.errors import DermdashError
from dermdash.readings.readings_table import ReadingsTable, make_readings_table
from dermdash.records.taxonomy import HAM7
from dermdash.report.html_report import render_html
from dermdash.report.study_report import build_report
from dermdash.workflows.classifier.evaluation_cases import PredictionFile
from tests.benchmarks.figures import Figure

Made = TypeVar("Made")
NAME = "analyses"
READERS, CASES = 100, 500
_MODALITIES = ("malignancy_probability", "multiclass_probability", "cbir")
_GROUPS = (
    ("medical_student", "under 1 year", 0.5, -0.6),
    ("general_practitioner", "1 to 3 years", 2.0, 0.0),
    ("dermatology_resident", "3 to 5 years", 4.0, 0.5),
    ("dermatologist", "over 10 years", 15.0, 1.1),
)
_REPEATED = 10
"""Every so many-th case of a reader comes twice."""
_CLASS_SHARES = {"nv": 0.45, "mel": 0.17, "bkl": 0.14, "bcc": 0.1, "akiec": 0.06, "df": 0.04, "vasc": 0.04}


def measure(*, quick: bool) -> list[Figure]:
    """Seconds of CPU of each analysis with its section and figures, and of the report; megabytes of the report."""
    readers, cases = (20, 100) if quick else (READERS, CASES)
    note = f"{readers} readers x {cases} cases x 2 phases"
    table, context = large_study(readers=readers, cases=cases)
    figures = []
    for analysis in ANALYSES:
        try:
            seconds, section = timed(lambda a=analysis: a.section_of(table, context))  # type: ignore[misc]
        except DermdashError as error:
            figures.append(Figure(NAME, f"{analysis.key}: not done", 0.0, "s", str(error)))
            continue
        figures.append(Figure(NAME, f"{analysis.key}, numbers and section", seconds, "s CPU", note))
        seconds, _ = timed(lambda s=section: [f.make(Theme.LIGHT) for f in s.figures])  # type: ignore[misc]
        figures.append(Figure(NAME, f"{analysis.key}, figures", seconds, "s CPU"))
    fresh, context = large_study(readers=readers, cases=cases)
    seconds, report = timed(lambda: build_report(fresh, context))
    figures.append(Figure(NAME, "report, all sections", seconds, "s CPU", note))
    more, html = timed(lambda: render_html(report, appendix=True))
    figures += [
        Figure(NAME, "report as HTML", more, "s CPU"),
        Figure(NAME, "report, sections and HTML", seconds + more, "s CPU"),
        Figure(NAME, "report, size of the HTML", len(html.encode()) / 1e6, "MB"),
        Figure(NAME, "most memory of the process", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MB"),
    ]
    return figures


def timed(run: Callable[[], Made]) -> tuple[float, Made]:
    """Seconds of CPU of this process, and what came of it."""
    begun = time.process_time()
    made = run()
    return time.process_time() - begun, made


def large_study(*, readers: int, cases: int, seed: int = 1) -> tuple[ReadingsTable, AnalysisContext]:
    """The study and the model beside it; every reader reads every case in both phases, the modality in turn."""
    rng = np.random.default_rng(seed)
    codes = np.array(list(_CLASS_SHARES))
    malignant = {c.code: c.is_malignant for c in HAM7.classes}
    bad = np.array([malignant[code] for code in codes])
    truth = rng.choice(len(codes), size=cases, p=list(_CLASS_SHARES.values()))
    difficulty = rng.normal(0, 0.9, cases)
    logits = rng.normal(0, 1, (cases, len(codes)))
    logits[np.arange(cases), truth] += 2.5 - 0.7 * difficulty
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    advised, suspicion = probabilities.argmax(axis=1), np.round(probabilities[:, bad].sum(axis=1), 4)

    group = np.arange(readers) % len(_GROUPS)
    skill = np.array([g[3] for g in _GROUPS])[group] + rng.normal(0, 0.3, readers)
    edge = skill[:, None] - difficulty[None, :] + 0.6
    right = rng.random((readers, cases)) < 1 / (1 + np.exp(-edge))
    guess = (truth[None, :] + rng.integers(1, len(codes), (readers, cases))) % len(codes)
    first = np.where(right, truth[None, :], guess)
    modality = (np.arange(readers)[:, None] + np.arange(cases)[None, :]) % len(_MODALITIES)
    # Malignancy alone names no class: who follows it takes what is likely on that side.
    follows = rng.random((readers, cases)) < np.array([0.15, 0.55, 0.25])[modality] - 0.1 * skill[:, None]
    second = np.where(follows, advised[None, :], first)
    sure = np.clip(np.round(2 + 0.5 * edge * np.where(right, 1, -0.3) + rng.normal(0, 0.7, edge.shape)), 1, 4)
    order = np.argsort(rng.random((readers, cases)), axis=1).argsort(axis=1) + 1

    r, c = np.divmod(np.arange(readers * cases), cases)
    about = pd.DataFrame(
        {
            "reader": [f"r{i:03}" for i in r],
            "case": [f"c{i:04}" for i in c],
            "position": order.ravel(),
            "modality": np.array(_MODALITIES)[modality.ravel()],
            "truth_dx": codes[truth[c]],
            "profession": [_GROUPS[i][0] for i in group[r]],
            "experience_group": [_GROUPS[i][1] for i in group[r]],
            "years_experience": [_GROUPS[i][2] for i in group[r]],
            "gender": np.array(["female", "male"])[r % 2],
            "country": np.array(["AT", "AU", "US", "FR", "BR"])[r % 5],
        }
    )
    slow = np.exp(rng.normal(0, 0.25, readers))[r] * np.exp(0.1 * difficulty[c])
    unaided = about.assign(
        phase="unaided",
        dx=codes[first.ravel()],
        confidence=sure.ravel(),
        malignancy_rating=_rating(bad[first].ravel(), sure.ravel(), rng),
        client_ms=np.round(8000 * slow * rng.lognormal(0, 0.45, len(r))),
    )
    names_class = modality.ravel() > 0
    surer = np.clip(sure + (second == advised[None, :]), 1, 4).ravel()
    aided = about.assign(
        phase="aided",
        dx=codes[second.ravel()],
        confidence=surer,
        malignancy_rating=_rating(bad[second].ravel(), surer, rng),
        client_ms=np.round(4000 * slow * rng.lognormal(0, 0.45, len(r))),
        advice_dx=np.where(names_class, codes[advised[c]], None),
        advice_malignant=np.where(names_class, bad[advised[c]], suspicion[c] >= 0.5),
        advice_probability=np.where(modality.ravel() < 2, suspicion[c], np.nan),
        advice_confidence=np.where(
            names_class, probabilities.max(axis=1)[c], np.maximum(suspicion, 1 - suspicion)[c]
        ).round(4),
    )
    again = (r + c) % _REPEATED == 0
    repeated = unaided[again].assign(repeat=1, dx=np.where(rng.random(again.sum()) < 0.8, unaided["dx"][again], "nv"))
    frame = pd.concat([unaided, aided, repeated], ignore_index=True)
    table = make_readings_table(
        frame, source="Made-up study", format="study", taxonomy="ham7", prespecified=("benefit",), seed=seed
    )
    scores = pd.DataFrame(np.round(probabilities, 6), columns=list(codes))
    scores.insert(0, "image", [f"c{i:04}" for i in range(cases)])
    file = PredictionFile("model.csv", scores.to_csv(index=False).encode())
    return table, AnalysisContext(predictions=file)


def _rating(malignant: np.ndarray, sure: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """How likely the reader holds malignancy to be, 0..1 in steps of 0.01: on the side of their answer."""
    certainty = np.clip(0.5 + 0.11 * sure + rng.normal(0, 0.07, len(sure)), 0.51, 0.99)
    return np.round(np.where(malignant, certainty, 1 - certainty), 2)
