"""Tournaments as rows.

The truth is the plan (`stage.spec`, `entrant.seed`) and what was played
(`game`) and decided (`result`). `match` is computed from these by
`brackets/` and kept only so that pages can read it; `baige check` proves that
it still equals the replay.
"""

from piccolo.columns import (
    JSONB,
    BigSerial,
    Boolean,
    ForeignKey,
    Integer,
    OnDelete,
    Serial,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from app.accounts.tables import Account, Player
from clans.tables import Clan


class Tournament(Table, tablename="tournament"):
    """`state` is draft, open, closed, running, finished or cancelled.

    `revision` rises with every change a page could show. `timezone` is the
    IANA zone whose local times its pages print.
    """

    id: Serial = Serial(primary_key=True)
    slug = Varchar(64, unique=True)
    name = Varchar(64)
    game = Varchar(8)
    organiser = ForeignKey(Account, null=False, on_delete=OnDelete.restrict)
    state = Varchar(10)
    size_limit = Integer()
    # Its stages as `plans.Plan`, in JSON.
    plan = JSONB(default="[]")
    # How the seeds were made as `seeding.Seeding`, in JSON.
    seeding = JSONB(null=True, default=None)
    starts_at = Timestamptz()
    timezone = Varchar(48)
    about = Text()
    league_id = Varchar(20, null=True, default=None, index=True)
    # A FACEIT competition that is followed: `championship:ID` or `hub:ID`.
    faceit = Varchar(60, null=True, default=None)
    # Counter-Strike 2: the maps of the pool, separated by spaces.
    maps = Varchar(300, default="")
    revision = Integer(default=0)
    created_at = Timestamptz()
    started_at = Timestamptz(null=True, default=None)
    finished_at = Timestamptz(null=True, default=None)


class Stage(Table, tablename="stage"):
    """One format of a tournament; commands that change play lock its row."""

    id: Serial = Serial(primary_key=True)
    tournament = ForeignKey(Tournament, null=False, on_delete=OnDelete.cascade)
    number = SmallInt()
    # Which stage of the plan it plays, from 0; a decider settles a tie at its cut.
    part = SmallInt(default=0)
    decider = Boolean(default=False)
    # brackets.Spec as JSON.
    spec = JSONB()
    # On a ladder the rounds with challenges made by people, and all their pairs, in JSON.
    challenges = JSONB(null=True, default=None)
    revision = Integer(default=0)


class Entrant(Table, tablename="entrant"):
    """A clan in a tournament; name and tag are as they were when it registered.

    `state` is registered or withdrawn; `seed` is set by the draw, 1 = best.
    """

    id: Serial = Serial(primary_key=True)
    tournament = ForeignKey(Tournament, null=False, on_delete=OnDelete.cascade)
    clan = ForeignKey(Clan, null=False, on_delete=OnDelete.restrict)
    name = Varchar(32)
    tag = Varchar(6)
    state = Varchar(10)
    seed = Integer(null=True, default=None)
    # A city or an owner: who has the same should not meet in round 1.
    apart = Varchar(40, null=True, default=None)
    # The provider's id of a registered team (a Dota 2 or FACEIT team), where it has one.
    team_id = Varchar(40, null=True, default=None)
    registered_by = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    registered_at = Timestamptz()


class StageSeed(Table, tablename="stage_seed"):
    """Who plays a stage, and as which seed, 1 = best; written when it is drawn."""

    id: Serial = Serial(primary_key=True)
    stage = ForeignKey(Stage, null=False, on_delete=OnDelete.cascade)
    seed = Integer()
    entrant = ForeignKey(Entrant, null=False, on_delete=OnDelete.cascade)


class Removal(Table, tablename="removal"):
    """An entrant has left a stage: its own will (withdrawn) or a ruling (disqualified).

    `round` is the last round it was paired in; `undone_at` when it was let back in.
    """

    id: Serial = Serial(primary_key=True)
    stage = ForeignKey(Stage, null=False, on_delete=OnDelete.cascade)
    seed = Integer()
    kind = Varchar(12)
    round = SmallInt(default=0)
    reason = Varchar(200)
    account = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    created_at = Timestamptz()
    undone_at = Timestamptz(null=True, default=None)


class LineUpPlayer(Table, tablename="line_up_player"):
    """One player of an entrant; copied from the roster, frozen at the start."""

    id: Serial = Serial(primary_key=True)
    entrant = ForeignKey(Entrant, null=False, on_delete=OnDelete.cascade)
    player = ForeignKey(Player, null=False, on_delete=OnDelete.restrict)
    nickname = Varchar(32)
    steam_id = Varchar(17)


class Match(Table, tablename="match"):
    """One match as pages read it. Sides are 0 and 1, as in `brackets`.

    `state`: waiting, ready, decided or bye (what the engine says), or absent: it
    was there once, and a correction has paired others instead.
    `flag`: what is known of a ready match: live (a game is in, or being looked
    for), reported (one captain) or disputed, else empty; of a decided one how
    sure the result is: single (one voice: provisional), disputed, or empty for final.
    """

    id: Serial = Serial(primary_key=True)
    stage = ForeignKey(Stage, null=False, on_delete=OnDelete.cascade)
    key = Varchar(16)
    number = Integer()
    bracket = Varchar(16)
    round = SmallInt()
    position = Integer()
    best_of = SmallInt()
    # Games that side 0 has before the first one (a grand final with advantage).
    head_start = SmallInt(default=0)
    state = Varchar(8)
    entrant_a = ForeignKey(Entrant, null=True, on_delete=OnDelete.restrict)
    entrant_b = ForeignKey(Entrant, null=True, on_delete=OnDelete.restrict)
    source_a = Varchar(24)
    source_b = Varchar(24)
    winner_to = Varchar(24, null=True, default=None)
    score_a = Integer(null=True, default=None)
    score_b = Integer(null=True, default=None)
    winner = SmallInt(null=True, default=None)
    outcome = Varchar(14, null=True, default=None)
    flag = Varchar(8)
    source = Varchar(16, null=True, default=None)
    ready_at = Timestamptz(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)


class Game(Table, tablename="game"):
    """One game of a match that a provider knows; never a captain's claim.

    `winner`, `score_a` and `score_b` are already turned to the match's sides;
    of a drawn game `winner` means nothing. `matched` of `of_players` players
    were the line-ups' by Steam id. It was between `entrant_a` and `entrant_b`: while a
    correction gives its match other clans, it says nothing. `space` is whose ids
    `external_id` is of: two sources of one space tell of the same game. `trusted`:
    where it was played was ours to begin with. `told_whole`: its source tells the series
    whole (`ToldSeries`), which is weighed instead. It counts no more once `voided_at`
    is set (its match is played again).
    """

    id: Serial = Serial(primary_key=True)
    match = ForeignKey(Match, null=False, on_delete=OnDelete.cascade)
    source = Varchar(16)
    space = Varchar(16, default="")
    external_id = Varchar(40)
    series = Varchar(40, default="")
    number = SmallInt(null=True, default=None)
    label = Varchar(40, default="")
    winner = SmallInt()
    drawn = Boolean(default=False)
    trusted = Boolean(default=False)
    told_whole = Boolean(default=False)
    score_a = Integer(null=True, default=None)
    score_b = Integer(null=True, default=None)
    started_at = Timestamptz()
    duration = Integer()
    matched_by = Varchar(8)
    matched = SmallInt()
    of_players = SmallInt()
    entrant_a = ForeignKey(Entrant, null=True, on_delete=OnDelete.cascade)
    entrant_b = ForeignKey(Entrant, null=True, on_delete=OnDelete.cascade)
    url = Varchar(200, null=True, default=None)
    recorded_at = Timestamptz()
    voided_at = Timestamptz(null=True, default=None)


class ToldSeries(Table, tablename="told_series"):
    """A whole series as a provider tells it (FACEIT does), turned to the match's sides.

    `kind` is played, walkover or cancelled; `winner` is null for a draw or nobody. The
    clans are those of `entrant_a` and `entrant_b`, as of a game.
    """

    id: Serial = Serial(primary_key=True)
    match = ForeignKey(Match, null=False, on_delete=OnDelete.cascade)
    source = Varchar(16)
    external_id = Varchar(60)
    kind = Varchar(10)
    winner = SmallInt(null=True, default=None)
    score_a = Integer(null=True, default=None)
    score_b = Integer(null=True, default=None)
    trusted = Boolean(default=False)
    matched_by = Varchar(8)
    matched = SmallInt()
    of_players = SmallInt()
    entrant_a = ForeignKey(Entrant, null=True, on_delete=OnDelete.cascade)
    entrant_b = ForeignKey(Entrant, null=True, on_delete=OnDelete.cascade)
    url = Varchar(200, null=True, default=None)
    recorded_at = Timestamptz()
    voided_at = Timestamptz(null=True, default=None)


class LiveGame(Table, tablename="live_game"):
    """The score inside the game a match is at; gone when its match is decided.

    `started_at` is when that game began, where its teller knows.
    """

    id: Serial = Serial(primary_key=True)
    match = ForeignKey(Match, null=False, unique=True, on_delete=OnDelete.cascade)
    source = Varchar(16)
    number = SmallInt()
    label = Varchar(40, default="")
    score_a = Integer()
    score_b = Integer()
    at = Timestamptz()
    started_at = Timestamptz(null=True, default=None)


class Report(Table, tablename="report"):
    """A captain's claim of a match's score; `state` is open (it stands) or closed.

    Its clans were those of `entrant_a` and `entrant_b`, as of a game.
    """

    id: Serial = Serial(primary_key=True)
    match = ForeignKey(Match, null=False, on_delete=OnDelete.cascade)
    side = SmallInt()
    account = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    score_a = Integer()
    score_b = Integer()
    entrant_a = ForeignKey(Entrant, null=True, on_delete=OnDelete.cascade)
    entrant_b = ForeignKey(Entrant, null=True, on_delete=OnDelete.cascade)
    state = Varchar(10)
    created_at = Timestamptz()


class Result(Table, tablename="result"):
    """How a match was decided. At most one a match has `voided_at` null.

    `kind` is brackets' outcome kind. `authority` orders them: games (a
    provider's), captains, ruling; a ruling is never overwritten by a job.
    """

    id: Serial = Serial(primary_key=True)
    stage = ForeignKey(Stage, null=False, on_delete=OnDelete.cascade)
    match = ForeignKey(Match, null=False, on_delete=OnDelete.cascade)
    kind = Varchar(14)
    winner = SmallInt(null=True, default=None)
    score_a = Integer(null=True, default=None)
    score_b = Integer(null=True, default=None)
    authority = Varchar(10)
    source = Varchar(16)
    account = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    reason = Varchar(300, null=True, default=None)
    created_at = Timestamptz()
    voided_at = Timestamptz(null=True, default=None)
    voided_because = Varchar(300, null=True, default=None)


class Claim(Table, tablename="claim"):
    """A game id that a captain handed in: "this was our game, please look".

    `state` is looking, late (half an hour has passed), taken, refused or lost;
    `reason` says why it was refused, as a message key with its parameters. `entrant`
    is whose captain was the first to name it.
    """

    id: Serial = Serial(primary_key=True)
    match = ForeignKey(Match, null=False, on_delete=OnDelete.cascade)
    provider = Varchar(16)
    external_id = Varchar(40)
    account = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    entrant = ForeignKey(Entrant, null=True, on_delete=OnDelete.cascade)
    state = Varchar(8)
    reason = Varchar(300, null=True, default=None)
    reason_params = JSONB(null=True, default=None)
    created_at = Timestamptz()


class Event(Table, tablename="match_event"):
    """One public line of "How we know the score": a message key and parameters."""

    id: BigSerial = BigSerial(primary_key=True)
    match = ForeignKey(Match, null=False, on_delete=OnDelete.cascade)
    at = Timestamptz()
    kind = Varchar(12)
    text = Varchar(200)
    params = JSONB()
    url = Varchar(200, null=True, default=None)


class Notice(Table, tablename="notice"):
    """Something the organiser should look at: a refused game, a contradiction."""

    id: Serial = Serial(primary_key=True)
    tournament = ForeignKey(Tournament, null=False, on_delete=OnDelete.cascade)
    match = ForeignKey(Match, null=True, on_delete=OnDelete.cascade)
    at = Timestamptz()
    source = Varchar(16)
    external_id = Varchar(40)
    text = Varchar(200)
    params = JSONB()
    url = Varchar(200, null=True, default=None)
    settled_at = Timestamptz(null=True, default=None)
