"""What the events about one map of a load add up to. Pure.

MatchZy counts maps from 0 here. Events come in no order; a round can be played
again after a backup was restored, and only then is told twice.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from integrations.matchzy.events import Event, Heard

GOING_LIVE, ROUND, RESULT = "going_live", "round_end", "map_result"
OF_A_MAP = (GOING_LIVE, ROUND, RESULT)
MOST_MAPS = 10

REGULATION, OVERTIME = 13, 3
# Faster than anybody plays: then the times of arrival are not those of the rounds.
FASTEST_ROUND, LONGEST_MAP = 30, 4 * 3_600


class MapAccount(msgspec.Struct, frozen=True, kw_only=True):
    """One map: when it began (arrival of its first event), how far it is.

    `score` is of the last round there is word of, `result` of the map's own end.
    """

    number: int
    began: datetime
    score: tuple[int, int] | None = None
    result: tuple[int, int] | None = None
    players: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    seconds: int = 0

    @property
    def final(self) -> tuple[int, int] | None:
        """The final score of a map that is over; None where nobody can tell.

        Without the map's own result, the last round must be one that ends a map.
        """
        if self.result:
            return self.result
        return self.score if self.score and ends_a_map(*self.score) else None


def ends_a_map(a: int, b: int) -> bool:
    """Whether a map can end so: first to 13, or in overtimes of 3 to 16, 19, ...

    12:12 is none: the overtime may have been lost on its way.
    """
    most, least = max(a, b), min(a, b)
    return most >= REGULATION and most % OVERTIME == REGULATION % OVERTIME and most - least >= 2


def accounts(heard: Iterable[Heard]) -> list[MapAccount]:
    """The maps there is word of, in the order they are played."""
    by_number: dict[int, list[Heard]] = {}
    for each in heard:
        number = each.event.map_number
        if each.event.event in OF_A_MAP and number is not None and 0 <= number < MOST_MAPS:
            by_number.setdefault(number, []).append(each)
    return [_account(number, by_number[number]) for number in sorted(by_number)]


def _account(number: int, heard: Sequence[Heard]) -> MapAccount:
    rounds = _rounds_that_stand(heard)
    last = rounds[max(rounds)] if rounds else None
    results = [each for each in heard if each.event.event == RESULT and each.event.score]
    result = results[-1].event.score if results else None
    return MapAccount(
        number=number,
        began=min(each.at for each in heard),
        score=last.score if last else None,
        result=result,
        players=_players(last, results[-1].event if results else None),
        seconds=_seconds(heard, sum(result)) if result else 0,
    )


def _rounds_that_stand(heard: Sequence[Heard]) -> dict[int, Event]:
    """The rounds by number, without those that a restored backup has undone."""
    standing: dict[int, Event] = {}
    for each in heard:
        event, number = each.event, each.event.round_number
        score = event.score
        if event.event != ROUND or score is None:
            continue
        number = sum(score) if number is None else number
        if number in standing and standing[number] != event:
            standing = {each: standing[each] for each in standing if each < number}
        standing[number] = event
    return standing


def _players(
    last_round: Event | None, result: Event | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of the last round: MatchZy's results name nobody (Get5's do)."""
    for event in (last_round, result):
        if event and event.team1 and event.team2:
            found = event.team1.steam_ids, event.team2.steam_ids
            if any(found):
                return found
    return (), ()


def _seconds(heard: Sequence[Heard], rounds: int) -> int:
    """How long the map took; 0 where the times of arrival cannot say."""
    began = [each.at for each in heard if each.event.event == GOING_LIVE]
    ended = [each.at for each in heard if each.event.event == RESULT]
    if not began:
        return 0
    seconds = int((min(ended) - min(began)).total_seconds())
    return seconds if FASTEST_ROUND * rounds <= seconds <= LONGEST_MAP else 0
