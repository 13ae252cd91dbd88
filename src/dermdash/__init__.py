"""Dermatoscopic data set quality assurance and human-AI reader studies."""

import os

__version__ = "0.1.0"

# numpy's products are small here: a second thread waits for the first, and on busy cores the bootstrap of a page takes
# eight times as long, all of it processor time. Read once, when numpy is first imported; who sets it knows better.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
