"""Work that lasts until its process is told to stop."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path

from kruispunt.cli.supervisor import READY_FILE


async def until_told(work: Coroutine[object, object, object]) -> None:
    """Do this until SIGTERM or SIGINT; a supervisor that waits for us hears that we are ready.

    What the work raises by itself is raised here.
    """
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, task.cancel)
    ready = os.environ.get(READY_FILE)
    if ready:
        Path(ready).touch()
    with suppress(asyncio.CancelledError):
        await task
