"""Agreement on the labels of a data set in words, tables and figures."""

from collections.abc import Sequence

import numpy as np

from dermdash.analyses.agreement.change import AgreementChange
from dermdash.analyses.agreement.figures import agreement_change_figure, pairwise_kappa_figure
from dermdash.analyses.agreement.tables import value_text
from dermdash.analyses.bibliography import COHEN, DAWID, FEINSTEIN, FLEISS, GWET, HAYES, KRIPPENDORFF
from dermdash.analyses.label_agreement.answer import CHART, label_answer
from dermdash.analyses.label_agreement.options import KEY, TITLE
from dermdash.analyses.label_agreement.results import LabelAgreement, LabelPart
from dermdash.analyses.label_agreement.tables import label_tables, part_name
from dermdash.analyses.section import ResultFigure, Section
from dermdash.analyses.units import unit_text
from dermdash.analysis.agreement.annotators import LEAST_ITEMS, LEAST_RATINGS
from dermdash.analysis.agreement.coefficients import LABELS, Coefficient
from dermdash.analysis.agreement.few_items import LEAST_GROUPS, LEAST_OTHER
from dermdash.records.taxonomy import diagnosis_name
from dermdash.wording import counted, left_out, level, number, percent, sentence

DRAWN = "The images of this data set were drawn by a program: nothing here is about photographs."
HOW_TO_GET_REPEATS = (
    "No record was shown to a reviewer twice, so agreement of reviewers with themselves is not known: the rules of the "
    "data set say which share of records comes again unsaid."
)
_OFTEN, _FEW = 0.2, 10
"""What share of the pairs that differ is worth a sentence, and how many there must be."""
REFERENCES = (COHEN, DAWID, FEINSTEIN, FLEISS, GWET, HAYES, KRIPPENDORFF)


def label_section(result: LabelAgreement) -> Section:
    """Word and draw a `LabelAgreement`."""
    return Section(
        key=KEY,
        title=TITLE,
        summary=_summary(result),
        methods=_methods(result),
        tables=label_tables(result),
        figures=_figures(result),
        warnings=_warnings(result),
        exploratory=False,
        references=REFERENCES,
        answer=label_answer(result),
    )


def _summary(result: LabelAgreement) -> tuple[str, ...]:
    part = result.overall
    alpha, alike = part.coefficients[0], part.coefficient("percent")
    counts = (
        f"{counted(part.reviewers, 'reviewer')}, {counted(part.records, 'record')}, "
        f"{counted(part.answers, 'independent answer')}"
    )
    sentences = [
        f"Agreement of reviewers on the diagnosis was {value_text(alpha)} ({LABELS[alpha.statistic]}; {counts})."
        if alpha.value is not None
        else f"Agreement of reviewers on the diagnosis was not computed: {alpha.reason} ({counts})."
    ]
    if alike is not None and alike.value is not None:
        sentences.append(f"Two reviewers of a record gave the same diagnosis in {value_text(alike)} of pairs.")
    sentences += _best_and_worst(result.by_class) + _most_confused(result)
    if result.intra is None:
        sentences.append(HOW_TO_GET_REPEATS)
    else:
        own = result.intra.pooled[0].before
        sentences.append(
            f"Reviewers gave a record that came again the same diagnosis in {value_text(own)} of "
            f"{counted(result.intra.pairs_before, 'repeat')}."
        )
    return tuple(sentences)


def _best_and_worst(parts: Sequence[LabelPart]) -> list[str]:
    """The classes on which reviewers agree most and least, of those that have an interval: others are too few."""
    known = [(part.coefficients[0].value, part) for part in parts if part.coefficients[0].low is not None]
    ranked = sorted(((value, part) for value, part in known if value is not None), key=lambda pair: pair[0])
    if len(ranked) < 2:
        return []
    (low, worst), (high, best) = ranked[0], ranked[-1]
    return [
        f"Of the diagnoses, they agreed most on {_lower(best.value)} (alpha {number(high, 2)}) and least on "
        f"{_lower(worst.value)} ({number(low, 2)})."
    ]


def _lower(code: str) -> str:
    name = diagnosis_name(code)
    return name[:1].lower() + name[1:]


def _most_confused(result: LabelAgreement) -> list[str]:
    above = np.triu(result.confusion, 1)
    if not above.any():
        return []
    i, j = (int(k) for k in np.unravel_index(int(above.argmax()), above.shape))
    apart = int(above.sum())
    if above[i, j] < _OFTEN * apart or apart < _FEW:
        return []
    return [
        f"Of {counted(apart, 'pair')} of different answers, {percent(above[i, j] / apart, 0)} were "
        f"{_lower(result.classes[i])} against {_lower(result.classes[j])}."
    ]


def _methods(result: LabelAgreement) -> tuple[str, ...]:
    return (
        "Agreement was measured on the independent reviews of the latest round of each record, one answer a reviewer, "
        "given before any discussion. Krippendorff's alpha (2004) was the main coefficient, because not every reviewer "
        "had every record; Fleiss' kappa (1971), the mean of Cohen's kappa (1960) over pairs, Gwet's AC1 (2008) and "
        "percent agreement stand beside it, as kappa falls where one diagnosis prevails (Feinstein, Cicchetti 1990). "
        "For a class, a structure or a colour the answers are this one or another, seen or not seen.",
        f"Intervals ({level(result.confidence)}) are of the t distribution with the standard error of "
        f"{counted(result.replicates, 'bootstrap draw')} of records (seed {result.seed}). Below {LEAST_GROUPS} records "
        f"none is given, and none of kappa and alpha with fewer than {LEAST_OTHER} records outside the commonest "
        "answer. " + unit_text(result.clustered, "were drawn together and counted as one"),
        "How often each reviewer was right was estimated beside plain counts by a model of the answers of all (after "
        "Dawid and Skene 1979; one probability of being right per reviewer, errors shared; posterior mean and interval "
        f"by Gibbs sampling), from {LEAST_ITEMS} records and {LEAST_RATINGS} answers of a reviewer on.",
    )


def _warnings(result: LabelAgreement) -> tuple[str, ...]:
    warnings = [DRAWN] if result.simulated else []
    if result.excluded:
        warnings.append(left_out(result.excluded, "answer"))
    if result.model_reason:
        warnings.append(sentence(f"No model of the reviewers: {result.model_reason}"))
    return tuple(warnings)


def _figures(result: LabelAgreement) -> tuple[ResultFigure, ...]:
    main = [(LABELS[found.statistic].split(", mean")[0], found) for found in result.overall.coefficients]
    figures = [_rows_figure("coefficients", "Agreement on the diagnosis", main)]
    for name, title, parts in (
        (CHART, "Agreement by diagnosis", result.by_class),
        ("by-structure", "Agreement by structure and colour", result.by_structure),
        ("by-field", "Agreement by field", result.by_field),
        ("by-month", "Agreement by month", result.by_month),
    ):
        if len(parts) > 1:
            figures.append(_rows_figure(name, title, [(part_name(part), part.coefficients[0]) for part in parts]))
    if len(result.pairs) > 1:
        figures.append(_pairs_figure(result))
    return tuple(figures)


def _rows_figure(name: str, title: str, rows: Sequence[tuple[str, Coefficient]]) -> ResultFigure:
    drawn = [(label, AgreementChange(found, None)) for label, found in rows]
    return ResultFigure(
        name,
        title,
        lambda theme: agreement_change_figure(drawn, title=title, theme=theme),
        "Each row with its interval over records, where there are enough."
        + (f" {LABELS['alpha']}." if name != "coefficients" else ""),
    )


def _pairs_figure(result: LabelAgreement) -> ResultFigure:
    reviewers = sorted({name for pair in result.pairs for name in (pair.first, pair.second)})
    place = {name: i for i, name in enumerate(reviewers)}
    kappa = np.full((len(reviewers), len(reviewers)), np.nan)
    common = np.zeros(kappa.shape)
    for pair in result.pairs:
        i, j = place[pair.first], place[pair.second]
        kappa[i, j] = kappa[j, i] = np.nan if pair.kappa.value is None else pair.kappa.value
        common[i, j] = common[j, i] = pair.records
    names = [result.names.get(name, name) for name in reviewers]
    return ResultFigure(
        "pairs",
        "Pairs of reviewers",
        lambda theme: pairwise_kappa_figure(names, kappa, None, common, theme=theme),
        "Cohen's kappa of each pair on the records that both reviewed.",
    )
