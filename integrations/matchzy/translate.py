"""All that was heard of one load of a game server, in our words. Pure.

Who plays is known from our own first word about the load, never from names.
Maps count, not the end of the series: a drawn best of 1 never has one, and it
may be lost. A map is over when its result came, the series ended, or a later
map was heard of; winners are told by comparing scores.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from integrations.base import Delivery, Unusable
from integrations.matchzy.events import LOAD, Event, Heard, Load, event_of, load_of
from integrations.matchzy.maps import MapAccount, accounts
from tournaments.reports import GameReport, LiveReport, ReportedSide, Told

NAME, TITLE = "matchzy", "MatchZy"
SERIES_END = "series_end"
_MAP_NAME = re.compile(r"[a-z0-9_]{1,40}")


def translate(deliveries: Sequence[Delivery]) -> Told:
    """The maps played so far and the one being played; of a test nothing."""
    load = _load(deliveries)
    if load.match is None or load.entrants is None:
        return Told()
    series = deliveries[0].subject
    heard = _heard(deliveries, load.loaded_at)
    played, ended = accounts(heard), any(each.event.event == SERIES_END for each in heard)
    names = _map_names(load, [each.event for each in heard])
    games, live = [], None
    for account in played:
        label = names.get(account.number, "")
        if ended or account.result or account is not played[-1]:
            if score := account.final:
                games.append(_game(series, load.entrants, account, score, label))
        else:
            live = _live(series, load.entrants, account, label)
    return Told(games=tuple(games), live=live, match=load.match)


def _load(deliveries: Sequence[Delivery]) -> Load:
    """The first one there is, should there be several."""
    found = sorted(
        (load for each in deliveries if each.part == LOAD and (load := load_of(each.body))),
        key=lambda load: (load.loaded_at.timestamp(), repr(load)),
    )
    if not found:
        raise Unusable("nobody has told what this server was loaded with")
    return found[0]


def _heard(deliveries: Sequence[Delivery], loaded_at: datetime) -> list[Heard]:
    """The events that can be read, in the order they arrived."""
    known = [
        (each.received_at or loaded_at, each.body, event)
        for each in deliveries
        if each.part != LOAD and (event := event_of(each.body))
    ]
    known.sort(key=lambda each: (each[0], each[2].round_number or 0, each[1]))
    return [Heard(at, event) for at, _, event in known]


def _game(
    series: str,
    entrants: tuple[int, int],
    account: MapAccount,
    score: tuple[int, int],
    label: str,
) -> GameReport:
    winner = None if score[0] == score[1] else int(score[1] > score[0])
    return GameReport(
        source=NAME,
        external_id=f"{series}:{account.number}",
        game="cs2",
        started_at=account.began,
        duration=account.seconds,
        sides=_sides(entrants, account, score),
        winner=winner,
        label=label,
        series=series,
        number=account.number,
        trusted=True,
    )


def _live(series: str, entrants: tuple[int, int], account: MapAccount, label: str) -> LiveReport:
    score = account.score or (0, 0)
    return LiveReport(
        source=NAME,
        external_id=f"{series}:{account.number}",
        sides=_sides(entrants, account, score),
        score=score,
        number=account.number,
        label=label,
        started_at=account.began,
    )


def _sides(
    entrants: tuple[int, int], account: MapAccount, score: tuple[int, int]
) -> tuple[ReportedSide, ReportedSide]:
    first, second = (
        ReportedSide(entrant=entrants[side], steam_ids=account.players[side], score=score[side])
        for side in (0, 1)
    )
    return first, second


def _map_names(load: Load, events: Sequence[Event]) -> dict[int, str]:
    """What is played, by place in the series: as picked, or as loaded without a veto.

    Picks count from 1 (Get5's from 0). The map that nobody picked is the last one.
    """
    if len(load.maps) == load.best_of:
        return dict(enumerate(load.maps))
    picked = {
        event.map_number: name
        for event in events
        if event.event == "map_picked" and event.map_number is not None and (name := _name(event))
    }
    first = 0 if 0 in picked else 1
    names = {number - first: name for number, name in picked.items()}
    gone = {_name(event) for event in events if event.event in ("map_vetoed", "map_picked")}
    left = [name for name in load.maps if name not in gone]
    if len(left) == 1:
        names.setdefault(load.best_of - 1, left[0])
    return names


def _name(event: Event) -> str:
    """A map's name as it stands in files; nothing else is shown."""
    name = event.map_name or ""
    return name if _MAP_NAME.fullmatch(name) else ""
