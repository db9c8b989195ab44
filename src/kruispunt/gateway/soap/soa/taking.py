"""Children of an element, taken one by one in their order; all that is wrong is told at once."""

import re
from collections.abc import Collection
from typing import Final

from kruispunt.client import SCHEMA_VIOLATION, UNKNOWN_INPUT
from kruispunt.gateway.soap.xml import Element
from kruispunt.vocabulary import Issue, Malformed

UNFIT: Final = "the body does not fit its schema"


class Taking:
    """What stands inside an element. Order counts, as the schema says; attributes do not.

    A child may stand in no namespace, as the schema says, or in one of `spaces`: some clients
    write it so.
    """

    def __init__(
        self,
        element: Element,
        *,
        spaces: Collection[str],
        path: str = "",
        issues: list[Issue] | None = None,
    ) -> None:
        self.issues: list[Issue] = [] if issues is None else issues
        self.spaces = spaces
        self._path = path
        self._left = list(element.iterchildren("*"))  # neither comments nor instructions
        self._left.reverse()
        self._wrong = len(self._left) > 0 and bool((element.text or "").strip())

    @classmethod
    def of_body(cls, body: Element, tag: str, *, spaces: Collection[str]) -> "Taking":
        """What stands inside the one element of a body; an issue where it is not that of `tag`."""
        taking = cls(body, spaces=spaces)
        if body.tag != tag:
            taking._tell("body", f"expected the element {tag}")
        return taking

    def text(self, name: str, form: re.Pattern[str], rule: str) -> str:
        """The text of the next child, that has to be there; empty where it is wrong."""
        found = self.maybe(name, form, rule)
        if found is None:
            self._tell(name, "the element is missing, or not in its place")
        return found or ""

    def maybe(self, name: str, form: re.Pattern[str], rule: str) -> str | None:
        """The text of the next child, if that is its name; None: it is another one."""
        child = self._next(name)
        if child is None:
            return None
        text = "" if len(child) else (child.text or "").strip()
        if len(child) or not form.fullmatch(text):
            self._tell(name, f"expected {rule}")
            return ""
        return text

    def inside(self, name: str) -> "Taking | None":
        """What stands inside the next child, if that is its name; None: it is another one."""
        child = self._next(name)
        if child is None:
            return None
        return Taking(child, spaces=self.spaces, path=f"{self._path}{name}.", issues=self.issues)

    def must(self, name: str) -> "Taking | None":
        """What stands inside the next child, that has to be there."""
        found = self.inside(name)
        if found is None:
            self._tell(name, "the element is missing, or not in its place")
        return found

    def skip(self, name: str) -> None:
        """The next child is not looked at, if that is its name."""
        self._next(name)

    def close(self) -> None:
        """Nothing else stands inside."""
        if self._left or self._wrong:
            detail = "the element is unknown here, or not in its place"
            where = self._path + "?"
            self.issues.append(Issue(type=UNKNOWN_INPUT, where="body", name=where, detail=detail))

    def check(self) -> None:
        """Nothing, where nothing was wrong.

        Raises:
            Malformed: an issue for each thing that was.
        """
        if self.issues:
            raise Malformed(UNFIT, issues=self.issues)

    def _next(self, name: str) -> Element | None:
        if self._left:
            space, _, local = str(self._left[-1].tag).rpartition("}")
            if local == name and (not space or space[1:] in self.spaces):
                return self._left.pop()
        return None

    def _tell(self, name: str, detail: str) -> None:
        issue = Issue(type=SCHEMA_VIOLATION, where="body", name=self._path + name, detail=detail)
        self.issues.append(issue)
