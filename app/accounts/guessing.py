"""What a guesser tries first: keyboard rows, counting, the alphabet, common words."""

ROWS = (
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю",
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
)
WORDS = ("password", "passw0rd", "parol", "пароль", "құпиясөз", "baige", "бәйге", "dota", "steam")
SHORTEST_RUN = 3
FEWEST_LEFT = 4

_RUNS = {
    row[start : start + SHORTEST_RUN]
    for both in ROWS
    for row in (both, both[::-1])
    for start in range(len(row) - SHORTEST_RUN + 1)
}


def is_guessable(password: str) -> bool:
    """Whether fewer than four different signs are left beside what everybody tries."""
    left = password.casefold()
    for word in WORDS:
        left = left.replace(word, "")
    return len(set(_without_runs(left))) < FEWEST_LEFT


def _without_runs(text: str) -> str:
    """`text` without the signs that stand in a run such as `123` or `rewq`."""
    starts = range(len(text) - SHORTEST_RUN + 1)
    in_runs = {
        place
        for start in starts
        if text[start : start + SHORTEST_RUN] in _RUNS
        for place in range(start, start + SHORTEST_RUN)
    }
    return "".join(letter for place, letter in enumerate(text) if place not in in_runs)
