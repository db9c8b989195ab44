"""What a process costs: CPU, memory and open files, read from the kernel when someone looks."""

import os
import time
from pathlib import Path
from typing import Final

from kruispunt.web.metrics import Metrics, one

OWN: Final = Path("/proc/self")
PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def read_process(metrics: Metrics, *, started_at: float) -> None:
    """Tell them under the names that every Prometheus exporter uses; `started_at`: since 1970."""
    metrics.read(
        "process_cpu_seconds_total",
        "CPU used, in seconds.",
        one(time.process_time),
        kind="counter",
    )
    metrics.read("process_resident_memory_bytes", "Memory held.", one(_memory))
    metrics.read("process_open_fds", "Files and connections open.", one(_open_files))
    metrics.read(
        "process_start_time_seconds", "When it started, since 1970.", one(lambda: started_at)
    )


def _memory() -> float:
    return int((OWN / "statm").read_text().split()[1]) * PAGE


def _open_files() -> float:
    return len(list((OWN / "fd").iterdir()))
