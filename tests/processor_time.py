"""Processor time of another process: what it does, however busy the machine is."""

import os
from pathlib import Path


def cpu_seconds(pid: int) -> float:
    """Seconds of a core that a running process has used, in its own code and in the system's."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
