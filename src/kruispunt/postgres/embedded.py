"""A PostgreSQL server of our own, whose files stand in the state folder."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

from kruispunt.postgres.cluster import WrongCluster
from kruispunt.postgres.confine import Confinement, confine, wheel_binaries
from kruispunt.postgres.driver import connect
from kruispunt.postgres.secret import Secrets
from kruispunt.vocabulary import Unavailable

SUPERUSER: Final = "kruispunt"
MAINTENANCE: Final = "postgres"
"""The database that every cluster has."""

LONGEST_SOCKET: Final = 100 - len("/.s.PGSQL.5432")
START_S: Final = 60.0
STOP_S: Final = 20.0
SETTINGS: Final = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}
"""Socket only; durable; statements and their values never stand in the log."""


@dataclass(slots=True, kw_only=True)
class EmbeddedCluster:
    """A server of our own, a child of this process, reached by a socket in its own folder.

    `folder` holds the files (mode 700; parents keep theirs), `random_bytes` makes the passwords.
    Trust: someone who writes in the folder owns every database in it.
    """

    folder: Path
    random_bytes: Callable[[int], bytes]
    binaries: Path = field(default_factory=wheel_binaries)
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    confinement: Confinement = field(init=False)
    server: subprocess.Popen[bytes] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.folder = self.folder.absolute()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.confinement = confine(self.folder, self.binaries)

    @property
    def secrets(self) -> Secrets:
        return Secrets(folder=self.folder / "secrets", random_bytes=self.random_bytes)

    @property
    def data(self) -> Path:
        return self.confinement.folder / "data"

    @property
    def socket(self) -> Path:
        """The socket's folder: beside the files, or in /tmp where that path would be too long."""
        own = self.confinement.folder / "socket"
        if len(str(own)) <= LONGEST_SOCKET:
            return own
        name = sha256(str(own).encode()).hexdigest()[:12]
        return Path(f"/tmp/kruispunt-{os.geteuid()}-{name}")  # noqa: S108 made 0700, checked

    def dsn(self, database: str = MAINTENANCE, role: str = SUPERUSER) -> str:
        """The address of a database for a role; the password stays in its file."""
        query = urlencode({"host": str(self.socket), "passfile": str(self.secrets.file(role))})
        return f"postgresql://{quote(role)}@/{quote(database)}?{query}"

    def prepare(self) -> None:
        """Make the files where there are none, and stop a server that outlived its owner.

        Raises:
            WrongCluster: the files are of another version, or the socket's folder is not ours.
        """
        if (self.data / "PG_VERSION").exists():
            self._check_version()
            self._stop_stale()
        else:
            self._initialise()
        self.confinement.make_folder(self.socket)
        _check_ours(self.socket, self.confinement)

    def argv(self) -> list[str]:
        """The command of the server: it stays one process, and dies with its parent.

        Interrupt (SIGINT) is its fast shutdown; it needs `prepare` before.
        """
        settings = {**SETTINGS, "unix_socket_directories": str(self.socket), **self.settings}
        words = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        return self.confinement.command("postgres", "-D", str(self.data), *words, dying=True)

    async def ready(self) -> bool:
        """True where it answers."""
        try:
            connection = await connect(self.dsn(), name="kruispunt ready", timeout_s=5)
        except Unavailable:
            return False
        await connection.close()
        return True

    async def start(self) -> None:
        """Start the server and return when it answers.

        Raises:
            WrongCluster: it can't run on these files.
        """
        self.prepare()
        self.server = self._spawn()
        deadline = time.monotonic() + START_S
        while not await self.ready():
            if self.server.poll() is not None or time.monotonic() > deadline:
                await self.stop()
                raise WrongCluster(f"the server did not start: see {self.log}")
            await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """Shut down fast: open transactions are rolled back, everything durable stays."""
        server, self.server = self.server, None
        if server is None:
            return
        for stopping in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            server.send_signal(stopping)
            deadline = time.monotonic() + STOP_S
            while time.monotonic() < deadline:
                if server.poll() is not None:
                    return
                await asyncio.sleep(0.01)

    @property
    def log(self) -> Path:
        """Where the server writes when `start` starts it."""
        return self.folder / "postgres.log"

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 our own words
                self.argv(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def _initialise(self) -> None:
        """Make the files in a draft folder and give it its name when it is whole."""
        draft, password = self.data.with_name("data.draft"), self.data.with_name("password")
        shutil.rmtree(draft, ignore_errors=True)
        self.confinement.write_file(password, self.secrets.make(SUPERUSER))
        words = [f"--pgdata={draft}", f"--username={SUPERUSER}", f"--pwfile={password}"]
        words += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums"]
        command = self.confinement.command("initdb", *words)
        made = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 our own words
        password.unlink()
        if made.returncode != 0:
            raise WrongCluster(f"initdb failed: {made.stderr.decode(errors='replace').strip()}")
        draft.rename(self.data)

    def _check_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text().strip()
        command = [str(self.binaries / "postgres"), "--version"]
        told = subprocess.run(command, capture_output=True, check=True, text=True).stdout  # noqa: S603 our own words
        wanted = told.split()[2].split(".")[0]
        if found != wanted:
            raise WrongCluster(
                f"{self.data} is of PostgreSQL {found}, this program brings {wanted}: "
                "dump it with the old one and load it here"
            )

    def _stop_stale(self) -> None:
        """Stop a server that still runs on these files, and clear what a dead one left behind.

        INVARIANT: the note of a server goes only when no process works in the folder any more,
        since two servers on one folder would destroy it.
        """
        note = self.data / "postmaster.pid"
        if not note.exists():
            return
        owner = int(note.read_text().split("\n", 1)[0])
        for stopping in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            living = self._living()
            deadline = time.monotonic() + STOP_S
            for pid in living & {owner} or living:
                with suppress(ProcessLookupError):
                    os.kill(pid, stopping)
            while self._living() and time.monotonic() < deadline:
                time.sleep(0.02)
        if living := self._living():
            raise WrongCluster(f"{len(living)} processes still work in {self.data}")
        note.unlink(missing_ok=True)
        for left in self.socket.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)

    def _living(self) -> set[int]:
        """The server's processes on these files: it and its backends stand in the folder."""
        own = str(self.data.resolve())
        return {int(p.name) for p in Path("/proc").glob("[0-9]*") if _standing(p) == own}


def _standing(process: Path) -> str:
    """The folder in which a process stands; empty for one that is gone or not ours to see."""
    try:
        return str((process / "cwd").readlink())
    except OSError:
        return ""


def _check_ours(socket: Path, confinement: Confinement) -> None:
    """A folder in /tmp may have been put there by someone else."""
    status = socket.stat()
    own = {os.geteuid()} if confinement.owner is None else {pwd.getpwnam(confinement.owner).pw_uid}
    if socket.is_symlink() or status.st_uid not in own or status.st_mode & 0o077:
        raise WrongCluster(f"expected {socket} to be a folder of ours alone")
