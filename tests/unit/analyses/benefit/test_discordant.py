import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
from tests.null_studies import exchangeable_readings, rejections

from dermdash.analyses.benefit.discordant import EXACT_BELOW, mcnemar


def pairs(both: int, gained: int, lost: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    before = [1] * both + [0] * gained + [1] * lost + [0] * neither
    after = [1] * both + [1] * gained + [0] * lost + [0] * neither
    return np.array(before, float), np.array(after, float)


@pytest.mark.parametrize(
    ("gained", "lost"), [(1, 0), (5, 2), (12, 12), (20, 4), (20, 5), (13, 12), (60, 31), (200, 260)]
)
def test_it_agrees_with_statsmodels_exact_below_25_discordant_pairs(gained: int, lost: int) -> None:
    """statsmodels.stats.contingency_tables.mcnemar, exact or with continuity correction, to 1e-10."""
    found = mcnemar(*pairs(40, gained, lost, 17))
    exact = gained + lost < EXACT_BELOW
    expected = statsmodels_mcnemar([[40, lost], [gained, 17]], exact=exact, correction=True)
    assert found.exact is exact
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-10)
    assert (found.both, found.gained, found.lost, found.neither) == (40, gained, lost, 17)
    assert found.pairs == 57 + gained + lost


@pytest.mark.parametrize(("gained", "lost"), [(1, 0), (0, 3), (5, 2), (20, 4)])
def test_the_share_of_gains_has_the_interval_of_clopper_and_pearson(gained: int, lost: int) -> None:
    """scipy.stats.binomtest(...).proportion_ci(method='exact'), to 1e-9."""
    found = mcnemar(*pairs(3, gained, lost, 3))
    expected = stats.binomtest(gained, gained + lost).proportion_ci(0.95, method="exact")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_no_turned_answer_gives_a_reason_instead_of_a_p_value() -> None:
    found = mcnemar(*pairs(5, 0, 0, 5))
    assert (found.p_value, found.gain_share, found.low, found.high) == (None, None, None, None)
    assert "no answer was turned" in str(found.reason)


def test_swapped_phases_swap_gains_and_losses() -> None:
    before, after = pairs(4, 30, 11, 9)
    there, back = mcnemar(before, after), mcnemar(after, before)
    assert (there.gained, there.lost) == (back.lost, back.gained)
    assert there.p_value == back.p_value


def test_pairs_that_stand_alone_are_tested_as_ever_and_shared_readers_are_not_counted_twice() -> None:
    before, after = pairs(4, 30, 11, 9)
    alone = np.arange(len(before))
    assert mcnemar(before, after, clusters=(alone, alone)) == mcnemar(before, after)
    # Every answer twice: the same share and, of the same cases, no smaller p.
    case = np.tile(alone, 2)
    twice = mcnemar(np.tile(before, 2), np.tile(after, 2), clusters=(np.arange(2 * len(before)), case))
    naive = mcnemar(np.tile(before, 2), np.tile(after, 2))
    assert (twice.gained, twice.lost, twice.clustered) == (60, 22, True)
    assert float(twice.p_value or 0) > 10 * float(naive.p_value or 0)
    assert float(twice.high or 0) - float(twice.low or 0) > 1.2 * (float(naive.high or 0) - float(naive.low or 0))


def test_gains_of_readers_who_agree_are_seldom_called_more_than_losses_where_there_is_nothing() -> None:
    """10 readers of 28 cases; taken as independent, pairs were called different in 29 % of such studies."""

    def p(rng: np.random.Generator) -> float | None:
        made = exchangeable_readings(10, 28, rng)
        return mcnemar(made.before, made.after, clusters=(made.reader, made.case)).p_value

    assert rejections(p, 300).holds
