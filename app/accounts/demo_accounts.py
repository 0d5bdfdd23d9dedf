"""The accounts of the demo world: everybody may know their password.

They are told by a domain that cannot exist (RFC 2606), which nobody else can sign up with.
"""

from app.accounts.tables import Account
from app.kernel.errors import N_, Message

DOMAIN = "@demo.example"
LEFT = Message(
    N_(
        "The demo's accounts still exist, and others can reach this site: whoever knows their "
        "password may sign in and organise. Remove them with the command: baige demo remove"
    )
)


async def ids() -> list[int]:
    """All of them."""
    rows = await Account.select(Account.id).where(Account.email.like(f"%{DOMAIN}"))
    return [row["id"] for row in rows]


async def are_left() -> bool:
    return bool(await Account.exists().where(Account.email.like(f"%{DOMAIN}")))
