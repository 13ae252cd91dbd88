"""How the benefit of assistance was computed, as a methods section says it."""

from collections.abc import Sequence

from dermdash.analyses.benefit.aggregate import AggregateBenefit
from dermdash.analyses.benefit.breakdown import PERMUTATIONS
from dermdash.analyses.benefit.discordant import EXACT_BELOW
from dermdash.analyses.benefit.grouping import SKILL
from dermdash.analyses.benefit.measures import WORDS
from dermdash.analyses.benefit.planned import KEY
from dermdash.analyses.benefit.population_sentences import REFERENCES as POPULATION_REFERENCES
from dermdash.analyses.benefit.population_sentences import population_methods
from dermdash.analyses.benefit.rows import BenefitRow
from dermdash.analyses.benefit.run import BenefitResult
from dermdash.analyses.benefit.skill import SPLITS
from dermdash.analyses.bibliography import CAMERON, DAVISON, DURKALSKI, HOLM, LIANG, MCNEMAR, TSCHANDL, ZHANG
from dermdash.analyses.units import unit_text
from dermdash.analysis.bootstrap import NO_DRAWS
from dermdash.analysis.drawn_intervals import LEAST_CLUSTERS, MANY
from dermdash.analysis.group_contrasts import MINIMUM_CASES, MINIMUM_READERS
from dermdash.readings.modality import modality_name
from dermdash.wording import counted, level

REFERENCES = (TSCHANDL, LIANG, CAMERON, ZHANG, MCNEMAR, DURKALSKI, HOLM, DAVISON, *POPULATION_REFERENCES)

_GROUP_TEST = (
    "a Wald statistic with jackknife variances between clusters, referred to Hotelling's T squared with degrees of "
    "freedom that follow the clusters of the smallest group (Satterthwaite; Zhang 2012). Groups with fewer than "
    f"{MINIMUM_CASES} cases (more where they weigh unequally) or {MINIMUM_READERS} readers were left out of these "
    "tests and are named beside them."
)


def _rows(rows: Sequence[BenefitRow], overall: BenefitRow | None) -> list[BenefitRow]:
    """The modalities, and all of them together where there are several."""
    return [*rows, *([overall] if overall is not None and len(rows) > 1 else [])]


def benefit_methods(result: BenefitResult) -> tuple[str, ...]:
    """Paragraphs in past tense with every choice that was made."""
    found = result.found
    measure = WORDS[found.breakdown_measure]
    outcome = f"The outcome was {measure.label.lower()}: the {measure.meaning}."
    texts = [f"{outcome} {' '.join(result.notes)}".strip()]
    if isinstance(found, AggregateBenefit):
        units = "lesions (images without a known lesion for themselves)" if found.grouped else "images"
        texts += [
            "Shares before and after assistance were the sums of answers with the outcome over the sums of answers, so "
            "that every participant's answer weighed the same. "
            + (
                f"Intervals ({level(found.confidence)}) came from {counted(found.replicates, 'bootstrap draw')} of "
                f"{units} (seed {found.seed}): of the shares by the t distribution with the draws' standard error, on "
                "the share and on its log odds, at each end the wider; of the difference percentiles, where p was "
                "twice the smaller share of draws on one side of zero, with one draw added to each side (Davison and "
                "Hinkley 1997), so that p and interval agree. "
                if found.replicates
                else f"They have no intervals from draws: {NO_DRAWS}. "
            )
            + f"A t test with a variance robust to the "
            f"clustering of answers in these units (Liang and Zeger 1986; degrees of freedom: units - 1) is given "
            f"beside it; with fewer than {MANY} units interval and p of the difference are its own, with fewer than "
            f"{LEAST_CLUSTERS} there are none.",
            f"Whether the change differs between groups of images was tested with {_GROUP_TEST} "
            "The advice was taken as right when the class of greatest "
            "probability shown was the truth, for a malignancy probability when its side of one half was; similar "
            "images were not judged.",
        ]
    else:
        texts += [
            "Answers of the same reader to the same case before and after assistance were paired; of a case that a "
            "reader read again the first pair counted, and pairs of one reader and case with several kinds of "
            "assistance were "
            "averaged. For each reader the share before and after was computed, and the mean "
            "difference over readers was tested with a two-sided paired t test (Tschandl et al. 2020), with its "
            f"{level(found.confidence)} interval: both speak of other readers of these cases. "
            + (
                f"A two-way bootstrap drew readers and cases ({counted(found.replicates, 'draw')}, in groups "
                f"{found.group_replicates:,}; seed {found.seed}); its interval is of the t distribution with the "
                "draws' standard error and the smaller number of readers and cases - 1 degrees of freedom."
                if found.replicates
                else f"The bootstrap of readers and cases was left out: {NO_DRAWS}."
            ),
            population_methods(result, _rows(found.main.rows, found.main.overall), modality_name),
            "Generalised estimating equations (binomial, identity link, independence working correlation) estimated "
            "the pooled difference, in which each pair weighs the same, with variances robust to clustering by reader "
            "and by case (Liang and Zeger 1986; Cameron, Gelbach and Miller 2011; factor G/(G - 1) for each kind of "
            "cluster; never less than the larger of the two one-way variances; t distribution with the smaller number "
            "of clusters - 1 degrees of freedom). Odds ratios came from the same equations with a logit link. "
            + unit_text(
                result.clustered, "counted as one case in these variances and were drawn together in the bootstrap"
            ),
            "Pairs whose outcome changed in either direction were compared as in McNemar's test, with the variance of "
            "gains minus losses between readers and between cases, as Durkalski et al. (2003) do for one kind of "
            "cluster: its p is that of the estimating equations. Where no two pairs share a reader or a case the test "
            f"is exact (binomial) below {EXACT_BELOW} such pairs, else chi-square with continuity correction.",
        ]
        if found.breakdowns:
            texts.append(
                "Whether the change differs between groups of readers was tested by permuting the groups among readers "
                f"({PERMUTATIONS:,} permutations of the F of an analysis of variance of the readers' changes), the "
                "contrast of the last and the first group with Welch's t interval. Groups that lie within readers were "
                f"compared by the interaction in the estimating equations with {_GROUP_TEST}"
            )
        if any(b.key == SKILL for b in found.breakdowns):
            texts.append(
                "Groups by skill would show regression to the mean if skill and change came from the same answers. "
                f"The cases were halved at random {SPLITS} times: readers were ranked by their unaided share on one "
                "half and their change was measured on the other, in both directions, and the estimates were "
                "averaged. Intervals and the test between these groups came from a jackknife over readers, who were "
                "ranked again each time; they cover the choice of readers and not that of cases."
            )
    named = [key for key in {b.key: None for b in found.breakdowns} if f"{KEY}:{key}" in result.prespecified]
    texts.append(
        "p values were corrected by Holm's method: over the modalities within a measure, over the groups within a "
        "breakdown, and for the tests between groups over the breakdowns. "
        + (
            "This analysis was named in the frozen protocol. "
            if KEY in result.prespecified
            else "This analysis was not named in a frozen protocol and is exploratory. "
        )
        + (f"Of the breakdowns, {', '.join(named)} were named in it; all others are exploratory." if named else
           "All breakdowns are exploratory." if found.breakdowns else "")
    )  # fmt: skip
    if result.rubric is not None:
        texts.append(" ".join(("Management was judged by the rubric given below.", *result.rubric.notes)))
    return tuple(text.strip() for text in texts)
