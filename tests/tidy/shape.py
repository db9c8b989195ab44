"""Rules of size and shape, as far as a machine can see them."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from tests.tidy.house import Module, Rule, Sample

MODULE_LINES: Final = 400
FUNCTION_LINES: Final = 50
POSITIONAL: Final = 5
PURE: Final = frozenset({"vocabulary", "law", "authorisation"})
NOT_A_ROOM: Final = frozenset({"utils", "helpers", "common", "base", "core", "manager", "service"})
DOORS: Final = frozenset({"gateway", "station", "web", "cli"})
IGNORES: Final = re.compile(r"#\s*(?:type|pyright):\s*ignore(?:\[[^\]]*\])?")


def small_modules(module: Module) -> Iterator[str]:
    lines = module.text.count("\n")
    if lines > MODULE_LINES:
        yield f"{lines} lines, {MODULE_LINES} at most"


def small_functions(module: Module) -> Iterator[str]:
    for function in module.functions:
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        if lines > FUNCTION_LINES:
            yield f"{function.name} has {lines} lines, {FUNCTION_LINES} at most"


def docstrings(module: Module) -> Iterator[str]:
    if module.path.parts[0] != "tests" and not ast.get_docstring(module.tree):
        yield "no docstring says what it is for"


def no_shapeless_names(module: Module) -> Iterator[str]:
    for part in module.path.with_suffix("").parts:
        if part.strip("_") in NOT_A_ROOM:
            yield f"{part} says nothing: find the missing noun"


def imports_at_the_top(module: Module) -> Iterator[str]:
    for function in module.functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield f"line {node.lineno}: import inside {function.name}"


def rooms_by_their_door(module: Module) -> Iterator[str]:
    for node in module.nodes if module.room else ():
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = node.module.split(".")
            if parts[0] == "kruispunt" and len(parts) > 2 and parts[1] != module.room:
                yield f"line {node.lineno}: import from kruispunt.{parts[1]}, not from inside it"


def rooms_say_what_is_public(module: Module) -> Iterator[str]:
    is_room = module.in_source and module.room not in {"", "cli"} and len(module.path.parts) == 4
    if is_room and module.path.name == "__init__.py" and "__all__ = [" not in module.text:
        yield "no __all__"


def few_positional_parameters(module: Module) -> Iterator[str]:
    for function in module.functions:
        arguments = [*function.args.posonlyargs, *function.args.args]
        names = [argument.arg for argument in arguments if argument.arg not in {"self", "cls"}]
        if module.in_source and len(names) > POSITIONAL and not function.name.startswith("__"):
            yield f"line {function.lineno}: {function.name} has {len(names)} parameters by place"


def frozen_dataclasses(module: Module) -> Iterator[str]:
    for node in module.nodes if module.room in PURE else ():
        if not isinstance(node, ast.ClassDef):
            continue
        for decorator in node.decorator_list:
            words = ast.unparse(decorator)
            if words.split("(")[0].endswith("dataclass") and "frozen=True" not in words:
                yield f"line {node.lineno}: {node.name} is not frozen"


def no_broad_except(module: Module) -> Iterator[str]:
    """Outside a door everything may be caught only to pass it on, as it came, at the end."""
    if not module.in_source or module.room in DOORS:
        return
    for node in module.nodes:
        if isinstance(node, ast.ExceptHandler) and ast.unparse(node.body[-1]) != "raise":
            caught = "everything" if node.type is None else ast.unparse(node.type)
            if re.search(r"\b(everything|Exception|BaseException)\b", caught):
                yield f"line {node.lineno}: catches {caught} outside a door"


def no_print(module: Module) -> Iterator[str]:
    for node in module.nodes if module.in_source and module.room != "cli" else ():
        prints = isinstance(node, ast.Call) and ast.unparse(node.func) in {"print", "pprint"}
        if prints:
            yield f"line {getattr(node, 'lineno', 0)}: prints"


def reasons_for_ignores(module: Module) -> Iterator[str]:
    for line, comment in module.comments:
        found = IGNORES.search(comment)
        if found and not re.search(r"[a-z]{3}", comment[found.end() :]):
            yield f"line {line}: {found.group()} without a reason beside it"


def nothing_uncovered_or_undone(module: Module) -> Iterator[str]:
    for line, comment in module.comments:
        if module.in_source and "no cover" in comment:
            yield f"line {line}: hides code from coverage"
        if re.search(r"\b(TODO|FIXME|XXX)\b", comment) and not re.search(r"#\d+", comment[1:]):
            yield f"line {line}: left undone without an issue number"
    for node in module.nodes if module.in_source else ():
        stub = isinstance(node, ast.Raise) and "NotImplementedError" in ast.unparse(node)
        if stub:
            yield f"line {getattr(node, 'lineno', 0)}: a stub"


def no_untyped_dicts(module: Module) -> Iterator[str]:
    if not module.in_source or module.room in DOORS:
        return
    for function in module.functions:
        arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        types = [function.returns, *(argument.annotation for argument in arguments)]
        words = " ".join(ast.unparse(one) for one in types if one)
        if not function.name.startswith("_") and re.search(r"\b(dict|Mapping)\[str, Any\]", words):
            yield f"line {function.lineno}: {function.name} takes or gives an untyped dictionary"


def stores_state_their_trust(module: Module) -> Iterator[str]:
    if module.in_source and module.path.name == "store.py" and "Trust: " not in module.text:
        yield "no line `Trust: …`: what could someone who writes to it make us do?"


def _function(lines: int) -> str:
    return "def long():\n" + "    pass\n" * lines


DOOR: Final = "src/kruispunt/gateway/door.py"
JUDGE: Final = "src/kruispunt/authorisation/decide.py"

SHAPE: Final = (
    Rule(
        name="a module has at most 400 lines",
        check=small_modules,
        bad=Sample(text="x = 1\n" * 401),
        good=Sample(text="x = 1\n" * 400),
    ),
    Rule(
        name="a function has at most 50 lines",
        check=small_functions,
        bad=Sample(text=_function(50)),
        good=Sample(text=_function(49)),
    ),
    Rule(
        name="every module says what it is for",
        check=docstrings,
        bad=Sample(text="x = 1\n"),
        good=Sample(text='"""Holds x."""\n'),
    ),
    Rule(
        name="no module is called by a word that says nothing",
        check=no_shapeless_names,
        bad=Sample(text="", path="src/kruispunt/audit/utils.py"),
        good=Sample(text="", path="src/kruispunt/audit/leaf.py"),
    ),
    Rule(
        name="nothing is imported inside a function",
        check=imports_at_the_top,
        bad=Sample(text="def f():\n    import json\n"),
        good=Sample(text="import json\n"),
    ),
    Rule(
        name="a room is entered by its own names",
        check=rooms_by_their_door,
        bad=Sample(text="from kruispunt.law.types import Clause\n"),
        good=Sample(text="from kruispunt.law import Clause\n"),
    ),
    Rule(
        name="a room says what is public",
        check=rooms_say_what_is_public,
        bad=Sample(text='"""A room."""\n', path="src/kruispunt/audit/__init__.py"),
        good=Sample(text="__all__ = []\n", path="src/kruispunt/audit/__init__.py"),
    ),
    Rule(
        name="a function takes few parameters by their place",
        check=few_positional_parameters,
        bad=Sample(text="def f(a, b, c, d, e, f): ...\n"),
        good=Sample(text="def f(self, a, b, c, d, e, *, f): ...\n"),
    ),
    Rule(
        name="words, law and decisions never change once they are made",
        check=frozen_dataclasses,
        bad=Sample(text="@dataclass(slots=True)\nclass A: ...\n", path=JUDGE),
        good=Sample(text="@dataclass(frozen=True)\nclass A: ...\n", path=JUDGE),
    ),
    Rule(
        name="everything is caught only at a door",
        check=no_broad_except,
        bad=Sample(text="try:\n    f()\nexcept (OSError, Exception):\n    g()\n"),
        good=Sample(text="try:\n    f()\nexcept Exception:\n    g()\n", path=DOOR),
    ),
    Rule(
        name="only the command line prints",
        check=no_print,
        bad=Sample(text='print("x")\n'),
        good=Sample(text='print("x")\n', path="src/kruispunt/cli/say.py"),
    ),
    Rule(
        name="a type check that is silenced says why",
        check=reasons_for_ignores,
        bad=Sample(text="x = f()  # type: ignore[arg-type]\n"),
        good=Sample(text="x = f()  # type: ignore[arg-type]  wrong on purpose\n"),
    ),
    Rule(
        name="nothing is hidden from coverage or left undone",
        check=nothing_uncovered_or_undone,
        bad=Sample(text="def f():  # pragma: no cover\n    raise NotImplementedError\n"),
        good=Sample(text="x = 1  # TODO (#12): the second year\n"),
    ),
    Rule(
        name="no untyped dictionary crosses a room",
        check=no_untyped_dicts,
        bad=Sample(text="def f(x: dict[str, Any]) -> None: ...\n"),
        good=Sample(text="def f(x: dict[str, int]) -> None: ...\n"),
    ),
    Rule(
        name="a store says how far it is trusted",
        check=stores_state_their_trust,
        bad=Sample(text='"""A store."""\n', path="src/kruispunt/audit/store.py"),
        good=Sample(text='"""A store.\n\nTrust: none."""\n', path="src/kruispunt/audit/store.py"),
    ),
)
