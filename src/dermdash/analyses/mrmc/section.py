"""Multi-reader multi-case comparison in words, tables and figures."""

from dermdash.analyses.mrmc.methods import mrmc_methods, mrmc_references
from dermdash.analyses.mrmc.options import KEY, TITLE
from dermdash.analyses.mrmc.run import MrmcComparison, MrmcStudyResult
from dermdash.analyses.mrmc.section_figures import mrmc_figures
from dermdash.analyses.mrmc.tables import mrmc_tables
from dermdash.analyses.mrmc.words import difference_text, margin_text, mean_text, statistic_text, value_text
from dermdash.analyses.section import SIMULATED, Section
from dermdash.analysis.mrmc.average_roc import Along
from dermdash.analysis.mrmc.effect import EffectTest
from dermdash.analysis.mrmc.limits import COV2_BELOW_COV3
from dermdash.analysis.mrmc.result import MrmcResult
from dermdash.wording import counted, left_out, p_words


def mrmc_section(result: MrmcStudyResult, *, along: Along = "specificity") -> Section:
    """Word and draw the comparisons of one source; ``along`` is how ROC curves are averaged."""
    return Section(
        key=KEY,
        title=TITLE,
        summary=_summary(result),
        methods=mrmc_methods(result, along),
        tables=mrmc_tables(result),
        figures=mrmc_figures(result, along),
        warnings=_warnings(result),
        exploratory=not result.prespecified,
        references=mrmc_references(result, along),
    )


def _summary(result: MrmcStudyResult) -> tuple[str, ...]:
    sentences = []
    for comparison in result.comparisons:
        sentences += _comparison_sentences(comparison)
    for comparison in result.model:
        one = comparison.result
        if one is None:
            sentences.append(f"The model was not compared with the readers of {comparison.name}: {comparison.reason}.")
            continue
        test = one.overall[one.headline]
        sentences.append(
            f"Model minus mean of the readers ({one.data.modalities[1]}), {one.merit.short_name}: "
            f"{_effect(one, test, comparison)}; {_counts(one, comparison)}."
        )
        sentences += _margin_sentences(one)
    return tuple(sentences)


def _comparison_sentences(comparison: MrmcComparison) -> list[str]:
    one = comparison.result
    if one is None:
        return [f"{comparison.name}: not compared, {comparison.reason}."]
    means = one.means
    if len(one.data.modalities) == 1:
        mean = means[0][one.headline]
        name = one.merit.name[0].upper() + one.merit.name[1:]
        return [
            f"{name}, mean over readers: {mean_text(one.merit, mean)} ({one.data.modalities[0]}; "
            f"{one.headline.holds_for}; {_counts(one, comparison)}). One modality: nothing to compare."
        ]
    found = []
    for pair in one.pairs:
        test = pair.tests[one.headline]
        a, b = one.data.modalities.index(pair.first), one.data.modalities.index(pair.second)
        values = " against ".join(value_text(one.merit, means[i][one.headline].value) for i in (a, b))
        found.append(
            f"{pair.first} minus {pair.second}, {one.merit.short_name}: {_effect(one, test, comparison)}; {values}, "
            f"mean over readers; {_counts(one, comparison)}."
        )
    if len(one.pairs) > 1:
        test = one.overall[one.headline]
        if test.p is not None:
            found.append(
                f"All {counted(len(one.data.modalities), 'modality', 'modalities')} equal: {statistic_text(test)}, "
                f"{p_words(test.p)} ({one.headline.holds_for})."
            )
    return found + _margin_sentences(one)


def _effect(one: MrmcResult, test: EffectTest, comparison: MrmcComparison) -> str:
    """Difference with interval, then p, and what it holds for."""
    kind = one.headline
    if test.p is None:
        return f"{difference_text(one.merit, test)}, no test: {test.reason}"
    p_holm = comparison.p_holm.get(kind) if comparison.p_holm else test.p_holm
    return f"{difference_text(one.merit, test)}, {p_words(test.p, p_holm)} (holds for {kind.holds_for})"


def _margin_sentences(one: MrmcResult) -> list[str]:
    found = []
    for pair in one.pairs:
        for claim in pair.non_inferiority:
            margin = margin_text(one.merit, claim.margin)
            if claim.concluded is None:
                continue
            verdict = "was not worse than" if claim.concluded else "was not shown to be no worse than"
            found.append(
                f"{claim.modality} {verdict} {claim.reference} by a margin of {margin} "
                f"(one-sided {p_words(claim.p)}" + (", and it was better)." if claim.superior else ").")
            )
    return found


def _counts(one: MrmcResult, comparison: MrmcComparison) -> str:
    data = one.data
    return (
        f"{counted(len(data.readers), 'reader')}, {counted(len(data.cases), 'case')} ({data.diseased:,} with the "
        f"condition), {counted(comparison.readings, 'reading')}"
    )


def _warnings(result: MrmcStudyResult) -> tuple[str, ...]:
    """What limits the results, each once, with the comparisons it is about where there are several."""
    texts: dict[str, list[str]] = {}
    missing: dict[str, list[str]] = {}
    every = [*((c.name, c) for c in result.comparisons), *((f"model and {c.name}", c) for c in result.model)]
    # The model meets the readers of comparisons whose limits are said already.
    said: set[str] = set()
    for name, comparison in every:
        one = comparison.result
        if one is not None:
            reasons = [f"{t.reason[0].upper()}{t.reason[1:]}." for t in one.overall.values() if t.reason]
            own = {COV2_BELOW_COV3, *reasons}
            for text in dict.fromkeys((*one.warnings, *reasons)):
                if text in own or text not in said:
                    texts.setdefault(text, []).append(name)
        for reason, count in comparison.left_out.items():
            if reason not in said:
                missing.setdefault(reason, []).append(f"{count:,}" + ("" if len(every) == 1 else f" ({name})"))
        if comparison is result.comparisons[-1]:
            said = {*texts, *missing}
    everywhere = {c.name for c in result.comparisons}

    def worded(text: str, names: list[str]) -> str:
        whole = {name for name, _ in every} if text == COV2_BELOW_COV3 else everywhere
        return text if whole <= set(names) else f"{', '.join(names)}: {text}"

    found = [worded(text, names) for text, names in texts.items()]
    if missing:
        parts = "; ".join(f"{', '.join(counts)} {reason}" for reason, counts in missing.items())
        found.append(f"Readings left out: {parts}.")
    if result.excluded:
        found.append(f"While reading the source: {left_out(result.excluded)}")
    if result.simulated:
        found.append(SIMULATED)
    return (*result.warnings, *found)
