"""Routes of what comes from outside: the operator's page, and games attached by hand."""

from integrations.routes import attaching, operator

HANDLERS = [*operator.HANDLERS, *attaching.HANDLERS]
