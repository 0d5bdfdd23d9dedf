"""`baige standins` and `baige gameserver`: what stands in for others, for who develops."""

import random

import click

from app.ending import Ending
from app.kernel.http.outbound import client
from app.kernel.operation.settings import Settings
from integrations.standins.game_server import GameServer
from integrations.standins.game_server_events import random_outcome
from integrations.standins.together import OPENDOTA_KEY, StandIns

FIRST_PORT = 8201
SHOWN = (
    "opendota_url",
    "steam_url",
    "faceit_url",
    "steam_openid_url",
    "faceit_key",
    "faceit_webhook_secret",
)


async def stand_in(first_port: int) -> None:
    """Serve them until Ctrl-C, and say what to set so that a house asks them."""
    ports = tuple(range(first_port, first_port + 4)) if first_port else ()
    stand_ins = StandIns(ports=ports)
    async with stand_ins.served(Settings()) as given:
        click.echo("# These stand in for the providers; start the house with:")
        for name in SHOWN:
            click.echo(f"export BAIGE_{name.upper()}={getattr(given, name)}")
        click.echo(f"export BAIGE_OPENDOTA_KEY={OPENDOTA_KEY}")
        click.echo(f"export BAIGE_STEAM_KEY={stand_ins.steam.key}")
        click.echo("# Each listens at /_control: games, faults, heal, calls. Ctrl-C ends them.")
        await Ending().wait()


async def serve_game(line: str, pace: float) -> int:
    """Do with a match page's line what MatchZy does: fetch, play, tell every round."""
    async with client() as http:
        server = GameServer(http, pace=pace)
        if not await server.type(line):
            click.echo("\n".join(server.log), err=True)
            return 1
        assert server.config is not None, "it has just loaded one"
        outcome = random_outcome(random.Random(), server.config["num_maps"])  # noqa: S311
        click.echo(f"loaded match {server.config['matchid']}; playing {outcome.maps}")
        told = await server.play(outcome)
    click.echo(f"sent {len(told)} events, answered {sorted(set(server.answers))}")
    return 0
