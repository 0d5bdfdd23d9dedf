"""The demo's invented games."""

from app.demo.director import Director
from integrations.standins.together import StandIns


def test_games_made_in_one_moment_have_ids_of_their_own():
    director = Director(None, StandIns())
    ids = [director._next_id() for _ in range(500)]
    assert len(set(ids)) == 500
    assert ids == sorted(ids)
