"""A figure with no more digits than a screen can show: what plotly writes in 64 bits is drawn on a thousand pixels."""

import base64
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

STEPS = 20_000
"""Parts of the range of an array that stay apart: a plot of 670 pixels can be enlarged thirty times."""


def lean(drawn: Any) -> Any:
    """The same figure, as plotly's plain dictionary, with numbers rounded and none in base64.

    Each array keeps its own number of decimals, enough for `STEPS` parts of its range; text and single numbers stay.
    """
    if isinstance(drawn, dict):
        if "bdata" in drawn and "dtype" in drawn:
            return _rounded(_decoded(drawn))
        return {key: lean(value) for key, value in drawn.items()}
    if isinstance(drawn, list):
        if drawn and all(isinstance(v, float | int) and not isinstance(v, bool) for v in drawn):
            return _rounded(np.array(drawn, float))
        return [lean(value) for value in drawn]
    return drawn


def _decoded(packed: dict[str, Any]) -> NDArray[np.float64]:
    values = np.frombuffer(base64.b64decode(packed["bdata"]), dtype=np.dtype(packed["dtype"]).newbyteorder("<"))
    if "shape" in packed:
        values = values.reshape([int(n) for n in str(packed["shape"]).split(",")])
    return values.astype(float)


def _rounded(values: NDArray[np.float64]) -> Any:
    known = values[np.isfinite(values)]
    if not known.size:
        return np.full(values.shape, None, object).tolist()
    # An array of one value is as exact as its size asks.
    spread = float(np.ptp(known)) or float(np.abs(known).max()) or 1.0
    decimals = max(0, math.ceil(math.log10(STEPS / spread)))
    rounded = np.round(values, decimals) + 0.0
    whole = np.isfinite(rounded) & (rounded == np.rint(rounded)) & (np.abs(rounded) < 1e15)
    flat = zip(rounded.ravel().tolist(), whole.ravel().tolist(), strict=True)
    plain = [int(v) if is_whole else v if math.isfinite(v) else None for v, is_whole in flat]
    found = np.empty(len(plain), object)
    found[:] = plain
    return found.reshape(values.shape).tolist()
