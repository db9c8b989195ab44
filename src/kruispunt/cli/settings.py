"""Settings: one tree, one TOML file, secrets as paths to files; every field says what it does."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from kruispunt.vocabulary import UNREADABLE

STATE: Final = "KRUISPUNT_STATE"
DEFAULT_STATE: Final = Path(".kruispunt")
FILE: Final = "settings.toml"

Seconds = Annotated[float, Meta(gt=0, le=86_400)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Port = Annotated[int, Meta(ge=0, le=65_535)]


class WrongSettings(ValueError):
    """A settings file that does not fit: the message says which file and key."""


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """A table of the settings file; a key that is not known stops us."""


class DatabaseSettings(Group, frozen=True, kw_only=True):
    """Which PostgreSQL."""

    url: Annotated[
        str,
        Meta(
            description="Address of an installed PostgreSQL (15 or newer) for a role that may "
            "make databases and roles, without its password; empty: a server of our own in the "
            "state folder."
        ),
    ] = ""
    password_file: Annotated[
        str,
        Meta(description="Password file of that role, in PostgreSQL's `passfile` form."),
    ] = ""
    pool: Annotated[
        Count, Meta(description="Connections of each process, beside that of its committer.")
    ] = 4
    timeout_s: Annotated[Seconds, Meta(description="Longest statement, in seconds.")] = 30.0


class CommitSettings(Group, frozen=True, kw_only=True):
    """The group committer of each process."""

    max_group: Annotated[Count, Meta(description="Bundles in one transaction.")] = 256
    max_waiting: Annotated[
        Count, Meta(description="Bundles that may wait; more are told to come back (503).")
    ] = 4096
    linger_s: Annotated[
        Seconds,
        Meta(description="Longest wait of an outcome for a group, in seconds."),
    ] = 0.2
    timeout_s: Annotated[
        Seconds, Meta(description="Longest statement of a group, in seconds.")
    ] = 10.0


class DoorSettings(Group, frozen=True, kw_only=True):
    """What the doors accept."""

    max_body: Annotated[Count, Meta(description="Largest request body, in bytes.")] = 65_536
    at_once: Annotated[
        Count, Meta(description="Requests in one process; more are told to come back (503).")
    ] = 1024
    body_s: Annotated[Seconds, Meta(description="Longest wait for a body, in seconds.")] = 10.0
    connections: Annotated[
        Count,
        Meta(description="Connections of one process; more are told to come back (503)."),
    ] = 4096
    max_many_body: Annotated[
        Count, Meta(description="Largest body of a request of many questions, in bytes.")
    ] = 524_288
    many_at_once: Annotated[
        Count,
        Meta(
            description="Requests of many questions in one process; more are told to come back "
            "(503)."
        ),
    ] = 4


class FrontSettings(Group, frozen=True, kw_only=True):
    """A proxy with TLS in front of the doors."""

    urls: Annotated[
        dict[str, Annotated[str, Meta(pattern="^https://[^/]+/?$")]],
        Meta(
            description="Public address of the proxy by institution, for each hub or node that "
            "has one. Such a seat also listens on a unix socket, where a question must come with "
            "the client certificate of who signed it."
        ),
    ] = {}
    folder: Annotated[
        str,
        Meta(description="Folder of those sockets; empty: `doors` in the state folder."),
    ] = ""


class MessageSettings(Group, frozen=True, kw_only=True):
    """How long signatures, nonces and message ids count."""

    signature_life_s: Annotated[
        Count, Meta(description="Longest life that a signature may give itself, in seconds.")
    ] = 300
    skew_s: Annotated[
        int, Meta(ge=0, le=3600, description="Difference of clocks that is borne, in seconds.")
    ] = 60
    keep_days: Annotated[Count, Meta(description="Days that a message id is remembered.")] = 30
    lease_s: Annotated[
        Seconds,
        Meta(description="Seconds that a message counts as in flight when its process died."),
    ] = 30.0


class MailSettings(Group, frozen=True, kw_only=True):
    """Mail that waits for its recipient."""

    keep_days: Annotated[
        int,
        Meta(
            ge=1,
            le=45,
            description="Days that mail waits, and that a dead letter keeps its content. Whoever "
            "rotated a key since opens it for 90 days.",
        ),
    ] = 30

    answer_days: Annotated[
        int,
        Meta(
            ge=1,
            le=30,
            description="Days after which who asked is told which answers by mail are missing.",
        ),
    ] = 10

    late_days: Annotated[
        int,
        Meta(
            ge=0, le=45, description="Days after that in which a late answer is still passed on."
        ),
    ] = 30


class TrailSettings(Group, frozen=True, kw_only=True):
    """How long the trail is kept."""

    keep_years: Annotated[
        int,
        Meta(
            ge=1,
            le=100,
            description="Whole years that entries are kept before `audit expire` may end them "
            "(ten: an assumption).",
        ),
    ] = 10


class ProcessSettings(Group, frozen=True, kw_only=True):
    """What `kruispunt up` runs."""

    network: Annotated[
        str,
        Meta(description="File that says which hub, nodes and stations run; empty: the example."),
    ] = ""
    host: Annotated[str, Meta(description="Address on which the doors listen.")] = "127.0.0.1"
    port: Annotated[
        Port,
        Meta(description="Port of the hub's door; the others follow it. 0: free ones."),
    ] = 0
    workers: Annotated[Count, Meta(description="Processes of the hub on one socket.")] = 1
    log_level: Annotated[
        str, Meta(pattern="^(debug|info|warning|error)$", description="What the logs hold.")
    ] = "info"


class WatchSettings(Group, frozen=True, kw_only=True):
    """How the processes are watched."""

    host: Annotated[
        str,
        Meta(description="Private address on which each process tells its metrics and health."),
    ] = "127.0.0.1"
    port: Annotated[
        Port,
        Meta(description="Port of the first process there; the others follow it. 0: free ones."),
    ] = 0
    trace_rate: Annotated[
        float, Meta(ge=0, le=1, description="Share of the traces whose spans stand in the log.")
    ] = 0.01
    key_days: Annotated[
        Count, Meta(description="Degraded when a key has so many days to go, or fewer.")
    ] = 30
    outcome_s: Annotated[
        Seconds,
        Meta(description="Degraded when an outcome waits longer than this to be written."),
    ] = 5.0
    disk_percent: Annotated[
        int,
        Meta(ge=0, le=99, description="Degraded when less than this is free on the state's disk."),
    ] = 10


class Settings(Group, frozen=True, kw_only=True):
    """All settings of one state folder."""

    database: Annotated[DatabaseSettings, Meta(description="Which PostgreSQL.")] = (
        DatabaseSettings()
    )
    commit: Annotated[CommitSettings, Meta(description="The group committer.")] = CommitSettings()
    door: Annotated[DoorSettings, Meta(description="What the doors accept.")] = DoorSettings()
    front: Annotated[FrontSettings, Meta(description="A proxy in front.")] = FrontSettings()
    messages: Annotated[MessageSettings, Meta(description="How long messages count.")] = (
        MessageSettings()
    )
    mail: Annotated[MailSettings, Meta(description="Mail that waits.")] = MailSettings()
    trail: Annotated[TrailSettings, Meta(description="How long the trail is kept.")] = (
        TrailSettings()
    )
    processes: Annotated[ProcessSettings, Meta(description="What `kruispunt up` runs.")] = (
        ProcessSettings()
    )
    watch: Annotated[WatchSettings, Meta(description="How the processes are watched.")] = (
        WatchSettings()
    )


def state_folder(environ: Mapping[str, str], given: Path | None = None) -> Path:
    """The state folder: as given, else `KRUISPUNT_STATE`, else `.kruispunt` where we stand."""
    return (given or Path(environ.get(STATE) or DEFAULT_STATE)).absolute()


def read_settings(state: Path) -> Settings:
    """The settings of a state folder; without a file, the defaults.

    Raises:
        WrongSettings: not TOML, an unknown key, or a value that does not fit.
    """
    path = state / FILE
    if not path.exists():
        return Settings()
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
        return msgspec.convert(tree, Settings)
    except UNREADABLE as error:
        raise WrongSettings(f"{path}: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRow:
    """One line of the reference table."""

    key: str
    type: str
    default: str
    description: str


def describe_settings() -> Iterator[SettingRow]:
    """Every setting, in the order of the file, for the reference page."""
    defaults = Settings()
    for group in msgspec.structs.fields(Settings):
        table: Group = getattr(defaults, group.name)
        hints = get_type_hints(type(table), include_extras=True)
        for field in msgspec.structs.fields(type(table)):
            yield SettingRow(
                key=f"{group.encode_name}.{field.encode_name}",
                type=_plain_type(hints[field.name]).__name__,
                default=msgspec.json.encode(getattr(table, field.name)).decode(),
                description=_description(hints[field.name]),
            )


def _plain_type(hint: Any) -> type:
    return _plain_type(get_args(hint)[0]) if get_origin(hint) is Annotated else hint


def _description(hint: Any) -> str:
    metas = [meta for meta in get_args(hint)[1:] if isinstance(meta, Meta)]
    return next(meta.description for meta in reversed(metas) if meta.description)
