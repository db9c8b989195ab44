"""The dictionary of the trail: what comes back in every entry stands once, under a number.

Trust: who writes to this store can change the words of many entries at once; their leaves then no
longer fit, so the trail shows it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from typing import Final, NamedTuple, Self

from asyncpg import Record
from msgspec import MsgspecError, json

from kruispunt.audit.encoding import PROOF_FORMS, encode_ground
from kruispunt.audit.form import GroundForm, ProofForm, decode_ground, encode
from kruispunt.audit.queries import QUERIES
from kruispunt.postgres import Database
from kruispunt.vocabulary import Entry, Ground, ProofKind

MAX_GROUNDS: Final = 4096
"""Grounds come from the lawbook, one object each; past this many we forget and learn again."""


class TermKind(IntEnum):
    """What a term is a value of. Frozen: numbers are never reused.

    By what a caller was proven has a kind for each kind of proof: the number of a key says both.
    """

    CONSUMER = 1
    FLOW = 2
    PURPOSE = 3
    KEY = 4
    LAWBOOK = 5
    GROUND = 6
    CERTIFICATE = 7
    SIGNING_CERTIFICATE = 8
    PASSWORD = 9
    FILE = 10


KEY_TERMS: Final[Mapping[ProofKind, TermKind]] = {
    ProofKind.HTTP_SIGNATURE: TermKind.KEY,
    ProofKind.CLIENT_CERTIFICATE: TermKind.CERTIFICATE,
    ProofKind.WS_SECURITY: TermKind.SIGNING_CERTIFICATE,
    ProofKind.BASIC: TermKind.PASSWORD,
    ProofKind.FILE: TermKind.FILE,
}
_FORMS: Final[Mapping[int, type[ProofForm]]] = {
    term.value: PROOF_FORMS[proof] for proof, term in KEY_TERMS.items()
}

ProofKey = tuple[type[ProofForm], str]
"""The form of a kind of proof, and the key by which it was given."""


@dataclass(frozen=True, slots=True)
class KnownGround:
    """A ground met before: its number and its encoding. It holds the ground, so its id stays."""

    ground: Ground
    number: int
    encoding: bytes


class Numbers(NamedTuple):
    """The numbers of one entry's repeated values."""

    lawbook: int
    consumer: int
    flow: int
    purpose: int
    key: int
    ground: KnownGround | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms that this process has met; any number of processes add to one dictionary."""

    database: Database
    numbers: dict[tuple[int, str], int] = field(default_factory=dict[tuple[int, str], int])
    contents: dict[int, str] = field(default_factory=dict[int, str])
    kinds: dict[int, int] = field(default_factory=dict[int, int])
    grounds: dict[int, KnownGround] = field(default_factory=dict[int, KnownGround])
    encodings: dict[int, bytes] = field(default_factory=dict[int, bytes])

    def known(self, entry: Entry) -> Numbers | None:
        """The numbers of an entry's values; None where one of them is new to this process."""
        question, ground, numbers = entry.question, entry.decision.ground, self.numbers
        known = None if ground is None else self.grounds.get(id(ground))
        if known is None and ground is not None:
            return None
        try:
            return Numbers(
                numbers[TermKind.LAWBOOK, entry.lawbook],
                numbers[TermKind.CONSUMER, question.consumer],
                numbers[TermKind.FLOW, question.flow],
                numbers[TermKind.PURPOSE, question.purpose],
                numbers[KEY_TERMS[question.proof.kind], question.proof.key_id],
                known,
            )
        except KeyError:
            return None

    async def learn(self, entry: Entry) -> Numbers:
        """The numbers of an entry's values, each given one where it has none yet."""
        question, ground = entry.question, entry.decision.ground
        return Numbers(
            await self.number_of(TermKind.LAWBOOK, entry.lawbook),
            await self.number_of(TermKind.CONSUMER, question.consumer),
            await self.number_of(TermKind.FLOW, question.flow),
            await self.number_of(TermKind.PURPOSE, question.purpose),
            await self.number_of(KEY_TERMS[question.proof.kind], question.proof.key_id),
            None if ground is None else await self._learn_ground(ground),
        )

    async def number_of(self, kind: TermKind, content: str) -> int:
        """The number of one value; the first process that meets it gives it one."""
        number = self.numbers.get((kind, content))
        if number is None:
            digest = sha256(content.encode()).digest()
            await self.database.execute(QUERIES["add_term"], kind.value, digest, content)
            rows = await self.database.fetch(QUERIES["find_term"], kind.value, digest)
            number = self.numbers[kind, content] = rows[0]["id"]
        return number

    async def _learn_ground(self, ground: Ground) -> KnownGround:
        encoding = encode_ground(ground)
        content = json.encode(decode_ground(encoding)).decode()
        number = await self.number_of(TermKind.GROUND, content)
        if len(self.grounds) >= MAX_GROUNDS:
            self.grounds.clear()
        known = self.grounds[id(ground)] = KnownGround(ground, number, encoding)
        return known

    async def recall(self, numbers: Collection[int]) -> None:
        """Fetch the contents of these numbers, so that `content` and `ground` know them."""
        missing = [number for number in numbers if number not in self.contents]
        if missing:
            rows = await self.database.fetch(QUERIES["list_terms"], missing)
            self.contents.update((row["id"], row["content"]) for row in rows)
            self.kinds.update((row["id"], row["kind"]) for row in rows)

    def content(self, number: int) -> str:
        """What stands under a number that was recalled."""
        return self.contents[number]

    def key(self, number: int) -> ProofKey:
        """The key that stands under a number that was recalled, and its kind of proof.

        Raises:
            KeyError: what stands there is no key.
        """
        return _FORMS[self.kinds[number]], self.contents[number]

    def ground(self, number: int) -> bytes:
        """The encoding of the ground that stands under a number that was recalled."""
        if number not in self.encodings:
            form = json.decode(self.contents[number], type=GroundForm)
            self.encodings[number] = encode(form)
        return self.encodings[number]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dictionary:
    """All terms as they stand, by kind: no column finds a number of another kind than its own."""

    lawbooks: Mapping[int, str]
    consumers: Mapping[int, str]
    flows: Mapping[int, str]
    purposes: Mapping[int, str]
    keys: Mapping[int, ProofKey]
    grounds: Mapping[int, bytes]
    """Encodings of the grounds that can be read."""

    wrong: Mapping[int, str]
    """Terms that are not as this program writes them, and what is wrong with each."""

    @classmethod
    def of(cls, rows: Iterable[Record]) -> Self:
        """The terms of the rows of `all_terms`."""
        words: dict[int, dict[int, str]] = {kind.value: {} for kind in TermKind}
        grounds, wrong = dict[int, bytes](), dict[int, str]()
        for row in rows:
            number, kind, content = row["id"], row["kind"], row["content"]
            fault = "" if kind in words else f"no term is of kind {kind}"
            words.setdefault(kind, {})[number] = content
            if sha256(content.encode()).digest() != row["digest"]:
                fault = "its digest is that of other words"
            if kind == TermKind.GROUND:
                form = _ground(content)
                if form is not None:
                    grounds[number] = encode(form)
                if form is None or json.encode(form).decode() != content:
                    fault = "it is not the one way to write a ground"
            if fault:
                wrong[number] = fault
        return cls(
            lawbooks=words[TermKind.LAWBOOK],
            consumers=words[TermKind.CONSUMER],
            flows=words[TermKind.FLOW],
            purposes=words[TermKind.PURPOSE],
            keys={
                number: (form, content)
                for term, form in _FORMS.items()
                for number, content in words[term].items()
            },
            grounds=grounds,
            wrong=wrong,
        )


def _ground(content: str) -> GroundForm | None:
    try:
        return json.decode(content, type=GroundForm)
    except MsgspecError:
        return None
