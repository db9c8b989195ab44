"""Pages of the reference, written from the types: problems, audit codes, settings."""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from kruispunt import vocabulary
from kruispunt.cli.pages import markdown_table
from kruispunt.cli.settings import FILE, describe_settings
from kruispunt.vocabulary import Ending, NumberStatus, Problem, Reason


def type_pages(source: Path) -> Iterator[tuple[str, str]]:
    """Path and text of every page that types fill; `source` is the folder of the rooms."""
    yield "problems.md", _problems()
    yield "audit.md", _audit()
    yield "settings.md", _settings(source)


def _problems() -> str:
    public = (vars(vocabulary)[name] for name in vocabulary.__all__)
    kinds = [kind for kind in public if inspect.isclass(kind) and issubclass(kind, Problem)]
    sections = "".join(
        f"## {kind.__name__}\n\n{inspect.getdoc(kind)}\n\n"
        f"- status: {kind.status}\n- type: `{kind.type}`\n- title: {kind.title}\n\n"
        for kind in sorted(kinds, key=lambda kind: (kind.status, kind.__name__))
    )
    return (
        "# Problems\n\nWhat the caller is told when something is wrong, as "
        f"`application/problem+json` (RFC 9457).\n\n{sections}"
    )


def _audit() -> str:
    reasons = _members(Reason)
    told = markdown_table(
        ("reason", "the consumer hears", "meaning"),
        (
            (f"`{reason}`", f"`{reason.told}`" if reason.told else "an empty answer", meaning)
            for reason, meaning in ((Reason(value), text) for value, text in reasons.items())
        ),
    )
    return (
        "# Codes of the trail\n\nCodes in stored entries never change their meaning.\n\n"
        f"## Reasons to refuse\n\n{told}\n"
        f"## Endings of a granted look\n\n{_codes(Ending)}\n"
        f"## Status of a number\n\n{_codes(NumberStatus)}"
    )


def _codes(codes: type[StrEnum]) -> str:
    rows = ((f"`{value}`", text) for value, text in _members(codes).items())
    return f"{inspect.getdoc(codes)}\n\n{markdown_table(('code', 'meaning'), rows)}"


def _members(codes: type[StrEnum]) -> Mapping[str, str]:
    """The values of an enumeration, each with the docstring that stands under it."""
    tree = ast.parse(inspect.getsource(codes))
    texts = {name: text for name, _, _, text in _attributes(tree.body[0])}
    return {member.value: texts.get(member.name, "") for member in codes}


def _settings(source: Path) -> str:
    ours = markdown_table(
        ("key", "type", "default", "meaning"),
        (
            (f"`{row.key}`", f"`{row.type}`", f"`{row.default}`", row.description)
            for row in describe_settings()
        ),
    )
    station = ast.parse((source / "station/settings.py").read_text(encoding="utf-8"))
    kinds = [one for one in station.body if isinstance(one, ast.ClassDef) and _is_struct(one)]
    return (
        f"# Settings\n\nOne file `{FILE}` in the state folder; a key that is not known stops us."
        f"\n\n{ours}\n# The file of a station\n\n" + "\n".join(map(_setting, kinds))
    )


def _is_struct(node: ast.ClassDef) -> bool:
    return any(ast.unparse(parent).split(".")[-1] == "Struct" for parent in node.bases)


def _setting(node: ast.ClassDef) -> str:
    table = markdown_table(
        ("key", "type", "default", "meaning"),
        (
            (f"`{name}`", f"`{kind}`", f"`{default}`" if default else "required", text)
            for name, kind, default, text in _attributes(node)
        ),
    )
    docstring = ast.get_docstring(node)
    opening = f"{docstring}\n\n" if docstring else ""
    return f"## {node.name.strip('_')}\n\n{opening}{table}"


def _attributes(node: ast.AST) -> Iterator[tuple[str, str, str, str]]:
    """Name, type, default and docstring of each attribute of a class."""
    body = node.body if isinstance(node, ast.ClassDef) else []
    for statement, after in zip(body, [*body[1:], None], strict=True):
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind, value=value):
                default = ast.unparse(value) if value else ""
                yield name, _kind(kind), default, _docstring(after)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, "", ast.unparse(value), _docstring(after)
            case _:
                continue


def _kind(annotation: ast.expr) -> str:
    """A type as people read it: `int, ge 1, le 64` for an annotated one."""
    match annotation:
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[kind, *metas])):
            limits = (limit for meta in metas for limit in getattr(meta, "keywords", ()))
            words = (f", {limit.arg} {ast.unparse(limit.value)}" for limit in limits)
            return _kind(kind) + "".join(words)
        case _:
            return re.sub(r"\b_(?=[A-Z])", "", ast.unparse(annotation))


def _docstring(node: ast.stmt | None) -> str:
    match node:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return inspect.cleandoc(text)
        case _:
            return ""
