"""A second key of an institution for a story: made, believed and revoked by our own commands."""

import asyncio
import shutil
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from kruispunt.cli.supervisor import program
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import public_keys, read_key

REASON: Final = "demonstration: the laptop that held it was lost"
DAYS: Final = 2
PREFIX: Final = "extra-key-"


class KeyFailed(RuntimeError):
    """A command about keys failed; the message is what it said."""


@dataclass(slots=True, kw_only=True)
class ExtraKey:
    """A key that lives as long as a demonstration, in a folder that is thrown away after it."""

    state: Path
    folder: Path
    institution: InstitutionCode
    believed_by: InstitutionCode
    revoked: bool = False

    @property
    def path(self) -> Path:
        """The private half."""
        return self.folder / "key.toml"

    async def make(self) -> None:
        """Make it, and let the node believe it; once.

        Raises:
            KeyFailed: a command said no.
        """
        if self.path.exists():
            return
        code = ("--institution", self.institution)
        made = ("--into", str(self.folder), "--days", str(DAYS))
        await _run("station", "key", *code, *made)
        believing = ("--at", self.believed_by, "--state", str(self.state))
        told = public_keys(self.path).read_bytes()
        await _run("key", "import", *code, *believing, stdin=told)

    async def revoke(self) -> None:
        """Stop believing it everywhere here; once, and only where it was made.

        Raises:
            KeyFailed: a command said no.
        """
        if self.revoked or not self.path.exists():
            return
        why = ("--reason", REASON, "--state", str(self.state))
        await _run("key", "revoke", read_key(self.path).key_id, *why)
        self.revoked = True


@asynccontextmanager
async def extra_key(
    state: Path, *, institution: InstitutionCode, believed_by: InstitutionCode
) -> AsyncGenerator[ExtraKey]:
    """A key for one demonstration; what one that was killed left behind is revoked first.

    Raises:
        KeyFailed: it could not be revoked in the end.
    """

    def held_in(folder: Path) -> ExtraKey:
        return ExtraKey(
            state=state, folder=folder, institution=institution, believed_by=believed_by
        )

    for left in state.glob(f"{PREFIX}*"):
        with suppress(KeyFailed):  # nobody came to believe it
            await held_in(left).revoke()
        shutil.rmtree(left)
    with TemporaryDirectory(prefix=PREFIX, dir=state) as folder:
        key = held_in(Path(folder))
        try:
            yield key
        finally:
            await key.revoke()


async def _run(*words: str, stdin: bytes = b"") -> None:
    child = await asyncio.create_subprocess_exec(
        *program(*words), stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    _, wrong = await child.communicate(stdin)
    if child.returncode != 0:
        raise KeyFailed(f"kruispunt {' '.join(words[:2])}: {wrong.decode(errors='replace')}")
