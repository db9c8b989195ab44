"""What a backup holds: one dump for each institution, their own files, and a signed-for list."""

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from kruispunt.cli.place import PUBLISHED
from kruispunt.vocabulary import UNREADABLE, InstitutionCode

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DUMPS: Final = "databases"
FILES: Final = "files"
NOT_KEPT: Final = frozenset({"database.dsn", "reader.dsn", "log.dsn"})
"""Addresses with places of this machine: made anew where the backup is restored."""

KEPT: Final = ("settings.toml", "people.json", "addresses.json", "lawbooks", "institutions")
"""What stands in a state folder and can't be made again. Passwords of roles can."""


class WrongArchive(ValueError):
    """A backup that can't be restored: the message says why, and nothing was written."""


class ArchiveManifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup is, and the digest of every file in it."""

    format: int
    postgres: str
    """Version of the server."""

    made_at: datetime
    databases: dict[InstitutionCode, dict[str, int]]
    """By institution, how many rows each table had at its moment."""

    digests: dict[str, str]
    """SHA-256 of each file, by its path in the backup."""


def keep_files(state: Path, archive: Path) -> None:
    """Copy what stands in a state folder, with times: a key counts from the time of its file."""
    for name in KEPT:
        place = state / name
        if place.is_dir():
            shutil.copytree(
                place, archive / FILES / name, ignore=lambda _folder, names: NOT_KEPT & set(names)
            )
        elif place.exists():
            (archive / FILES).mkdir(mode=0o700, exist_ok=True)
            shutil.copy2(place, archive / FILES / name)
    _close(archive)


def put_files(archive: Path, state: Path) -> None:
    """Copy them back into an empty state folder."""
    shutil.copytree(archive / FILES, state, dirs_exist_ok=True)
    _close(state)
    for path in (state / PUBLISHED, *(state / PUBLISHED).rglob("*")):
        if path.exists():  # anyone may read what is published
            path.chmod(0o755 if path.is_dir() else 0o644)


def _close(folder: Path) -> None:
    """Nobody but the owner gets in, whatever the rights were before."""
    folder.chmod(0o700)
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


def digests(archive: Path) -> dict[str, str]:
    """The digest of every file but the manifest."""
    return {
        str(path.relative_to(archive)): _digest(path)
        for path in _files(archive)
        if path.name != MANIFEST
    }


def _files(archive: Path) -> Iterator[Path]:
    return (path for path in sorted(archive.rglob("*")) if path.is_file())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(manifest: ArchiveManifest, archive: Path) -> None:
    """The last file of a backup: without it, it is none."""
    draft = archive / f"{MANIFEST}.draft"
    draft.touch(mode=0o600)
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2))
    draft.replace(archive / MANIFEST)


def read_manifest(archive: Path) -> ArchiveManifest:
    """Read and check a whole backup.

    Raises:
        WrongArchive: none stands there, it is of a newer format, or a file is missing or other.
    """
    try:
        text = (archive / MANIFEST).read_bytes()
    except OSError:
        raise WrongArchive(f"{archive}: no backup, or one that was not finished") from None
    try:
        found = msgspec.json.decode(text, type=dict[str, msgspec.Raw]).get("format")
        if found is not None and msgspec.json.decode(found, type=int) > FORMAT:
            raise WrongArchive(f"{archive}: made by a newer kruispunt; restore it with that one")
        manifest = msgspec.json.decode(text, type=ArchiveManifest)
    except UNREADABLE as error:
        raise WrongArchive(f"{archive / MANIFEST}: {error}") from None
    _check(archive, manifest.digests)
    return manifest


def _check(archive: Path, wanted: Mapping[str, str]) -> None:
    found = digests(archive)
    for name in sorted({*found, *wanted}):
        if name not in found:
            raise WrongArchive(f"{archive}: {name} is missing")
        if name not in wanted:
            raise WrongArchive(f"{archive}: {name} does not belong to it")
        if found[name] != wanted[name]:
            raise WrongArchive(f"{archive}: {name} was changed")
