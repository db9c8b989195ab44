"""Runs a command of ours under a clock that may be put wrong while it runs.

`python -m storm.shifted OFFSET hub serve …` is `kruispunt hub serve …`, reading the time from a
clock that OFFSET puts forward or back. Old claims are forgotten every few seconds instead of
minutes, so that a jump meets the sweep.
"""

import runpy
import sys
from pathlib import Path

from kruispunt.cli import clock, sweep
from storm.offset import clock_of

SWEEP_S = 2.0


def main() -> None:
    setattr(clock, "now", clock_of(Path(sys.argv[1])))  # noqa: B010 - whoever imports it later gets this one
    setattr(sweep, "EVERY_S", SWEEP_S)  # noqa: B010 - a constant of theirs
    sys.argv = ["kruispunt", *sys.argv[2:]]
    runpy.run_module("kruispunt", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
