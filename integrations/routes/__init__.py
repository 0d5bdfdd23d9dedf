"""Routes of what comes from outside: the operator's page, games attached by hand,
webhooks and game servers."""

from integrations.faceit import routes as faceit
from integrations.matchzy import routes as game_servers
from integrations.routes import attaching, operator

HANDLERS = [*operator.HANDLERS, *attaching.HANDLERS, *faceit.HANDLERS, *game_servers.HANDLERS]
