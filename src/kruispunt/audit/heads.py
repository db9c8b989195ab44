"""Receipts: a path to the head of the commit group, and one signature for the whole group."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID
from weakref import WeakKeyDictionary

from kruispunt.postgres import Committed, Group
from kruispunt.vocabulary import Receipt, SmallTree, group_head


class HeadKey(Protocol):
    """A key that signs a head."""

    @property
    def key_id(self) -> str: ...

    def sign(self, data: bytes) -> bytes: ...


class Signer(Protocol):
    """Who signs the heads of groups: the key may change from one head to the next."""

    def current(self) -> HeadKey: ...


@dataclass(frozen=True, slots=True)
class Head:
    """The signed head of one commit group, and the tree below it."""

    tree: SmallTree
    recorded_at: datetime
    key_id: str
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """Makes receipts. A group's head is signed once and lives as long as the group does."""

    signer: Signer
    origin: str
    now: Callable[[], datetime]
    made: WeakKeyDictionary[Group, Head] = field(default_factory=WeakKeyDictionary[Group, Head])

    def receipt(self, entry: UUID, committed: Committed) -> Receipt:
        """The receipt of an entry that was committed at this place of its group."""
        group, index = committed.group, committed.index
        head = self.made.get(group) or self._sign(group)
        return Receipt(
            entry=entry,
            recorded_at=head.recorded_at,
            leaf=group.marks[index],
            index=index,
            size=len(group.marks),
            path=head.tree.path(index),
            root=head.tree.root,
            origin=self.origin,
            key_id=head.key_id,
            signature=head.signature,
        )

    def _sign(self, group: Group) -> Head:
        tree, at = SmallTree.over(group.marks), self.now()
        text = group_head(
            origin=self.origin, size=len(group.marks), root=tree.root, recorded_at=at
        )
        key = self.signer.current()
        head = self.made[group] = Head(tree, at, key.key_id, key.sign(text))
        return head
