"""The demo's invented games."""

from app.demo.director import Director
from app.demo.making import LEAGUE, SERVER_CUP, is_demo_cup
from integrations.standins.together import StandIns


def test_games_made_in_one_moment_have_ids_of_their_own():
    director = Director(None, StandIns())
    ids = [director._next_id() for _ in range(500)]
    assert len(set(ids)) == 500
    assert ids == sorted(ids)


def test_only_our_own_leagues_and_names_are_the_demos():
    def row(game, league=None, slug="x"):
        return {"game": game, "league_id": league, "slug": slug}

    assert is_demo_cup(row("dota2", str(LEAGUE + 3)))
    assert not is_demo_cup(row("dota2"))
    assert not is_demo_cup(row("dota2", str(LEAGUE)))
    assert not is_demo_cup(row("dota2", "12345678901"))
    assert is_demo_cup(row("cs2", slug=f"{SERVER_CUP}-2"))
    assert not is_demo_cup(row("cs2", slug="my-cup"))
