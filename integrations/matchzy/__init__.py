"""Counter-Strike 2 on one's own servers: MatchZy, MatchZy-Enhanced and Get5.

Nothing is asked for: a server fetches its configuration from us, with a secret of
its match, and sends what happens on it. There is no key, and captains name nothing.
"""

from app.kernel.errors import N_
from integrations.matchzy.panel import panel
from integrations.matchzy.translate import NAME, TITLE, translate
from integrations.provider import Provider
from tournaments import panels
from tournaments.sources import Source

PROVIDER = Provider(
    source=Source(
        name=NAME,
        title=TITLE,
        icon="rack",
        about=N_("MatchZy: the match's own game server sends every round"),
        space=NAME,
    ),
    parser=1,
    translate=translate,
)

panels.offer(NAME, panel)
