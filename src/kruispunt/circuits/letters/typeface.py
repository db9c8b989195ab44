"""The typeface of letters: parsed once for a process, lent to each letter, cut to what it uses."""

import copy
from collections.abc import Mapping
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One weight, parsed. `light`: its file without what paper has no use for."""

    font: TTFFont
    light: bytes

    def lend(self) -> TTFFont:
        """The weight for one letter, which has used nothing of it yet."""
        lent = copy.copy(self.font)
        lent.subset = SubsetMap(lent)
        lent.missing_glyphs = []
        # Whoever embeds it cuts it, and spoils it so. Boxes stay as they are: else every glyph
        # would be unpacked and packed again.
        light = BytesIO(self.light)
        lent.ttfont = TTFont(light, recalcTimestamp=False, recalcBBoxes=False, lazy=True)
        return lent


@cache
def faces() -> Mapping[str, Face]:
    """Each weight of the typeface, by the key under which a letter knows it."""
    paper = FPDF()
    for style, file in FILES.items():
        paper.add_font(FONT, style, file)
    fonts = (one for one in paper.fonts.values() if isinstance(one, TTFFont))
    return {
        one.fontkey: Face(font=one, light=_light(FILES[one.fontkey[len(FONT) :]])) for one in fonts
    }


def _light(file: Path) -> bytes:
    """All letters, without hints for screens and without rules for other scripts."""
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
    cutter.populate(unicodes=font.getBestCmap())  # pyright: ignore[reportUnknownMemberType] - fontTools has no types
    cutter.subset(font)  # pyright: ignore[reportUnknownMemberType] - fontTools has no types
    light = BytesIO()
    font.save(light)
    return light.getvalue()
