"""The matrix of pairs of readers."""

import numpy as np
import pytest

from dermdash.analyses.agreement.figures import pairwise_kappa_figure


@pytest.mark.parametrize(("n", "named"), [(2, 2), (14, 14), (20, 20), (30, 15)])
def test_every_reader_has_a_row_and_as_many_columns_are_named_as_a_phone_has_room_for(n: int, named: int) -> None:
    readers = [f"Reader {i}" for i in range(n)]
    kappas = np.full((n, n), 0.5)
    figure = pairwise_kappa_figure(readers, kappas, None, np.full((n, n), 20))
    assert len(figure.layout.yaxis.ticktext) == n
    assert len(figure.layout.xaxis.ticktext) == named
    assert [figure.layout.yaxis.ticktext[i] for i in figure.layout.xaxis.tickvals] == list(figure.layout.xaxis.ticktext)
