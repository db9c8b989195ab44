"""A sheet of paper: sender, window for the address, parts with fields, lines to fill in."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Final, Literal

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from kruispunt.circuits.letters.typeface import FONT, faces
from kruispunt.circuits.letters.words import Wording
from kruispunt.circuits.sending import Addressee

MARGIN: Final = 20.0
LABEL: Final = 62.0
LINE: Final = 5.0
BLANK_LINE: Final = 8.0
WINDOW: Final = (110.0, 46.0)
"""Left and top of the window of the envelope, in millimetres."""

BODY: Final = 84.0
SMALL, PLAIN, LARGE = 8.0, 9.5, 13.0
GREY: Final = 110
LIGHT: Final = 190

Field = tuple[str, str | None]


class Paper(FPDF):
    """One letter in one language. The same calls with the same day give the same bytes.

    It inherits because the foot of a page is drawn by a method that is called back. Print away
    from the case: a letter takes 25 to 35 ms of a processor.
    """

    def __init__(self, words: Wording, *, title: str, foot: str, on: date) -> None:
        super().__init__(format="A4")
        self._words = words
        self._foot = foot
        self.set_creation_date(datetime(on.year, on.month, on.day, tzinfo=UTC))
        self.set_title(title)
        self.set_lang(words.language)
        self.set_margin(MARGIN)
        self.c_margin = 0  # rules begin and end where text does
        self.set_auto_page_break(auto=True, margin=MARGIN)
        self._lent = [(face, face.lend()) for face in faces().values()]
        self.fonts.update({lent.fontkey: lent for _, lent in self._lent})
        self.add_page()

    def footer(self) -> None:
        """The reference and ground on every page, and which page of how many."""
        self.set_y(-15)
        self._ink(SMALL, grey=GREY)
        pages = self._words.label.page.format(page=self.page_no(), pages="{nb}")
        self.cell(w=self.epw / 2, h=LINE, text=self._foot)
        self.cell(w=self.epw / 2, h=LINE, text=pages, align="R")

    def head(self, sender: Sequence[str], to: Addressee) -> None:
        """Who writes on the left, whom to on the right where envelopes have their window."""
        self._ink(SMALL)
        self.set_xy(MARGIN, MARGIN)
        for line in sender:
            self._line(line, width=80)
        left, top = WINDOW
        self._ink(PLAIN)
        self.set_y(top)
        for line in (to.name, *to.lines):
            self.set_x(left)
            self._line(line, width=80)

    def start(self, title: str, facts: Iterable[Field]) -> None:
        """The title, and the facts of the letter itself, under the window."""
        self.set_y(max(BODY, self.get_y() + LINE))
        self._ink(LARGE, bold=True)
        self._write(title, height=7)
        self._ink(SMALL, grey=GREY)
        told = " · ".join(f"{label}: {value}" for label, value in facts if value)
        self._write(told)
        self.ln(2)

    def say(self, text: str) -> None:
        """A paragraph, whole on one page."""
        self._keep(self._height(text))
        self._ink(PLAIN)
        self._write(text)
        self.ln(2)

    def part(self, heading: str, fields: Iterable[Field]) -> None:
        """A heading, and under it each field that is known; nothing at all where none is."""
        known = [(label, value) for label, value in fields if value]
        if known:
            self._heading(heading, rows=len(known))
            for label, value in known:
                self._row(label, value)
            self.ln(2)

    def blanks(self, heading: str, labels: Sequence[str], *, how: str) -> None:
        """How to fill in, a heading, and under it lines for it by hand, all on one page."""
        self._keep(self._height(how) + 2 * LINE + len(labels) * BLANK_LINE)
        self.say(how)
        self._heading(heading, rows=1)
        for label in labels:
            top = self.get_y()
            self._ink(PLAIN, grey=GREY)
            self.set_xy(MARGIN, top + BLANK_LINE - LINE - 1)
            self.cell(w=LABEL, h=LINE, text=label)
            self.set_draw_color(LIGHT)
            floor = top + BLANK_LINE - 1
            self.line(MARGIN + LABEL + 20, floor, MARGIN + self.epw, floor)
            self.set_xy(MARGIN, top + BLANK_LINE)

    def content(self) -> bytes:
        """The whole letter."""
        for face, lent in self._lent:
            face.embed(lent)
        return bytes(self.output())

    def _heading(self, text: str, *, rows: int) -> None:
        self._keep((rows + 2) * LINE)
        self._ink(PLAIN, bold=True)
        self._write(text, height=LINE + 1, border="B")
        self.ln(1)

    def _row(self, label: str, value: str) -> None:
        top, page = self.get_y(), self.page
        self._ink(PLAIN, grey=GREY)
        self._write(label, width=LABEL)
        floor = self.get_y()
        if self.page != page:
            top = floor - LINE
        self._ink(PLAIN)
        self.set_xy(MARGIN + LABEL, top)
        self._write(value)
        self.set_y(max(self.get_y(), floor))

    def _keep(self, height: float) -> None:
        """Go on where so many millimetres stay together."""
        if self.will_page_break(height):
            self.add_page()

    def _height(self, text: str) -> float:
        """Millimetres that a paragraph takes, with the space under it."""
        self._ink(PLAIN)
        return len(self._broken(text, width=self.epw)) * LINE + 2

    def _line(self, text: str, *, width: float) -> None:
        left = self.get_x()
        self._write(text, width=width, height=LINE - 0.5)
        self.set_x(left)

    def _write(
        self,
        text: str,
        *,
        width: float = 0,
        height: float = LINE,
        border: Literal["B", 0] = 0,
    ) -> None:
        """Text from here on, broken where the width ends; goes on at the margin under it."""
        left = self.x
        width = width or self.w - self.r_margin - left
        *lines, last = self._broken(text, width=width)
        for line in lines:
            self.cell(w=width, h=height, text=line, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            self.set_x(left)
        self.cell(w=width, h=height, text=last, border=border, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _broken(self, text: str, *, width: float) -> list[str]:
        """Lines of whole words; a word that is wider than a line goes on in the next."""
        lines = [""]
        for word in text.split():
            joined = f"{lines[-1]} {word}".lstrip()
            if self._wide(joined) <= width:
                lines[-1] = joined
                continue
            *pieces, rest = self._pieces(word, width=width)
            lines[-1:] = [one for one in (lines[-1], *pieces) if one]
            lines.append(rest)
        return lines

    def _pieces(self, word: str, *, width: float) -> list[str]:
        pieces = [""]
        for letter in word:
            if self._wide(pieces[-1] + letter) > width:
                pieces.append("")
            pieces[-1] += letter
        return pieces

    def _wide(self, text: str) -> float:
        """Millimetres that a text takes in this ink."""
        font = self.current_font
        assert isinstance(font, TTFFont), "expected an ink"
        return sum(map(font.cw.__getitem__, map(ord, text))) * self.font_size / 1000

    def _ink(self, size: float, *, bold: bool = False, grey: int = 0) -> None:
        self.set_font(FONT, "B" if bold else "", size)
        self.set_text_color(grey)
        self.set_draw_color(GREY)
