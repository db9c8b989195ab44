"""The typeface of letters: parsed once for a process, lent to each letter, cut to what it uses."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.fonts import SubsetMap, TTFFont

FONTS: Final = Path(__file__).parent / "fonts"
FONT: Final = "DejaVuSansCondensed"
FILES: Final[Mapping[str, Path]] = {"": FONTS / f"{FONT}.ttf", "B": FONTS / f"{FONT}-Bold.ttf"}

USUAL: Final = frozenset((*range(0x20, 0x180), *range(0x2010, 0x2027), 0x20AC))
"""Signs of most letters: Latin ones, dashes, quotes, the euro."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One weight, parsed. `light`: its file without what paper has no use for.

    `usual`: the same with those glyphs only that most letters do with; `names`: what these are
    called.
    """

    font: TTFFont
    light: bytes
    usual: bytes
    names: frozenset[str]

    def lend(self) -> TTFFont:
        """The weight for one letter, which has used nothing of it yet."""
        lent = copy.copy(self.font)
        lent.subset = SubsetMap(lent)
        lent.missing_glyphs = []
        return lent

    def embed(self, lent: TTFFont) -> None:
        """Give what was lent the file out of which its glyphs are cut, once all are known."""
        used = {glyph.glyph_name for glyph, _ in lent.subset.items() if glyph is not None}
        usual = used <= self.names
        # Whoever embeds it cuts it, and spoils it so. Boxes stay as they are: else every glyph
        # would be unpacked and packed again.
        file = BytesIO(self.usual if usual else self.light)
        lent.ttfont = TTFont(file, recalcTimestamp=False, recalcBBoxes=False, lazy=True)


@cache
def faces() -> Mapping[str, Face]:
    """Each weight of the typeface, by the key under which a letter knows it."""
    paper = FPDF()
    for style, file in FILES.items():
        paper.add_font(FONT, style, file)
    fonts = (one for one in paper.fonts.values() if isinstance(one, TTFFont))
    return {one.fontkey: _face(one, FILES[one.fontkey[len(FONT) :]]) for one in fonts}


def _face(font: TTFFont, file: Path) -> Face:
    whole = TTFont(file, lazy=True)
    signs = whole.getBestCmap() or {}
    glyphs = {signs[one] for one in USUAL if one in signs}
    # A glyph is called by the signs that it stands for: all of them, or it has another name.
    usual = _cut(file, {one for one, glyph in signs.items() if glyph in glyphs})
    names = frozenset(TTFont(BytesIO(usual), lazy=True).getGlyphOrder())
    return Face(font=font, light=_cut(file, signs), usual=usual, names=names)


def _cut(file: Path, signs: Iterable[int]) -> bytes:
    """The glyphs of these signs, without hints for screens and without rules for other scripts."""
    font = TTFont(file, recalcTimestamp=False, lazy=True)
    cutter = Subsetter(
        Options(
            notdef_outline=True,
            recommended_glyphs=True,
            glyph_names=True,
            hinting=False,
            layout_features=[],
            name_IDs=[],
        )
    )
    cutter.populate(unicodes=signs)  # pyright: ignore[reportUnknownMemberType] - fontTools has no types
    cutter.subset(font)  # pyright: ignore[reportUnknownMemberType] - fontTools has no types
    cut = BytesIO()
    font.save(cut)
    return cut.getvalue()
