"""Work that lasts until its process is told to stop."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn

import structlog

from kruispunt.cli.supervisor import READY_FILE

_log: Final = structlog.stdlib.get_logger(__name__)


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


async def now_and_then(
    once: Callable[[], Awaitable[None]], *, every_s: float, failed: str
) -> NoReturn:
    """Do this again and again; what fails is logged as the event `failed`, and tried again."""
    while True:
        await asyncio.sleep(every_s)
        try:
            await once()
        except Exception:  # noqa: BLE001 - told, and tried again: an end would be worse
            _log.exception(failed)
