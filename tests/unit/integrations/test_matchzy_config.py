"""What a server is told to play."""

import shlex

import pytest

from app.kernel.http.tokens import hash_of
from integrations.matchzy.config import Order, Team, config_of, console_line, plain
from integrations.matchzy.events import Head
from integrations.matchzy.links import opens
from integrations.standins.game_server import wrong_with


def config(best_of=1, maps=("de_nuke", "de_mirage", "de_train"), name="Alpha"):
    teams = (Team("41", name, {"76561198000000001": 'a"b;c'}), Team("42", "Bravo", {}))
    return config_of(
        Order(
            load=7,
            teams=teams,
            best_of=best_of,
            maps=maps,
            title=f"{name} - Bravo",
            site="https://cup.example",
            secret="s3cret",
        )
    )


@pytest.mark.parametrize("best_of", [1, 2, 3])
def test_a_server_would_take_it(best_of):
    made = config(best_of)
    assert wrong_with(made) == ""
    assert made["clinch_series"] is (best_of != 2)
    assert made["skip_veto"] is (best_of == 3)
    # Sides that are given are not picked any more.
    assert ("map_sides" in made) is (best_of == 3)
    assert made["team2"]["players"] == {}


def test_events_come_back_to_us_with_the_secret():
    cvars = config()["cvars"]
    assert cvars["matchzy_remote_log_url"] == "https://cup.example/game-servers/matchzy/events"
    assert cvars["matchzy_remote_log_header_key"] == "Authorization"
    assert cvars["matchzy_remote_log_header_value"] == "Bearer s3cret"


@pytest.mark.parametrize(
    "name", ['x"; quit; "', "a\nquit", "a\r\nquit", "a\\", "`a`", "a;b", "{TIME}", "a\u2028b"]
)
def test_no_name_breaks_out_of_a_console(name):
    made = config(name=name)
    for text in (made["team1"]["name"], made["cvars"]["hostname"], plain(name)):
        assert not set(text) & set("\"'`;\\{}\r\n\u2028")
    assert made["team1"]["name"]
    assert made["team1"]["players"]["76561198000000001"] == "abc"


def test_a_name_in_any_script_stays_readable():
    assert plain("  Дала  Бөрілері ") == "Дала Бөрілері"
    assert config(name='";')["team1"]["name"] == "41"


def test_the_line_is_one_command_with_three_words():
    line = console_line("https://cup.example", 5, "s3cret")
    assert shlex.split(line) == [
        "matchzy_loadmatch_url",
        "https://cup.example/game-servers/matchzy/5/config",
        "Authorization",
        "Bearer s3cret",
    ]


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer s", "bearer s3cret", "s3cret", "Bearer ы"]
)
def test_what_does_not_open_a_link(header):
    link = {"secret_hash": hash_of("s3cret")}
    assert not opens(link, header)
    assert not opens(None, header)
    assert opens(link, "Bearer s3cret")


@pytest.mark.parametrize(
    ("named", "load"),
    [(7, 7), ("7", 7), (None, None), (-1, None), ("x", None), ("٧", None), (2**63, None)],
)
def test_which_load_an_event_names(named, load):
    assert Head(matchid=named).load == load


def test_an_events_part_fits_any_database():
    head = Head(event="a\0b" * 40, map_number=10**18, round_number=10**18)
    assert len(head.part) <= 60
    assert "\0" not in head.part
    assert Head(event="round_end", map_number=0, round_number=3).part == "round_end:0:3"
