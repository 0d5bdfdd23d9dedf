"""Forms about one's own Steam profile."""

from litestar import Response, post

from app.accounts import steam_profile
from app.accounts.permissions import route
from app.accounts.routes import account_page
from app.accounts.visit import Guest
from app.kernel.errors import N_, Message, TooMany

Page = Response[bytes]
BACK = "/account#steam-profile"


@post("/account/steam/refresh", opt=route("account.edit"))
async def refresh(visit: Guest) -> Page:
    try:
        async with visit.transaction() as tx:
            await steam_profile.ask_again(tx, visit.me, now=visit.now)
    except TooMany as wrong:
        return await account_page(visit, status=wrong.status, errors={"refresh": wrong.message})
    return visit.see_other(BACK)


@post("/account/steam/picture", opt=route("account.edit"))
async def picture(visit: Guest) -> Page:
    shown = bool(visit.form.get("shown"))
    async with visit.transaction() as tx:
        await steam_profile.show_picture(tx, visit.me, shown=shown, now=visit.now)
    done = N_("Others see your Steam picture now.") if shown else N_("Only you see the picture.")
    return visit.see_other(BACK, Message(done))


HANDLERS = [refresh, picture]
