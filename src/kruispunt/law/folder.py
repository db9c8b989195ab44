"""Reading the files of `law/`: bytes become texts, and what cannot be read becomes a fault."""

import csv
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Generic, TypeVar, cast

import msgspec

from kruispunt.law.faults import Fault
from kruispunt.vocabulary import UNREADABLE

T = TypeVar("T")
AT: Final = " - at `$"
ID: Final = re.compile(r'^(?:id|name) = "(.+)"', re.MULTILINE)

Table = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed(Generic[T]):
    """Something read, with the file and place where it stands."""

    file: str
    path: str
    text: T


@dataclass(frozen=True, slots=True)
class Folder:
    """A law folder being read; faults gather here, so that all of them are told at once."""

    root: Path
    faults: list[Fault] = field(default_factory=list[Fault])
    broken: set[str] = field(default_factory=set[str])
    """Ids that stand in the law but could not be read: naming them is not a second fault."""

    def fault(self, placed: Placed[T], message: str) -> None:
        """Note that something read is wrong."""
        self.faults.append(Fault(placed.file, placed.path, message))

    def files(self, pattern: str) -> list[Path]:
        """Files under the law folder, in the order of their names."""
        return sorted(self.root.glob(pattern))

    def name(self, path: Path) -> str:
        """The name of a file under the law folder, the same on every machine."""
        return path.relative_to(self.root).as_posix()

    def table(self, name: str) -> Table | None:
        """A TOML file as it is; None where it cannot be read."""
        text = ""
        try:
            text = (self.root / name).read_text(encoding="utf-8")
            return tomllib.loads(text)
        except (OSError, *UNREADABLE) as wrong:
            self.faults.append(Fault(name, "$", _reading(wrong)))
            self.broken.update(ID.findall(text))
            return None

    def rows(self, name: str, columns: tuple[str, ...]) -> list[Placed[dict[str, str]]]:
        """The rows of a CSV file that has exactly these columns."""
        path = self.root / name
        try:
            with path.open(encoding="utf-8", newline="") as lines:
                reader = csv.DictReader(lines, strict=True)
                found = tuple(reader.fieldnames or ())
                if found != columns:
                    message = f"expected columns {', '.join(columns)}, found {', '.join(found)}"
                    self.faults.append(Fault(name, "line 1", message))
                    return []
                return list(self._rows(name, reader))
        except (OSError, UnicodeDecodeError, csv.Error) as wrong:
            self.faults.append(Fault(name, "$", _reading(wrong)))
            return []

    def one(self, name: str, table: Table, type_: type[T]) -> Placed[T] | None:
        """What a whole file says of itself, its lists of tables having been taken out."""
        return self._convert(name, "$", table, type_)

    def many(self, name: str, table: Table, key: str, type_: type[T]) -> list[Placed[T]]:
        """Take a list of tables out of a file and read each, so that one fault hides no other."""
        items = table.pop(key, [])
        if not isinstance(items, list):
            self.faults.append(Fault(name, f"$.{key}", "expected a list of tables"))
            return []
        read = (
            self._convert(name, f"$.{key}[{number}]", item, type_)
            for number, item in enumerate(cast("list[object]", items))
        )
        return [placed for placed in read if placed is not None]

    def _rows(self, name: str, reader: "csv.DictReader[str]") -> Iterator[Placed[dict[str, str]]]:
        for row in reader:
            path = f"line {reader.line_num}"
            if None in row or None in row.values():
                self.faults.append(Fault(name, path, "expected as many cells as columns"))
            else:
                yield Placed(file=name, path=path, text=row)

    def _convert(self, name: str, place: str, item: object, type_: type[T]) -> Placed[T] | None:
        try:
            text = msgspec.convert(item, type=type_)
        except msgspec.ValidationError as wrong:
            message, _, inner = str(wrong).partition(AT)
            self.faults.append(Fault(name, place + inner.rstrip("`"), message))
            self.broken.update(_ids(item))
            return None
        return Placed(file=name, path=place, text=text)


def _ids(item: object) -> set[str]:
    if not isinstance(item, dict):
        return set()
    table = cast("Table", item)
    return {name for key in ("id", "name") if isinstance(name := table.get(key), str)}


def _reading(wrong: Exception) -> str:
    return wrong.strerror or "cannot be read" if isinstance(wrong, OSError) else str(wrong)
