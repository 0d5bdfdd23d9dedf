"""By Steam: sign in, sign up, link and unlink.

A form may not lead to Steam: the policy (`form-action`) also holds for where
an answer to a form redirects. So a link leads there from the sign-in page, and
from the account page a form and then a page that goes on by itself.
"""

from typing import Any

import structlog
from litestar import Response, get, post

from app.accounts import linking, openid, signing, steam
from app.accounts.passwords import NONE, hash_password
from app.accounts.permissions import RULES, may, own_account, route
from app.accounts.routes import TOO_MANY, account_page, ask_whether_free
from app.accounts.steam import JOURNEYS, PROOFS, Journey, Proof
from app.accounts.visit import Guest, Visit
from app.kernel.errors import N_, Conflict, Invalid, Message, TooMany, TooOften, UserError
from app.kernel.http.ratelimit import RateLimit
from app.kernel.http.security import local_path

Page = Response[bytes]

# A LAN party of sixteen clans is one address.
DEPARTURES = RateLimit("steam_departure", times=200, seconds=15 * 60, by_network=True)
RETURNS = RateLimit("steam_return", times=200, seconds=15 * 60, by_network=True)
# Each costs a hash; on a LAN too.
EMAIL_ADDITIONS = RateLimit("email_addition", times=10, seconds=15 * 60)
EXPIRED = N_("This took too long. Please start again.")

log = structlog.get_logger()


# -- to Steam and back --------------------------------------------------------


@get("/sign-in/steam", opt=route("account.sign_in"))
async def leave_to_sign_in(visit: Guest) -> Page:
    if visit.viewer:
        return visit.see_other("/account")
    target = local_path(visit.request.query_params.get("next"), "/desk")
    try:
        state = await _depart(visit, Journey(target))
    except UserError as error:
        return await _told(visit, error)
    return visit.see_other(openid.login_address(visit.house.settings, state))


@post("/account/steam/link", opt=route("account.edit"))
async def leave_to_link(visit: Guest) -> Page:
    try:
        await _depart(visit, Journey("/account", visit.me.account))
    except UserError as error:
        return await _told(visit, error)
    return visit.see_other("/account/steam")


@get("/account/steam", opt=route("account.edit"))
async def on_the_way(visit: Guest) -> Page:
    """Goes on to Steam by itself; see the top of this file."""
    if not (state := _state(visit)):
        return visit.see_other("/account")
    address = openid.login_address(visit.house.settings, state)
    return visit.page("accounts/steam_leaving.html", address=address)


async def _depart(visit: Visit, journey: Journey) -> str:
    if not await visit.may_try(DEPARTURES):
        raise TooMany(TOO_MANY)
    state = await JOURNEYS.keep(visit.house.redis, journey)
    visit.set_cookie(visit.guarded("steam"), state, seconds=JOURNEYS.seconds)
    return state


def _state(visit: Visit) -> str:
    return visit.request.cookies.get(visit.guarded("steam"), "")


# Steam sends people back by GET (OpenID knows no other way), and here they sign in.
@get("/sign-in/steam/callback", opt=route("account.sign_in", writes="a session, a link"))
async def come_back(visit: Guest) -> Page:
    house = visit.house
    try:
        if not await visit.may_try(RETURNS):
            raise TooMany(TOO_MANY)
        steam_id, journey = await steam.verify(
            visit.request.scope["query_string"],
            _state(visit),
            house.settings,
            house.redis,
            house.http,
            now=visit.now,
        )
        visit.set_cookie(visit.guarded("steam"), "", seconds=0)
        return await _arrive(visit, steam_id, journey)
    except UserError as error:
        return await _told(visit, error)


async def _arrive(visit: Visit, steam_id: str, journey: Journey) -> Page:
    if journey.account is not None:
        return await _link(visit, steam_id, journey.account)
    known = await linking.account_of(steam_id)
    if known is not None:
        return await _sign_in(visit, known, journey.next)
    if visit.viewer:
        # Signed in elsewhere meanwhile; a link needs its own form.
        raise Conflict(N_("You are signed in already. Link Steam on this page instead."))
    proof = await PROOFS.keep(visit.house.redis, Proof(steam_id, journey.next))
    visit.set_cookie(visit.guarded("steam-proof"), proof, seconds=PROOFS.seconds)
    return visit.see_other("/sign-up/steam")


async def _link(visit: Visit, steam_id: str, account: int) -> Page:
    if not may(visit.viewer, "account.link_steam", own_account(visit.viewer, account)):
        raise Conflict(RULES["account.link_steam"].words)
    async with visit.transaction() as tx:
        token = await linking.link(tx, visit.me, steam_id, now=visit.now)
    visit.sign_in(token)
    return visit.see_other("/account", Message(N_("Your Steam account is linked.")))


async def _sign_in(visit: Visit, account: int, target: str) -> Page:
    async with visit.transaction() as tx:
        token = await linking.sign_in_by_steam(tx, account, visit.viewer, now=visit.now)
    visit.sign_in(token)
    return visit.see_other(target)


async def _told(visit: Visit, error: UserError) -> Page:
    """The page the visitor came from, with what happened; the log learns why."""
    if isinstance(error, openid.Refused):
        log.warning("steam sign-in refused", reason=error.reason, request=visit.request_id)
    back = isinstance(error, openid.Cancelled)
    what: Any = {"said": error.message} if back else {"errors": {"steam": error.message}}
    if visit.viewer:
        return await account_page(visit, status=error.status, **what)
    return visit.page("accounts/sign_in.html", status=error.status, next="/desk", **what)


# -- a new account ------------------------------------------------------------


def _proof(visit: Visit) -> str:
    return visit.request.cookies.get(visit.guarded("steam-proof"), "")


@get("/sign-up/steam", opt=route("account.sign_up"))
async def sign_up_form(visit: Guest) -> Page:
    if visit.viewer:
        return visit.see_other("/account")
    proof = await PROOFS.read(visit.house.redis, _proof(visit))
    if proof is None:
        return await _told(visit, Conflict(EXPIRED))
    return visit.page("accounts/sign_up_steam.html", proof=proof)


@post("/sign-up/steam", opt=route("account.sign_up"))
async def sign_up(visit: Guest) -> Page:
    if visit.viewer:
        return visit.see_other("/account")
    proof = await PROOFS.read(visit.house.redis, _proof(visit))
    if proof is None:
        return await _told(visit, Conflict(EXPIRED))
    try:
        return await _sign_up(visit, proof)
    except Invalid as wrong:
        return visit.page(
            "accounts/sign_up_steam.html", status=wrong.status, errors=wrong.fields, proof=proof
        )


async def _sign_up(visit: Visit, proof: Proof) -> Page:
    form = visit.form
    email, password = signing.clean_email(form.get("email")), form.get("password")
    nickname, language = signing.clean(form.get("nickname")), form.get("language")
    signing.check_sign_up(email, password, nickname, language, by_steam=True)
    await ask_whether_free(visit, email, nickname, field="nickname")
    asker = visit.asker(proof.steam_id)
    hashed = await hash_password(password, asker) if password else NONE
    async with visit.transaction() as tx:
        account = await signing.sign_up(
            tx, email, hashed, nickname, language, now=visit.now, steam_id=proof.steam_id
        )
        token = await linking.sign_in_by_steam(tx, account, None, now=visit.now)
    await PROOFS.take(visit.house.redis, _proof(visit))
    visit.set_cookie(visit.guarded("steam-proof"), "", seconds=0)
    visit.sign_in(token)
    return visit.see_other(proof.next, Message(N_("Welcome, {name}."), name=nickname))


# -- one's own account --------------------------------------------------------


@post("/account/steam/unlink", opt=route("account.edit"))
async def unlink(visit: Guest) -> Page:
    try:
        async with visit.transaction() as tx:
            token = await linking.unlink(tx, visit.me, now=visit.now)
    except Conflict as error:
        return await _told(visit, error)
    if token is None:
        return visit.see_other("/account")
    visit.sign_in(token)
    done = N_("Steam is unlinked, and what it told us is gone. Other browsers are signed out.")
    return visit.see_other("/account", Message(done))


@post("/account/email", opt=route("account.edit"))
async def add_email(visit: Guest) -> Page:
    email, password = signing.clean_email(visit.form.get("email")), visit.form.get("password")
    try:
        signing.raise_invalid(signing.wrong_credentials(email, password, visit.me.nickname))
        linking.require_no_email(visit.me)
        if not await EMAIL_ADDITIONS.spend(visit.house.redis, str(visit.me.account)):
            raise TooOften({"email": Message(TOO_MANY)})
        hashed = await hash_password(password, visit.asker(str(visit.me.account)))
        async with visit.transaction() as tx:
            token = await linking.add_email(tx, visit.me, email, hashed, now=visit.now)
    except Invalid as wrong:
        return await account_page(visit, status=wrong.status, errors=wrong.fields)
    visit.sign_in(token)
    return visit.see_other("/account", Message(N_("Now you can also sign in by e-mail.")))


HANDLERS = [
    leave_to_sign_in,
    leave_to_link,
    on_the_way,
    come_back,
    sign_up_form,
    sign_up,
    unlink,
    add_email,
]
