"""Routes of what comes from outside: the operator's page, games attached by hand,
and webhooks."""

from integrations.faceit import routes as faceit
from integrations.routes import attaching, operator

HANDLERS = [*operator.HANDLERS, *attaching.HANDLERS, *faceit.HANDLERS]
