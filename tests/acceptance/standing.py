"""A network that stands: real processes on this machine, and everyone who may ask them."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

from kruispunt.cli.compose import open_house
from kruispunt.cli.fill import Filling
from kruispunt.cli.network import Network
from kruispunt.cli.place import Place
from kruispunt.cli.story import Stories, read_stories
from kruispunt.cli.supervisor_state import RunNote, StateFolder
from kruispunt.client import ASK_PATH, ASK_TAG, Client, Patience, ProblemBody
from kruispunt.people import Example, examples
from kruispunt.postgres import Connection
from kruispunt.postgres.driver import connect
from kruispunt.vocabulary import InstitutionCode, Ssin, Unavailable
from kruispunt.web import Http, HttpReply, KeyRingFile, SigningKey, read_key, sign_request

PEOPLE: Final = 1000
SEED: Final = 2
TODAY: Final = date(2026, 3, 2)
"""The day on which the people live: theirs, so that every story has someone who fits it."""

READY_S: Final = 180.0
ELEVEN: Final = re.compile(r"(?<![\w.])\d{11}(?![\w.])")
ONCE: Final = Patience(total_s=20, each_s=20, attempts=1)

Json = dict[str, object]
Headers = Mapping[str, str | None]


def now() -> datetime:
    return datetime.now(UTC)


def kruispunt(
    *words: str, stdin: str = "", patience_s: float = 60
) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "kruispunt", *words],
        input=stdin,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=patience_s,
    )


def environment() -> Mapping[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


@dataclass(frozen=True, kw_only=True)
class House:
    """The network, seen from outside: addresses, keys, databases and logs."""

    place: Place
    network: Network
    stories: Stories
    persons: Mapping[str, Example] = field(default_factory=dict[str, Example])

    @property
    def hub(self) -> InstitutionCode:
        return self.network.hub

    @property
    def node(self) -> InstitutionCode:
        return self.network.nodes[0].institution

    @property
    def station(self) -> InstitutionCode:
        return self.network.stations[0].institution

    @property
    def insurer(self) -> InstitutionCode:
        """The insurer whose members the persons are."""
        return self.stories.member

    @property
    def other(self) -> InstitutionCode:
        return self.stories.other

    def url(self, code: InstitutionCode) -> str:
        return self.place.addresses()[code]

    def key(self, code: InstitutionCode) -> SigningKey:
        return read_key(self.place.home(code).key)

    @asynccontextmanager
    async def client(
        self, code: InstitutionCode | None = None, *, of: InstitutionCode | None = None
    ) -> AsyncGenerator[Client]:
        """The client of an institution (by default the insurer) for its node."""
        code, asked = code or self.insurer, of or self.node
        async with await Client.open(
            self.url(asked),
            hub=asked,
            key=self.key(code),
            ring=KeyRingFile.open(self.place.home(code).ring),
            now=now,
            random_bytes=os.urandom,
            patience=ONCE,
        ) as client:
            yield client

    async def ask_raw(self, sent: "Sent", *, http: Http | None = None) -> HttpReply:
        """Send a request as it is, and hear what comes."""
        if http is not None:
            return await self._post(http, sent)
        async with await Http.open() as own:
            return await self._post(own, sent)

    async def _post(self, http: Http, sent: "Sent") -> HttpReply:
        url, headers = f"{self.url(sent.to)}{sent.path}", sent.headers
        return await http.post(url, body=sent.body, headers=headers, timeout_s=20, max_bytes=2**20)

    def request(
        self,
        body: Json | bytes | None = None,
        *,
        flow: str = "L609",
        by: InstitutionCode | None = None,
        to: InstitutionCode | None = None,
        headers: Headers | None = None,
        key: SigningKey | None = None,
        path: str | None = None,
        age_s: int = 0,
        life_s: int = 60,
        nonce: bytes | None = None,
        tag: str = ASK_TAG,
    ) -> "Sent":
        """A signed request of an institution, by default the insurer, to its node.

        `headers` are laid over what was signed; None takes one away.
        """
        to, path = to or self.node, path or ASK_PATH + flow
        sent = encoded(self.body() if body is None else body)
        created = int(time.time()) - age_s
        signed: dict[str, str | None] = {
            "content-type": "application/json",
            **sign_request(
                key or self.key(by or self.insurer),
                method="POST",
                target_uri=self.url(to) + path,
                body=sent,
                created=created,
                expires=created + life_s,
                nonce=os.urandom(16) if nonce is None else nonce,
                tag=tag,
            ),
            **(headers or {}),
        }
        kept = {name: value for name, value in signed.items() if value is not None}
        return Sent(to=to, path=path, headers=kept, body=sent)

    def body(self, story: str = "full-time", **changes: object) -> Json:
        """A body about the person of a story; a change to None leaves the field out."""
        person = self.persons[story]
        body: Json = {
            "messageId": str(a_message()),
            "purpose": self.stories.stories[0].purpose,
            "ssin": person.ssin.digits,
            "period": {"beginDate": f"{person.begin}", "endDate": f"{person.until}"},
            **changes,
        }
        return {name: value for name, value in body.items() if value is not None}

    def changed(self, change: Json) -> Json:
        """The body of a question that was in order until it was changed."""
        body = self.body() | change
        return {name: value for name, value in body.items() if value is not None}

    async def fetch(
        self, code: InstitutionCode, query: str, *args: object
    ) -> list[Mapping[str, object]]:
        """Rows of an institution's own database."""
        dsn = self.place.home(code).dsn.read_text("utf-8").strip()
        connection = await _connected(dsn)
        try:
            return [dict(row) for row in await connection.fetch(query, *args)]
        finally:
            await connection.close()

    async def entries(self, code: InstitutionCode) -> int:
        """How many entries stand in the trail of a hub or node."""
        (row,) = await self.fetch(code, "select count(*) as n from audit.decision")
        return msgspec.convert(row["n"], int)

    async def looks(self) -> int:
        """How many looks the station wrote down."""
        (row,) = await self.fetch(self.station, "select count(*) as n from station.look")
        return msgspec.convert(row["n"], int)

    async def ending(self, code: InstitutionCode, message: UUID) -> str:
        """How the look of a message ended, once that stands in the trail."""
        for _ in range(200):
            found = await self.fetch(code, ENDING, message)
            if found:
                return ENDINGS[msgspec.convert(found[0]["ending"], int)]
            await asyncio.sleep(0.05)
        raise AssertionError("no outcome within 10 s")

    def notes(self) -> list[RunNote]:
        return StateFolder.at(self.place.state).notes()

    def workers(self) -> list[RunNote]:
        """The processes of the hub."""
        return [one for one in self.notes() if one.name.startswith(f"{self.hub.lower()}-")]

    def logs(self) -> Mapping[str, str]:
        folder = StateFolder.at(self.place.state).logs
        return {path.name: path.read_text("utf-8", "replace") for path in folder.iterdir()}

    def numbers_in_logs(self) -> list[str]:
        """Names of logs in which a person's number stands."""
        return [name for name, text in self.logs().items() if holds_a_number(text)]


ENDING: Final = """
select o.ending from audit.outcome o
where o.entry in (select d.id from audit.decision d where d.message_id = $1)
"""
ENDINGS: Final = {
    1: "given",
    2: "empty",
    3: "failed",
    4: "cancelled",
    5: "refused-upstream",
    6: "forwarded",
}


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A request to one of our doors, ready to go."""

    to: InstitutionCode
    path: str
    headers: Mapping[str, str]
    body: bytes


def encoded(body: Json | bytes) -> bytes:
    return body if isinstance(body, bytes) else msgspec.json.encode(body)


def a_message() -> UUID:
    return UUID(bytes=os.urandom(16), version=4)


def problem_of(reply: HttpReply) -> ProblemBody:
    assert reply.headers["content-type"] == "application/problem+json", reply
    return msgspec.json.decode(reply.body, type=ProblemBody)


def holds_a_number(text: str) -> bool:
    """True where eleven digits stand that are the number of a person, real or not."""
    return any(_is_number(digits) for digits in ELEVEN.findall(text))


def _is_number(digits: str) -> bool:
    try:
        Ssin(digits)
    except ValueError:
        return False
    return True


@contextmanager
def a_standing_house(
    *, workers: int, settings: str = "", people: int = PEOPLE, seed: int = SEED
) -> Generator[House]:
    """Start every process by `kruispunt up`, load the people, and stop all in the end."""
    folder = Path(tempfile.mkdtemp(prefix="kruispunt-house-"))
    (folder / "state").mkdir(mode=0o700)
    (folder / "state" / "settings.toml").write_text(settings, "utf-8")
    words = [sys.executable, "-m", "kruispunt", "up", "--workers", str(workers)]
    with (folder / "up.out").open("wb") as out:
        up = subprocess.Popen(
            [*words, "--state", str(folder / "state")], stdout=out, stderr=out, env=environment()
        )
    try:
        _wait_ready(StateFolder.at(folder / "state"), up, folder / "up.out")
        yield asyncio.run(_filled(folder / "state", size=people, seed=seed))
    finally:
        up.send_signal(signal.SIGTERM)
        assert up.wait(timeout=60) == 0, (folder / "up.out").read_text()
    shutil.rmtree(folder)


def _wait_ready(state: StateFolder, up: subprocess.Popen[bytes], out: Path) -> None:
    deadline = time.monotonic() + READY_S
    while not state.is_ready():
        assert up.poll() is None, out.read_text()
        assert time.monotonic() < deadline, f"{out.read_text()}\n{_tails(state)}"
        time.sleep(0.05)


def _tails(state: StateFolder) -> Sequence[str]:
    return [f"{path.name}: {path.read_text()[-800:]}" for path in state.logs.iterdir()]


async def _filled(state: Path, *, size: int, seed: int) -> House:
    built = open_house(state)
    filling = Filling(place=built.place, network=built.network, tell=lambda _: None)
    people = await filling.people(size=size, seed=seed, today=TODAY)
    stories = read_stories()
    return House(
        place=built.place,
        network=built.network,
        stories=stories,
        persons=examples(people, member=stories.member, other=stories.other),
    )


async def _connected(dsn: str) -> Connection:
    """A connection, also to a server that was killed and is still starting up."""
    until = time.monotonic() + READY_S
    while True:
        try:
            return await connect(dsn, name="kruispunt tests", timeout_s=20)
        except Unavailable:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.2)
