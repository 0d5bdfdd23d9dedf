"""Pages of one's own account: sign up, sign in, sign out, password, language."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from app.accounts import linking, sessions, signing
from app.accounts.passwords import hash_password, verify
from app.accounts.permissions import route
from app.accounts.steam_profile import steam_says
from app.accounts.visit import Guest, Visit
from app.kernel.errors import N_, Invalid, Message, TooOften
from app.kernel.http.ratelimit import RateLimit
from app.kernel.http.security import local_path
from app.kernel.text.i18n import LOCALES, NAMES

Page = Response[bytes]

# Guesses at one account's password, from one address; on a LAN too.
SIGN_INS = RateLimit("sign_in", times=5, seconds=15 * 60)
# A provider may give somebody thousands of IPv6 networks; neighbours may share them too.
SIGN_INS_NEARBY = RateLimit("sign_in_nearby", times=4 * SIGN_INS.times, seconds=15 * 60)
SIGN_INS_BY_ADDRESS = RateLimit("sign_in_address", times=50, seconds=15 * 60, by_network=True)
SIGN_UPS = RateLimit("sign_up", times=60, seconds=60 * 60, by_network=True)
PASSWORD_CHANGES = RateLimit("password_change", times=5, seconds=15 * 60)
TOO_MANY_SIGN_UPS = N_("Too many accounts were made from this network. Try again in an hour.")
TOO_MANY = N_("Too many tries. Wait a quarter of an hour and try again.")


def _next(visit: Visit) -> str:
    return local_path(visit.form.get("next") or visit.request.query_params.get("next"), "/desk")


@get("/sign-up", opt=route("account.sign_up"))
async def sign_up_form(visit: Guest) -> Page:
    return visit.page("accounts/sign_up.html", next=_next(visit))


@post("/sign-up", opt=route("account.sign_up"))
async def sign_up(visit: Guest) -> Page:
    form = visit.form
    email = signing.clean_email(form.get("email"))
    nickname = signing.clean(form.get("nickname"))
    try:
        signing.check_sign_up(email, form.get("password"), nickname, form.get("language"))
        await ask_whether_free(visit, email, nickname, field="email")
        hashed = await hash_password(form.get("password"), visit.asker(email))
        async with visit.transaction() as tx:
            account = await signing.sign_up(
                tx, email, hashed, nickname, form.get("language"), now=visit.now
            )
    except Invalid as wrong:
        return visit.page(
            "accounts/sign_up.html", status=wrong.status, errors=wrong.fields, next=_next(visit)
        )
    visit.sign_in(await sessions.open_session(account, now=visit.now))
    return visit.see_other(_next(visit), Message(N_("Welcome, {name}."), name=nickname))


async def ask_whether_free(visit: Visit, email: str, nickname: str, *, field: str) -> None:
    """`Invalid` for what is taken. Whoever asks is counted, whatever comes of it: the
    answer tells whose addresses have accounts here."""
    if not await visit.may_try(SIGN_UPS):
        raise TooOften({field: Message(TOO_MANY_SIGN_UPS)})
    await signing.check_free(email, nickname)


@get("/sign-in", opt=route("account.sign_in"))
async def sign_in_form(visit: Guest) -> Page:
    return visit.page("accounts/sign_in.html", next=_next(visit))


@post("/sign-in", opt=route("account.sign_in"))
async def sign_in(visit: Guest) -> Page:
    email = signing.clean_email(visit.form.get("email"))
    try:
        account = await _recognised(visit, email)
    except Invalid as wrong:
        return visit.page(
            "accounts/sign_in.html", status=wrong.status, errors=wrong.fields, next=_next(visit)
        )
    await SIGN_INS.forgive(visit.house.redis, email, visit.address)
    await SIGN_INS_NEARBY.give_back(visit.house.redis, email, visit.neighbourhood)
    await visit.give_back(SIGN_INS_BY_ADDRESS)
    # A new token at every sign-in: one planted before is worth nothing after.
    visit.sign_in(await sessions.open_session(account, now=visit.now))
    return visit.see_other(_next(visit))


async def _recognised(visit: Visit, email: str) -> int:
    """The account whose password was typed, or `Invalid`. Limits come before the hash."""
    if not await _may_guess(visit, email) or not await visit.may_try(SIGN_INS_BY_ADDRESS):
        raise TooOften({"email": Message(TOO_MANY)})
    account = await signing.find_account(email)
    known = account["password_hash"] if account else None
    right = await verify(known, visit.form.get("password"), visit.asker(email, "email"))
    if account is None or not right:
        raise Invalid({"email": Message(N_("E-mail or password is wrong."))})
    return int(account["id"])


async def _may_guess(visit: Visit, email: str) -> bool:
    """Count a guess at this account's password; one household cannot use up its
    neighbours' tries, for what it is refused is not counted for them."""
    redis = visit.house.redis
    mine = await SIGN_INS.spend(redis, email, visit.address)
    return mine and await SIGN_INS_NEARBY.spend(redis, email, visit.neighbourhood)


@post("/sign-out", opt=route("account.sign_out"))
async def sign_out(visit: Guest) -> Page:
    await sessions.close_session(visit.me.session)
    visit.sign_out()
    return visit.see_other("/")


@get("/account", opt=route("account.see"))
async def account(visit: Guest) -> Page:
    return await account_page(visit)


async def account_page(visit: Visit, *, status: int = 200, **context: Any) -> Page:
    steam_id = await linking.steam_id_of(visit.me.account)
    # Without a key Steam says nothing of anybody.
    asks = bool(visit.house.settings.steam_key)
    profile = await steam_says(visit.me.account, now=visit.now) if asks else None
    return visit.page(
        "accounts/account.html", status=status, steam_id=steam_id, profile=profile, **context
    )


@post("/account/password", opt=route("account.edit"))
async def change_password(visit: Guest) -> Page:
    form, redis, me = visit.form, visit.house.redis, str(visit.me.account)
    try:
        # Whoever found an open browser may not guess the password in it.
        if not await PASSWORD_CHANGES.spend(redis, me):
            raise TooOften({"old_password": Message(TOO_MANY)})
        hashed = await signing.check_new_password(
            visit.me,
            form.get("old_password"),
            form.get("new_password"),
            visit.asker(visit.me.email, "old_password"),
        )
    except Invalid as wrong:
        return await account_page(visit, status=wrong.status, errors=wrong.fields)
    await PASSWORD_CHANGES.forgive(redis, me)
    async with visit.transaction() as tx:
        token = await signing.change_password(tx, visit.me, hashed, now=visit.now)
    visit.sign_in(token)
    done = Message(N_("Your password is changed. Other browsers are signed out."))
    return visit.see_other("/account", done)


@get("/language/{language:str}", opt=route("site.see"))
async def choose_language(visit: Guest, language: FromPath[str]) -> Page:
    """For strangers: only a cookie. Members' choice is a form, for it is stored."""
    if language in LOCALES:
        visit.set_cookie("language", language)
    return visit.see_other(local_path(visit.request.query_params.get("next")))


@post("/language", opt=route("account.edit"))
async def set_language(visit: Guest) -> Page:
    language = visit.form.get("language")
    await signing.set_language(visit.me, language)
    if language in NAMES:
        visit.set_cookie("language", language)
    return visit.see_other(local_path(visit.form.get("next")))


HANDLERS = [
    sign_up_form,
    sign_up,
    sign_in_form,
    sign_in,
    sign_out,
    account,
    change_password,
    choose_language,
    set_language,
]
