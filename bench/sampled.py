"""Runs a command of ours under a sampling profiler that costs next to nothing.

`python -m bench.sampled FILE hub serve …` is `kruispunt hub serve …`; each time the process has
used a few more milliseconds of CPU the kernel rings, and the Python stack of then is counted.
SIGUSR1 begins to count anew, SIGUSR2 writes the stacks to FILE. Signals are handled between two
bytecodes, so work in C counts for whoever called it.
"""

import json
import runpy
import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

EVERY_S = 0.001
DEEPEST = 60

Stack = tuple[str, ...]
_stacks: Counter[Stack] = Counter()


def _sample(_signal: int, frame: FrameType | None) -> None:
    stack: list[str] = []
    while frame is not None and len(stack) < DEEPEST:
        code = frame.f_code
        stack.append(f"{code.co_filename}:{code.co_name}")
        frame = frame.f_back
    _stacks[tuple(stack)] += 1


def _clear(_signal: int, _frame: FrameType | None) -> None:
    """Begin anew: what was counted before the load does not belong to it."""
    _stacks.clear()


def main() -> None:
    file = Path(sys.argv[1])

    def write(_signal: int, _frame: FrameType | None) -> None:
        counted = [{"stack": stack, "n": n} for stack, n in _stacks.items()]
        draft = file.with_suffix(".draft")
        draft.write_text(json.dumps(counted), encoding="utf-8")
        draft.replace(file)

    sys.argv = ["kruispunt", *sys.argv[2:]]
    signal.signal(signal.SIGUSR1, _clear)
    signal.signal(signal.SIGUSR2, write)
    signal.signal(signal.SIGPROF, _sample)
    signal.siginterrupt(signal.SIGPROF, False)
    signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)
    runpy.run_module("kruispunt", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
