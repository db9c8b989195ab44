"""Passwords of roles: made once, kept in files that only their owner may read."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LENGTH: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """A folder of password files in the form that PostgreSQL's own clients read (`passfile`).

    Trust: who reads a file may connect as its role.
    """

    folder: Path
    random_bytes: Callable[[int], bytes]

    def file(self, role: str) -> Path:
        """The password file of a role."""
        return self.folder / f"{role}.pgpass"

    def make(self, role: str) -> str:
        """The password of a role, made and written where there is none."""
        path = self.file(role)
        if path.exists():
            return path.read_text(encoding="utf-8").strip().rpartition(":")[2]
        password = self.random_bytes(LENGTH).hex()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        draft.write_text(f"*:*:*:{role}:{password}\n", encoding="utf-8")
        draft.rename(path)
        return password
