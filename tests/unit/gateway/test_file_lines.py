"""Lines of CSV are read alike, whatever lines stood before them."""

from pathlib import Path
from random import Random

import pytest
from msgspec import structs
from tests.law.inventing import PERSON, SUCCESSOR

from kruispunt.exchange import BadLine, FileLine, FileMark
from kruispunt.gateway import LineFile
from kruispunt.vocabulary import Act

HEADS = ("ssin,sector,quality,begin,end", "begin,end,ssin,quality,sector")
CELLS = {
    "ssin": (PERSON.digits, SUCCESSOR.digits, "123", f'"{PERSON.digits}"'),
    "sector": ("5", "", "x"),
    "quality": ("002", "003", "2"),
    "begin": ("2031-01-01", "2031-02-01", ""),
    "end": ("2031-12-31", "", "2030-01-01"),
}


def read(folder: Path, head: str, *lines: str) -> list[FileLine | BadLine]:
    file = folder / "lines.csv"
    file.write_text("\n".join((head, *lines, "")))
    (block, _, _) = next(LineFile(path=file, act=Act.INTEGRATE).blocks(FileMark()))
    return block


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_line_is_read_as_if_it_stood_alone(tmp_path: Path, head: str, seed: int):
    dice = Random(seed)
    names = head.split(",")
    lines = [",".join(dice.choice(CELLS[name]) for name in names) for _ in range(120)]

    together = read(tmp_path, head, *lines)

    alone = [read(tmp_path, head, line)[0] for line in lines]
    assert together == [structs.replace(one, number=n + 2) for n, one in enumerate(alone)]
    assert {type(one) for one in together} == {FileLine, BadLine}
