"""`kruispunt up` with every process of ours under the sampling profiler.

`python -m bench.sampled_up STATE`: stacks are written to STATE/stacks/<process>.json.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import uvloop

from kruispunt.cli.clock import now
from kruispunt.cli.compose import open_house
from kruispunt.cli.supervisor import Process, Stage, program
from kruispunt.cli.up import up

OURS = program()


def stacks_of(state: Path, name: str) -> Path:
    """Where the stacks of a process are written."""
    return state / "stacks" / f"{name}.json"


def sampled(stage: Stage, state: Path) -> Stage:
    """The same stage, its processes watched."""

    async def watched() -> Sequence[Process]:
        return [_sampled(process, state) for process in await stage()]

    return watched


def _sampled(process: Process, state: Path) -> Process:
    argv = list(process.argv)
    if argv[: len(OURS)] != OURS:
        return process
    file = str(stacks_of(state, process.name))
    words = [sys.executable, "-m", "bench.sampled", file, *argv[len(OURS) :]]
    return replace(process, argv=words)


def main() -> None:
    state = Path(sys.argv[1]).absolute()
    (state / "stacks").mkdir(parents=True, exist_ok=True)
    stages = [sampled(stage, state) for stage in open_house(state).stages()]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(up(state, stages, now=now))


if __name__ == "__main__":
    main()
