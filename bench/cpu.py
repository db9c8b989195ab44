"""CPU that processes used, as the kernel counts it: nanoseconds where it does, else ticks."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Nanoseconds of every process of a group, and of children that ended under its first one."""

    by_pid: dict[int, int]
    reaped: int

    def since(self, before: "Used") -> int:
        """Nanoseconds between two looks; what a process used before it ended counts too."""
        alive = sum(ns - before.by_pid.get(pid, 0) for pid, ns in self.by_pid.items())
        gone = sum(ns for pid, ns in before.by_pid.items() if pid not in self.by_pid)
        return alive + max(0, self.reaped - before.reaped - gone)


def used(roots: Iterable[int], *, descend: bool = False) -> Used:
    """What these processes have used up to now; with their descendants where `descend`."""
    first = list(roots)
    pids = [*first, *(descendants(first) if descend else ())]
    by_pid = {pid: ns for pid in pids if (ns := _of(pid)) is not None}
    reaped = sum(_reaped(pid) for pid in first) if descend else 0
    return Used(by_pid=by_pid, reaped=reaped)


def descendants(roots: Iterable[int]) -> list[int]:
    """Every process below these, children before their own children."""
    children: dict[int, list[int]] = {}
    for folder in PROC.iterdir():
        if folder.name.isdecimal() and (words := _stat(int(folder.name))):
            children.setdefault(int(words[1]), []).append(int(folder.name))
    found: list[int] = []
    waiting = list(roots)
    while waiting:
        below = children.get(waiting.pop(0), [])
        found += below
        waiting += below
    return found


def memory_mb(pid: int) -> float:
    """Resident memory of a process, in MB."""
    pages = int((PROC / str(pid) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _of(pid: int) -> int | None:
    """Nanoseconds of one process over all its threads; None: it is gone."""
    try:
        files = list((PROC / str(pid) / "task").glob("*/schedstat"))
        exact = sum(int(file.read_text().split()[0]) for file in files)
    except (FileNotFoundError, ProcessLookupError):
        return None
    words = _stat(pid)
    return exact or (TICK_NS * (int(words[11]) + int(words[12])) if words else None)


def _reaped(pid: int) -> int:
    words = _stat(pid)
    return TICK_NS * (int(words[13]) + int(words[14])) if words else 0


def _stat(pid: int) -> list[str]:
    """The words of `stat` behind the name: state, parent, …; empty where the process is gone."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
