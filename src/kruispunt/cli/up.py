"""`kruispunt up`: the database first, then whatever is composed, watched until told to stop."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

from rich.console import Console
from rich.table import Table

from kruispunt.cli.settings import DatabaseSettings
from kruispunt.cli.supervisor import Process, Stage, Supervisor
from kruispunt.cli.supervisor_state import RunNote, StateFolder
from kruispunt.postgres import Cluster, EmbeddedCluster, ExternalCluster, Secrets

Compose = Callable[[Cluster], Sequence[Stage]]
"""Given the server, the stages that come after it: provision, migrate and keys are theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Time and chance, which only this floor may read."""

    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]


def open_cluster(state: Path, settings: DatabaseSettings, *, clock: Clock) -> Cluster:
    """The server of a state folder, not started: the one that is configured, else our own."""
    if not settings.url:
        return EmbeddedCluster(folder=state / "database", random_bytes=clock.random_bytes)
    url = settings.url
    if settings.password_file:
        mark = "&" if "?" in url else "?"
        url += mark + urlencode({"passfile": settings.password_file})
    secrets = Secrets(folder=state / "secrets", random_bytes=clock.random_bytes)
    return ExternalCluster(admin_dsn=url, secrets=secrets)


def database_stage(cluster: Cluster) -> Stage:
    """The first stage: our own server as a process; of another, only that it is there."""

    async def stage() -> Sequence[Process]:
        if not isinstance(cluster, EmbeddedCluster):
            await cluster.start()
            return ()
        await asyncio.to_thread(cluster.prepare)
        return (
            Process(
                name="database",
                argv=cluster.argv(),
                ready=cluster.ready,
                before=cluster.prepare,
                address=str(cluster.socket),
                stop_signal=signal.SIGINT,  # PostgreSQL's fast shutdown
                dies_with_us=True,
            ),
        )

    return stage


async def up(
    state: Path,
    stages: Sequence[Stage],
    *,
    now: Callable[[], datetime],
    once_ready: bool = False,
    announce: Callable[[Sequence[RunNote]], None] | None = None,
) -> None:
    """Start all stages, say what runs, and keep it running until SIGTERM or SIGINT.

    `once_ready` stops as soon as everything is up: a check that all can start.

    Raises:
        StateTaken: another supervisor owns the folder.
        StartFailed: something did not become ready; all is stopped again.
    """
    folder = StateFolder.at(state)
    with folder.owned():
        supervisor = Supervisor(folder, stages, now=now)
        loop = asyncio.get_running_loop()
        for told in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(told, supervisor.stopping.set)
        try:
            notes = await supervisor.start()
            (announce or print_processes)(notes)
            if not once_ready:
                await supervisor.stopping.wait()
        finally:
            await supervisor.stop()


def print_processes(notes: Sequence[RunNote]) -> None:
    """A table of what runs, for a person to read."""
    table = Table("process", "pid", "address", title="kruispunt is up")
    for note in notes:
        table.add_row(note.name, str(note.pid), note.address)
    Console().print(table)
