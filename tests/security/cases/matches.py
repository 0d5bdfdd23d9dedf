"""A match: the captains of its two clans, and the organiser's ruling; what waits for it."""

from tests.security.cases import CAPTAINS, EVERYBODY, HOST, Case, case
from tests.security.world import World

SIDES = f"{CAPTAINS} opponent"
SCORE = {"score_a": "1", "score_b": "0"}
RULING = {"kind": "score", "reason": "seen it", **SCORE}


def forms(w: World) -> list[Case]:
    return [*_reports(w), *_rulings(w), *_notices(w), *_sources(w)]


def _reports(w: World) -> list[Case]:
    report, confirm, hand_in = (
        "/matches/{match_id}/report",
        "/matches/{match_id}/confirm",
        "/matches/{match_id}/game",
    )
    ready = w["running U1.1"]
    elsewhere = ("running U1.2", "running U2.1", "playoffs final")
    return [
        case(report, {CAPTAINS: 303, "opponent": 303}, match_id=ready, score_a="0", score_b="1"),
        case(report, {SIDES: 422}, match_id=ready, score_a="9", score_b="9"),
        case(report, {SIDES: 303}, quiet=CAPTAINS, match_id=w["quarrel U1.1"], **SCORE),
        case(report, {SIDES: 303}, match_id=w["foreign U1.1"], score_a="0", score_b="1"),
        case(report, {SIDES: 409}, match_id=w["cancelled U1.1"], **SCORE),
        *(
            case(route, {}, match_id=w[name], report=w["running report"], game_id="7000000009")
            for route in (report, confirm, hand_in)
            for name in elsewhere[:2]
        ),
        case(confirm, {CAPTAINS: 303, "opponent": 409}, match_id=ready, report=w["running report"]),
        case(confirm, {SIDES: 409}, match_id=ready, report=w["foreign report"]),
        case(confirm, {SIDES: 409}, match_id=w["finished U1.1"], report=w["running report"]),
        case(hand_in, {SIDES: 303}, match_id=ready, game_id="7000000009"),
        case(hand_in, {SIDES: 422}, match_id=ready, game_id="none"),
        case(hand_in, {SIDES: 409}, match_id=w["finished U1.1"], game_id="7000000009"),
        case(hand_in, {SIDES: 409}, match_id=w["cancelled U1.1"], game_id="7000000009"),
    ]


def _rulings(w: World) -> list[Case]:
    route = "/matches/{match_id}/rule"
    return [
        case(route, {HOST: 303}, match_id=w["running U1.1"], **RULING),
        case(route, {HOST: 303}, match_id=w["running U1.2"], **RULING),
        case(route, {HOST: 303}, match_id=w["quarrel U1.1"], **RULING),
        case(route, {HOST: 303}, match_id=w["finished U1.1"], **RULING),
        case(route, {HOST: 422}, match_id=w["running U1.1"], **(RULING | {"reason": ""})),
        case(route, {HOST: 409}, match_id=w["running U2.1"], **RULING),
        case(route, {HOST: 409}, match_id=w["cancelled U1.1"], **RULING),
        case(route, {HOST: 409}, match_id=w["left U1.1"], **RULING),
        case(route, {"rival": 303}, match_id=w["foreign U1.1"], **RULING),
    ]


def _notices(w: World) -> list[Case]:
    settle, attach = "/notices/{notice_id}/settle", "/notices/{notice_id}/attach"
    match, entrant = w["running U1.1"], w["running 1"]
    chosen, foreign = f"{match}:{entrant}", f"{w['foreign U1.1']}:{w['foreign 1']}"
    return [
        case(settle, {HOST: 303}, notice_id=w["running notice"]),
        case(settle, {HOST: 303}, notice_id=w["quarrel notice"]),
        case(settle, {HOST: 303}, quiet=HOST, notice_id=w["settled notice"]),
        case(settle, {"rival": 303}, notice_id=w["foreign notice"]),
        case(settle, {"organiser rival": 404}, notice_id=999_999),
        case(attach, {HOST: 303}, notice_id=w["running notice"], match=chosen),
        case(attach, {HOST: 422}, notice_id=w["running notice"], match=foreign),
        case(attach, {HOST: 404}, notice_id=w["quarrel notice"], match=chosen),
        case(attach, {"rival": 303}, notice_id=w["foreign notice"], match=foreign),
        case(attach, {"rival": 422}, notice_id=w["foreign notice"], match=chosen),
    ]


def _sources(w: World) -> list[Case]:
    renew, resume = "/server-links/{link_id}/renew", "/integrations/{provider}/resume"
    line, test = "/matches/{match_id}/server-line", "/tournaments/{slug}/test-server"
    return [
        case(renew, {HOST: 303}, link_id=w["shooters link"]),
        case(renew, {HOST: 303}, link_id=w["shooters test"]),
        case(renew, {"rival": 303}, link_id=w["their shooters link"]),
        case(renew, {"rival": 303}, link_id=w["their shooters test"]),
        case(renew, {"organiser rival": 404}, link_id=999_999),
        case(line, {HOST: 303}, match_id=w["shooters U1.1"]),
        case(line, {HOST: 303}, match_id=w["shooters U1.2"]),
        case(line, {"rival": 303}, match_id=w["their shooters U1.1"]),
        case(line, {HOST: 404}, match_id=w["running U1.1"]),
        case(test, {HOST: 303}, slug=w.slug("shooters")),
        case(test, {"rival": 303}, slug=w.slug("their shooters")),
        case(test, {HOST: 404}, slug=w.slug("running")),
        case(resume, {"operator": 303}, provider="opendota"),
        case(resume, {"operator": 404}, provider="nobody"),
        case("/integrations/promises/retry", {"operator": 303}),
    ]


def pages(w: World) -> list[Case]:
    rule, attach = "/matches/{match_id}/rule", "/notices/{notice_id}/attach"
    return [
        *(
            case("/matches/{match_id}", {EVERYBODY: 200}, match_id=w[f"{name}"])
            for name in ("running U1.1", "running U2.1", "quarrel U1.1", "finished U1.1")
        ),
        *(
            case(rule, {HOST: 200}, match_id=w[name])
            for name in ("running U1.1", "running U1.2", "quarrel U1.1", "finished U1.1")
        ),
        case(rule, {"rival": 200}, match_id=w["foreign U1.1"]),
        case(attach, {HOST: 200}, notice_id=w["running notice"]),
        case(attach, {"rival": 200}, notice_id=w["foreign notice"]),
        case(attach, {HOST: 404}, notice_id=w["quarrel notice"]),
        case("/integrations", {"operator": 200}),
        case("/tournaments/{slug}/test-server", {HOST: 200}, slug=w.slug("shooters")),
        case("/tournaments/{slug}/test-server", {"rival": 200}, slug=w.slug("their shooters")),
        # Of Counter-Strike 2 only.
        case("/tournaments/{slug}/test-server", {HOST: 404}, slug=w.slug("running")),
    ]
