"""Questions that nobody may have answered: every one must be refused at the door."""

from collections.abc import Mapping

from bench.asks import LIFE_S, Chance, Door, signed, written
from kruispunt.web import make_key


def forgeries(door: Door, body: bytes, chance: Chance) -> Mapping[str, bytes]:
    """What a forger could send instead of a true question, by kind."""
    true = signed(door, body, chance)
    other = make_key(
        door.key.institution, key_id=door.key.key_id, random_bytes=chance.random_bytes
    )
    stranger = make_key("STRANGER", key_id="STRANGER/1", random_bytes=chance.random_bytes)
    changed = body.replace(b'"beginDate":"2', b'"beginDate":"1', 1)
    assert changed != body
    elsewhere = Door(url=door.url, path=door.path + "x", tag=door.tag, key=door.key)
    mistagged = Door(url=door.url, path=door.path, tag=door.tag + "x", key=door.key)
    return {
        "wrong key": written(door, body, signed(door.signed_by(other), body, chance)),
        "unknown key": written(door, body, signed(door.signed_by(stranger), body, chance)),
        "changed body": written(door, changed, true),
        "changed digest": written(door, changed, true | _digest(door, changed, chance)),
        "changed nonce": written(door, body, true | _other_nonce(door, body, chance)),
        "other path": written(door, body, signed(elsewhere, body, chance)),
        "other tag": written(door, body, signed(mistagged, body, chance)),
        "expired": written(door, body, signed(door, body, chance, age_s=LIFE_S + 100)),
        "not signed": written(door, body, {}),
    }


def _digest(door: Door, changed: bytes, chance: Chance) -> dict[str, str]:
    return {"content-digest": signed(door, changed, chance)["content-digest"]}


def _other_nonce(door: Door, body: bytes, chance: Chance) -> dict[str, str]:
    return {"signature-input": signed(door, body, chance)["signature-input"]}
