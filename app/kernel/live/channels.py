"""Names of Redis channels: keys belong to a database of a server, channels to all of it.

Without the number two sites on one Redis would show each other's matches.
"""

import redis.asyncio


def channel(client: redis.asyncio.Redis, name: str) -> str:
    """The channel of that name for the sites that use the client's database."""
    return f"baige:{client.connection_pool.connection_kwargs.get('db') or 0}:{name}"
