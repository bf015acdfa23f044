"""Text as a search for patterns needs it, and traces of poor text recognition."""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache

_CYRILLIC = re.compile(r"[\u0400-\u052f]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]")
_WORD = re.compile(r"[^\W\d_]+")
_ODD = re.compile(r"[^\x00-\x7f][\u0300-\u036f]*|[\x00-\x7f][\u0300-\u036f]+|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: Signs that nobody sees and that files can't hold: of control, of no character, and those that turn the writing.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]"
)
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SEEN = re.compile(r"[^\W_]")


def cleaned(text: str) -> str:
    """Return `text` with one kind of line end, without blanks around it and without signs that nobody sees. "" when
    there is nothing in it to see."""
    text = _UNSEEN.sub("", _LINE_END.sub("\n", text)).strip()
    return text if _SEEN.search(text) or any(unicodedata.category(sign)[0] in "PSM" for sign in text) else ""


@lru_cache(maxsize=4096)
def _plain_sign(piece: str) -> str:
    signs = []
    for sign in unicodedata.normalize("NFKC", piece):
        category = unicodedata.category(sign)
        if category == "Nd":
            signs.append(str(unicodedata.decimal(sign)))
        elif category == "Pd" or sign == "\N{MINUS SIGN}":
            signs.append("-")
        elif category not in {"Cf", "Mn", "Me"} and (category != "Cc" or sign in "\t\n\r"):
            signs.append(" " if category == "Zs" else sign)
    return "".join(signs)


@dataclass(frozen=True)
class PlainText:
    """A text with plain digits, dashes and spaces and no invisible signs, that knows where each place came from."""

    text: str = field(repr=False)
    #: Places where a piece was replaced: here in the plain text, there in the original.
    here: list[int] = field(repr=False)
    there: list[int] = field(repr=False)

    @classmethod
    def of(cls, text: str) -> "PlainText":
        """Return `text` made plain. Takes time in proportion to the length."""
        if text.isascii() and (text.isprintable() or not _ODD.search(text)):
            return cls(text, [0], [0])
        parts: list[str] = []
        here, there, done, length = [0], [0], 0, 0
        for match in _ODD.finditer(text):
            piece = match.group()
            # A letter under a long row of accents is noise: look at the first few only.
            plain = _plain_sign(piece[:8])
            if plain == piece:
                continue
            parts += [text[done : match.start()], plain]
            length += match.start() - done
            done = match.end()
            for place, origin in ((length, match.start()), (length + len(plain), done)):
                here.append(place)
                there.append(origin)
            length += len(plain)
        return cls("".join([*parts, text[done:]]), here, there)

    def origin(self, place: int) -> int:
        """Return where `place` in the plain text is in the original."""
        index = bisect_right(self.here, place) - 1
        origin = self.there[index] + place - self.here[index]
        return min(origin, self.there[index + 1]) if index + 1 < len(self.there) else origin


def mixed_script_words(text: str) -> list[str]:
    """Return the words that mix Latin and Cyrillic letters (a trace of text recognition), each once, in order."""
    if not _CYRILLIC.search(text):
        return []
    words = (match.group() for match in _WORD.finditer(text))
    return list(dict.fromkeys(word for word in words if _CYRILLIC.search(word) and _LATIN.search(word)))
