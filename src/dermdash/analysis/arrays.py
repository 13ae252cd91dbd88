"""The arrays that statistics take and give, named by what they hold."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
SingleArray = NDArray[np.float32]
"""Half the memory, where half the digits do."""
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
