"""On what a figure was measured: the kind of machine, never its name."""

import os
import platform
from asyncio import create_subprocess_exec
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def machine(*, postgres: str) -> str:
    """Cores, processor, memory and versions, in one line."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    return (
        f"{cores} cores {_processor()}, {memory:.0f} GB, "
        f"Python {platform.python_version()}, PostgreSQL {postgres}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


async def commit() -> str:
    """The commit that stands here, `+` where files differ from it; `-`: none."""
    head = await _git("rev-parse", "--short", "HEAD")
    changed = "+" if await _git("status", "--porcelain", "--untracked-files=no") else ""
    return f"{head}{changed}" if head else "-"


async def _git(*words: str) -> str:
    try:
        child = await create_subprocess_exec("git", *words, stdout=PIPE, stderr=DEVNULL, cwd=ROOT)
    except FileNotFoundError:
        return ""
    told, _ = await child.communicate()
    return told.decode().strip() if child.returncode == 0 else ""
