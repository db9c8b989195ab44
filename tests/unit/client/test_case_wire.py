"""Bodies about cases, wrong again and again: nothing but the same issues comes of it."""

import gc

import msgspec
import pytest

from kruispunt.client import DeclarationRequest, NewsRequest, Reader
from kruispunt.vocabulary import Malformed

ID = "00000000-0000-4000-8000-000000000001"
WRONG: list[object] = [
    {"x": 1.5},
    {"x": "y" * 1001},
    {"x": {"y": {"z": 1}}},
    {"x": [{"y": []}]},
    {f"f{n}": n for n in range(201)},
    {"a b": 1},
    [],
]


@pytest.mark.parametrize("content", WRONG, ids=range(len(WRONG)))
def test_a_wrong_content_is_told_alike_however_often_it_comes(content: object):
    bodies = {
        DeclarationRequest: {"id": ID, "request": ID, "content": content},
        NewsRequest: {"id": ID, "what": "declaration-received", "content": content},
    }
    told: set[tuple[str, ...]] = set()

    for kind, body in bodies.items():
        read, sent = Reader(kind).read, msgspec.json.encode(body)
        for _ in range(300):
            with pytest.raises(Malformed) as wrong:
                read(sent)
            told.add(tuple(f"{one.name}: {one.detail}" for one in wrong.value.issues))
        gc.collect()

    assert len(told) == 1
