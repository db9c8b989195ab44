"""What the house rules read: modules as text and tree, and every other text of the project."""

import ast
import io
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
SOURCE: Final = PurePosixPath("src/kruispunt")

FOLDERS: Final = (
    ".ci", "bench", "country", "deploy", "docs", "generated", "law", "migrations", "requirements",
    "scripts", "src", "storm", "systemd", "tests",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Module:
    """One Python module: where it stands from the root, and what it says."""

    path: PurePosixPath
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def in_source(self) -> bool:
        return self.path.is_relative_to(SOURCE)

    @cached_property
    def room(self) -> str:
        """The room that the module stands in; empty outside the source."""
        parts = self.path.parts
        return parts[2] if self.in_source and len(parts) > 3 else ""

    @property
    def dotted(self) -> str:
        """How the allow-lists call it: `audit/store.py`; with its folder outside the source."""
        return str(self.path.relative_to(SOURCE)) if self.in_source else str(self.path)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    @cached_property
    def functions(self) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...]:
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        return tuple(node for node in self.nodes if isinstance(node, kinds))

    @cached_property
    def strings(self) -> tuple[ast.Constant | ast.JoinedStr, ...]:
        """Strings that the program uses: no docstrings, no parts of other strings."""
        apart = {id(node.value) for node in self.nodes if isinstance(node, ast.Expr)}
        for node in self.nodes:
            if isinstance(node, ast.JoinedStr):
                apart.update(id(part) for part in node.values)
        return tuple(
            node
            for node in self.nodes
            if id(node) not in apart
            and (
                isinstance(node, ast.JoinedStr)
                or (isinstance(node, ast.Constant) and isinstance(node.value, str))
            )
        )

    @cached_property
    def comments(self) -> tuple[tuple[int, str], ...]:
        """Line number and text of every comment."""
        if "#" not in self.text:
            return ()
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return tuple(
            (token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT
        )


def literal(node: ast.Constant | ast.JoinedStr) -> str:
    """The text of a string, as far as it stands in the code."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(
        part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "{}"
        for part in parts
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A small module to try a rule on."""

    text: str
    path: str = "src/kruispunt/directory/sample.py"

    @property
    def module(self) -> Module:
        return Module(path=PurePosixPath(self.path), text=self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of the house, with a module that breaks it and one that keeps it."""

    name: str
    check: Callable[[Module], Iterator[str]]
    bad: Sample
    good: Sample

    def broken_by(self, modules: Iterator[Module]) -> list[str]:
        return [f"{module.path}: {what}" for module in modules for what in self.check(module)]


def modules() -> Iterator[Module]:
    """Every module of the source, the tests, the benchmarks and the storm."""
    for folder in ("src", "tests", "bench", "storm"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            yield Module(path=PurePosixPath(path.relative_to(ROOT).as_posix()), text=text)


def source() -> Iterator[Module]:
    """Every module of the source."""
    return (module for module in modules() if module.in_source)


def texts(*folders: str) -> Iterator[tuple[str, str]]:
    """Every text of the project, or of some of its folders: its path from the root, its words."""
    loose = [] if folders else [path for path in sorted(ROOT.iterdir()) if path.is_file()]
    within = [ROOT / folder for folder in folders or FOLDERS]
    found = (path for folder in within for path in sorted(folder.rglob("*")) if path.is_file())
    for path in (*loose, *found):
        if "__pycache__" in path.parts:
            continue
        try:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
