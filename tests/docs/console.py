"""Reads the console blocks of documents that are marked to be run, and runs them."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
BLOCK: Final = re.compile(
    r"<!-- run -->\n```console\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE
)
SECONDS: Final = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block: where it stands, the commands in it, and the lines that it promises."""

    place: str
    commands: tuple[str, ...]
    promised: tuple[str, ...]


def blocks(place: str, text: str) -> list[Block]:
    """The blocks of a document that follow `<!-- run -->`."""
    return [_block(place, text, found) for found in BLOCK.finditer(text)]


def _block(place: str, text: str, found: re.Match[str]) -> Block:
    lines = found["body"].replace("\\\n", " ").splitlines()
    return Block(
        place=f"{place}:{text.count(chr(10), 0, found.start()) + 1}",
        commands=tuple(line[2:] for line in lines if line.startswith("$ ")),
        promised=tuple(line for line in lines if line.strip() and not line.startswith("$ ")),
    )


def missing(promised: tuple[str, ...], output: str) -> list[str]:
    """Promised lines that do not come, in their order.

    A line is promised word for word; `…` at its begin or end stands for anything, and a line
    that is nothing but `…` for any lines.
    """
    lines = iter(output.splitlines())
    wanted = (line for line in promised if line.strip() != "…")
    return [line for line in wanted if not any(_is(line, seen) for seen in lines)]


def _is(promised: str, seen: str) -> bool:
    words = re.escape(promised.strip()).replace("…", ".*")
    return re.fullmatch(words, seen.strip()) is not None


def run(block: Block, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the commands of a block in one shell, in an empty folder, with our program in reach."""
    programs = folder / ".bin"
    programs.mkdir()
    program = programs / "kruispunt"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kruispunt "$@"\n', encoding="utf-8")
    program.chmod(0o700)
    path = os.pathsep.join((str(programs), str(Path(sys.executable).parent), os.environ["PATH"]))
    return subprocess.run(
        ["bash", "-u", "-c", "\n".join(block.commands)],
        cwd=folder,
        env={**os.environ, "PATH": path, "HOME": str(folder), "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
