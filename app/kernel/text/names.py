"""What people type as names: cleaned, checked, and compared as eyes compare."""

import re
import unicodedata
from collections.abc import Collection

from app.kernel.errors import N_, Message

# Letters of one alphabet that look like letters of another (Unicode TS 39's
# idea, cut down to the alphabets our players write).
_LOOKS_LIKE = str.maketrans(
    {
        "а": "a", "ә": "a", "в": "b", "с": "c", "е": "e", "ё": "e", "ғ": "f", "һ": "h",
        "н": "h", "і": "i", "ї": "i", "ı": "i", "l": "i", "1": "i", "|": "i", "ј": "j",
        "к": "k", "қ": "k", "м": "m", "о": "o", "ө": "o", "0": "o", "р": "p", "т": "t",
        "ү": "y", "ұ": "y", "у": "y", "х": "x", "ѕ": "s", "5": "s", "ԁ": "d", "ԛ": "q",
        "ԝ": "w", "ѵ": "v", "ӏ": "i", "з": "3", "ч": "4", "б": "6", "ң": "h", "г": "r",
        "п": "n", "и": "u", "ь": "b", "ъ": "b", "я": "r", "й": "u",
    }
)  # fmt: skip
_SLUG = {
    "а": "a", "ә": "a", "б": "b", "в": "v", "г": "g", "ғ": "g", "д": "d", "е": "e", "ё": "e",
    "ж": "zh", "з": "z", "и": "i", "й": "i", "к": "k", "қ": "q", "л": "l", "м": "m", "н": "n",
    "ң": "n", "о": "o", "ө": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ұ": "u",
    "ү": "u", "ф": "f", "х": "h", "һ": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch",
    "ы": "y", "і": "i", "э": "e", "ю": "yu", "я": "ya", "ь": "", "ъ": "",
}  # fmt: skip
# `/clans/new` and `/tournaments/new` are forms, whatever a clan is called.
OUR_PAGES = ("new",)
_NAME = re.compile(r"[\w .,'’!&+\-]*")


def clean(text: str) -> str:
    """One line, composed (NFC), without stray white space at the ends or doubled."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def skeleton(text: str) -> str:
    """What is left when look-alikes, case, marks and punctuation are the same.

    Two names with one skeleton could be taken for each other.
    """
    letters = unicodedata.normalize("NFKD", text).casefold().translate(_LOOKS_LIKE)
    # Composed again: a Korean syllable is one letter, not three.
    return unicodedata.normalize("NFC", "".join(filter(str.isalnum, letters)))


def slug(text: str, *, longest: int = 40) -> str:
    """Latin letters, digits and hyphens for an address; `x` when nothing is left."""
    latin = "".join(_SLUG.get(letter, letter) for letter in clean(text).casefold())
    plain = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:longest].strip("-") or "x"


def free_slug(wanted: str, used: Collection[str]) -> str:
    """`wanted`, with a number where another has it or a page of ours is there."""
    number = 1
    free = wanted
    while free in used or free in OUR_PAGES:
        number += 1
        free = f"{wanted}-{number}"
    return free


def wrong_name(text: str, *, shortest: int, longest: int) -> Message | None:
    """What is wrong with a name that was `clean`ed, or None."""
    if not text:
        return Message(N_("Please fill this in."))
    if len(text) < shortest or len(text) > longest:
        return Message(
            N_("Use {shortest} to {longest} characters; this has {length}."),
            shortest=shortest,
            longest=longest,
            length=len(text),
        )
    if not _NAME.fullmatch(text) or not _readable(text):
        return Message(N_("Use letters, digits, spaces and . , ' ! & + - only."))
    return None


def _readable(text: str) -> bool:
    """Whether eyes can read it: something is there, and no sign stands for a whole phrase.

    The key of a name that passes fits its column, which is more than twice as wide.
    """
    return 0 < len(skeleton(text)) <= 2 * len(text)


def wrong_text(text: str, *, longest: int) -> Message | None:
    """What is wrong with longer text (may be empty), or None."""
    if len(text) > longest:
        return Message(
            N_("Use at most {longest} characters; this has {length}."),
            longest=longest,
            length=len(text),
        )
    if any(
        unicodedata.category(letter) in ("Cc", "Cf", "Cs")
        for letter in text
        if letter not in "\r\n\t\u200d\u200c"
    ):
        return Message(N_("This holds characters that cannot be shown."))
    return None
