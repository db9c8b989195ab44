"""`kruispunt backup` and `restore`: all that can't be made again, and back on any machine."""

import asyncio
import shutil
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import App, Parameter

from kruispunt.cli.archive import (
    DUMPS,
    FILES,
    FORMAT,
    MANIFEST,
    ArchiveManifest,
    WrongArchive,
    digests,
    keep_files,
    put_files,
    read_manifest,
    write_manifest,
)
from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.compose import House, open_house
from kruispunt.cli.place import PUBLISHED, RESTORING, Place
from kruispunt.cli.settings import read_settings
from kruispunt.cli.supervisor_state import StateFolder, StateTaken
from kruispunt.cli.up import Clock, open_cluster
from kruispunt.postgres import (
    Cluster,
    DumpFailed,
    NoServer,
    Programs,
    WrongCluster,
    count_rows,
    database_exists,
    dump,
    load_dump,
    one_moment,
    provision,
    server_version,
)
from kruispunt.vocabulary import InstitutionCode, Unavailable

DONE: Final = 0
FAILED: Final = 1
WRONG: Final = 2

CLOCK: Final = Clock(now=now, random_bytes=random_bytes)
Tell = Callable[[str], None]
Json = Annotated[bool, Parameter(negative="", help="One JSON object; no progress.")]

backup_app = App(name="backup", help="Write everything that can't be made again into a folder.")
restore_app = App(name="restore", help="Make a state folder from a backup, on any machine.")


@backup_app.default
def backup(
    *,
    to: Annotated[Path, Parameter(help="A folder that does not exist yet.")],
    state: Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")] = None,
    network: Annotated[Path | None, Parameter(help="Network file; else the country's.")] = None,
    json: Json = False,
) -> int:
    """Dump every database and copy keys, rings, lawbooks and settings, while all goes on.

    The folder holds private keys and what opens the trail: keep it as you keep those.

    Exit codes: 0 done; 1 the database is not there, or there is no room; 2 wrong input.
    """
    try:
        house = open_house(state, network_file=network)
        to.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        return _say(f"{to} exists already: a backup is never written over", code=WRONG)
    except (ValueError, OSError) as wrong:
        return _say(wrong, code=WRONG)
    try:
        manifest = asyncio.run(_backup(house, to, tell=_teller(quiet=json)))
    except (Unavailable, DumpFailed, NoServer, WrongCluster, OSError) as failed:
        return _say(failed, code=FAILED)
    finally:
        if not (to / MANIFEST).exists():
            shutil.rmtree(to)
    _done(manifest, to, json=json)
    return DONE


@restore_app.default
def restore(
    *,
    source: Annotated[Path, Parameter(name="--from", help="The folder of a backup.")],
    state: Annotated[Path, Parameter(help="A state folder that is empty or not there.")],
    json: Json = False,
) -> int:
    """Check a backup, load it into an empty state folder, and count what stands there.

    With `database.url` in the backup's settings, the databases are made on that server, where
    they may not exist yet. Start with `kruispunt up --state` afterwards.

    Exit codes: 0 done; 1 it could not be loaded, and the folder is as it was; 2 the backup is not
    whole, changed or of a newer format, or the folder is not empty.
    """
    state = state.absolute()
    try:
        manifest = read_manifest(source)
        if state.exists() and any(state.iterdir()):
            raise WrongArchive(f"{state} is not empty: nothing is restored over what stands")
    except (WrongArchive, OSError) as wrong:
        return _say(wrong, code=WRONG)
    try:
        asyncio.run(_restore(manifest, source, state, tell=_teller(quiet=json)))
    except WrongArchive as wrong:
        return _say(wrong, code=WRONG)
    except (Unavailable, DumpFailed, NoServer, WrongCluster, OSError) as failed:
        return _say(failed, code=FAILED)
    _done(manifest, state, json=json)
    return DONE


async def _backup(house: House, to: Path, *, tell: Tell) -> ArchiveManifest:
    """Effects before causes: what stations saw, nodes that are asked, the hub, nodes that ask.

    So no look of the backup is without its entry, although each database has its own moment. The
    files come last: every lawbook and key that a dump refers to is there by then.
    """
    network, programs = house.network, Programs.find()
    order = [code for code, _ in network.sources]
    order += [node.institution for node in network.nodes if node.answers]
    order += [network.hub, *(n.institution for n in network.nodes if not n.answers)]
    rows: dict[InstitutionCode, dict[str, int]] = {}
    (to / DUMPS).mkdir(mode=0o700)
    # What is published first: a database that knows more than its files is put right, never less.
    for code in order:
        await asyncio.to_thread(
            house.place.published(code).copy, to / FILES / PUBLISHED / code.lower()
        )
    async with _server(house) as cluster:
        for code in order:
            tell(f"database of {code}")
            dsn = house.place.home(code).dsn.read_text("utf-8").strip()
            async with one_moment(dsn) as (snapshot, counted):
                rows[code] = dict(counted)
                file = to / DUMPS / f"{code}.dump"
                await dump(dsn, file, snapshot=snapshot, programs=programs)
        postgres = await server_version(cluster.dsn())
    tell("keys, rings, lawbooks, settings")
    keep_files(house.place.state, to)
    manifest = ArchiveManifest(
        format=FORMAT,
        postgres=postgres,
        made_at=now(),
        databases=rows,
        digests=digests(to),
    )
    write_manifest(manifest, to)
    return manifest


@asynccontextmanager
async def _server(house: House) -> AsyncGenerator[Cluster]:
    """The server of a state folder: the one that runs, else started for the duration."""
    cluster = open_cluster(house.place.state, house.settings.database, clock=CLOCK)
    folder = StateFolder.at(house.place.state)
    try:
        with folder.owned():
            await cluster.start()
            try:
                yield cluster
            finally:
                await cluster.stop()
    except StateTaken:
        yield cluster


async def _restore(manifest: ArchiveManifest, source: Path, state: Path, *, tell: Tell) -> None:
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark = state / RESTORING
    mark.touch(mode=0o600)
    try:
        put_files(source, state)
        cluster = open_cluster(state, read_settings(state).database, clock=CLOCK)
        with StateFolder.at(state).owned():
            try:
                await cluster.start()
                await _load_all(manifest, source, state, cluster=cluster, tell=tell)
            finally:
                await cluster.stop()
        mark.unlink()
    except BaseException:
        _empty(state)
        raise


async def _load_all(
    manifest: ArchiveManifest, source: Path, state: Path, *, cluster: Cluster, tell: Tell
) -> None:
    await _refuse_standing(cluster, list(manifest.databases))
    programs = Programs.find()
    for code, wanted in manifest.databases.items():
        tell(f"database of {code}")
        home = await provision(cluster, code)
        Place(state=state).home(code).write_addresses(owner=home.owner_dsn, reader=home.reader_dsn)
        file = source / DUMPS / f"{code}.dump"
        await load_dump(home.owner_dsn, file, programs=programs)
        found = await count_rows(home.owner_dsn)
        if dict(found) != wanted:
            other = sorted(
                name for name in {*found, *wanted} if found.get(name) != wanted.get(name)
            )
            raise DumpFailed(f"{code}: other rows than when it was made in {', '.join(other)}")


async def _refuse_standing(cluster: Cluster, codes: Sequence[InstitutionCode]) -> None:
    for code in codes:
        if await database_exists(cluster, code):
            raise WrongArchive(f"the server has a database of {code} already")


def _empty(state: Path) -> None:
    """Leave an empty folder, as it was: half a state must never be started."""
    for path in state.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            with suppress(FileNotFoundError):
                path.unlink()


def _teller(*, quiet: bool) -> Tell:
    return (lambda _words: None) if quiet else (lambda words: print(words, file=sys.stderr))


def _done(manifest: ArchiveManifest, folder: Path, *, json: bool) -> None:
    rows = sum(sum(tables.values()) for tables in manifest.databases.values())
    if json:
        told = {
            "folder": str(folder),
            "madeAt": manifest.made_at,
            "databases": len(manifest.databases),
            "rows": rows,
            "files": len(manifest.digests),
        }
        print(msgspec.json.encode(told).decode())
        return
    print(f"{len(manifest.databases)} databases, {rows} rows, {len(manifest.digests)} files")
    print(folder)


def _say(words: object, *, code: int) -> int:
    print(words, file=sys.stderr)
    return code
