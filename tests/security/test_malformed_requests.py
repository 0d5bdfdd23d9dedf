"""Whatever is sent: no defect, and the safe headers on every answer, the barest error included."""

import asyncio
import base64
import json
import re
from random import Random
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

from app import asgi
from app.kernel.http.security import HEADERS
from app.kernel.text import templating
from tests.asking import ask
from tests.factories import cup, person

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

KNOWN = "Welcome, {name}."


def flash(text, params):
    return base64.urlsafe_b64encode(json.dumps([text, params]).encode())


COOKIES = [
    b"\xff\xfe\x00",
    b"flash=%%%",
    b"flash=\xff\xff",
    b"flash=a",
    b"flash=" + base64.urlsafe_b64encode(b"\xff\xfe"),
    b"flash=" + base64.urlsafe_b64encode(b"[" * 20_000),
    b"flash=" + base64.urlsafe_b64encode(b'{"a": 1}'),
    b"flash=" + base64.urlsafe_b64encode(b'["%s", {"name": 1e999}]' % KNOWN.encode()),
    b"flash=" + flash(KNOWN, {}),
    b"flash=" + flash(KNOWN, {"text": "x"}),
    b"flash=" + flash(KNOWN, {"self": "x"}),
    b"flash=" + flash(KNOWN, {"name": [1]}),
    b"flash=" + flash(KNOWN, {"name": {"a": 1}}),
    b"flash=" + flash(KNOWN, {"name": "\ud800"}),
    b"flash=" + flash(KNOWN, None),
    b"flash=" + flash(None, {}),
    b"flash=" + flash([], {}),
    b"flash=" + flash("not ours {0.__class__}", {}),
    b"session=\xc3\x28; csrf=\xf0\x9f",
    b"session=%ed%a0%80%00; csrf=%00",
    b'session="\\777\\000"; csrf="\\"',
    b"session=" + b"x" * 60_000,
    b"__Host-session=x; once=%%%; once=" + base64.urlsafe_b64encode(b"[" * 9_000),
    b"language=\xd2\x9b; theme=\x01\x02",
    b"language=kk\r\n; theme=" + "ә".encode(),
    b"=; ;;; =x; x; \x00=\x00",
    b"steam=%00; steam-proof=\xff",
    b";" * 5_000,
    b'a="' + b"\\" * 3_001,
]
PATHS = ("/", "/desk", "/about", "/nothing", "/account", "/matches/1", "/language/ru")


def check(answer, what):
    """The safe headers are there, and it is no defect."""
    for name, value in HEADERS.items():
        assert answer.headers.get(name) == value, (what, name)
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"]), what
    assert answer.status < 500, what


@pytest.fixture
async def quiet(site):
    """A site, and the defects it has logged: none at the end."""
    with capture_logs() as lines:
        yield site
    assert [line for line in lines if line["log_level"] in ("error", "critical")] == []


async def test_malformed_cookies(quiet):
    for cookie in COOKIES:
        for path in PATHS:
            for method in ("GET", "HEAD", "POST"):
                answer = await ask(
                    quiet.site.app, path, method=method, headers=[(b"cookie", cookie)]
                )
                check(answer, (cookie[:60], method, path))


async def test_any_bytes_in_any_header(quiet):
    chance = Random(9)
    member = await quiet.signed_in(await person("somebody"))
    session = member.http.cookies["session"].encode()
    names = [
        b"cookie", b"accept-language", b"accept-encoding", b"if-none-match", b"content-type",
        b"content-length", b"host", b"origin", b"referer", b"sec-fetch-site", b"hx-request",
        b"hx-source", b"hx-current-url", b"last-event-id", b"x-forwarded-for", b"forwarded",
        b"transfer-encoding", b"range", b"authorization", b"user-agent", b"expect", b"accept",
    ]  # fmt: skip
    for _ in range(1_000):
        headers = [
            (name, bytes(chance.randrange(256) for _ in range(chance.choice((0, 1, 5, 40, 2_000)))))
            for name in chance.sample(names, chance.randint(1, 6))
        ]
        if chance.random() < 0.5:
            headers.append((b"cookie", b"session=" + session))
        path = chance.choice(PATHS)
        method = chance.choice(("GET", "GET", "HEAD", "POST", "PUT", "OPTIONS", "X" * 20))
        body = bytes(chance.randrange(256) for _ in range(chance.choice((0, 3, 300))))
        answer = await ask(quiet.site.app, path, method=method, headers=headers, body=body)
        check(answer, (headers, method, path))


NO_HOSTS = [
    b"x:abc", b"x:99999999", b"x:65536", b"x:-1", b"http://evil", b"x/y", b"x?", b"a b", b"[",
    b"[::1", b"x:1:2", b"a@b", b"\xff", "\u0665".encode(), b"x#", b"\\",
]  # fmt: skip


async def test_a_host_that_is_none(quiet):
    for host in NO_HOSTS:
        for path in ("/clans", "/sign-in", "/nope", "/live/home"):
            headers = [(b"host", host)]
            answer = await ask(quiet.site.app, path, headers=headers, host=None)
            check(answer, (host, path))
            assert answer.status == 400
            twice = await ask(quiet.site.app, path, method="POST", headers=headers)
            assert twice.status == 400


async def test_a_host_there_may_be(quiet):
    for host in (b"", b"x", b"x:", b"x:65535", b"127.0.0.1:80", b"[::1]:8000", None):
        answer = await ask(quiet.site.app, "/sign-in", host=host)
        check(answer, host)
        assert answer.status == 200


async def test_any_bytes_in_an_address(quiet):
    made = await cup(quiet.db, 2)
    organiser = await quiet.signed_in(made.organiser)
    cookie = [(b"cookie", b"session=" + organiser.http.cookies["session"].encode())]
    odd = ["%00", "%ff%fe", "%ed%a0%80", "..%2f..", "9" * 400, "9" * 5_000, "-1", "0", "٣",
           "%2e", "a" * 300 + ".css", "a" * 3_000, "-99999999999999999999", "-2147483649"]  # fmt: skip
    paths = {route.path for route in quiet.site.litestar.routes}
    for path in sorted(paths):
        # Without a worker "not ready" is the truth.
        if path in ("/live/home", "/health/ready"):
            continue
        for each in odd:
            asked = re.sub(r"\{[^}]*\}", each, path)
            for query in ("", f"?at={each}&round={each}&page={each}&next={each}&since={each}"):
                answer = await ask(quiet.site.app, asked + query, headers=cookie)
                check(answer, asked + query)
    for raw in (b"", b"/\xff", b"//", b"/?" + b"\xff=\xfe&&=" * 50, b"/%", b"/%zz?%zz"):
        check(await ask(quiet.site.app, raw), raw)


FORM = b"application/x-www-form-urlencoded"
MULTIPART = b"multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("media", "body"),
    [
        (FORM, b"\xff\xfe=%ff&csrf=%zz"),
        (FORM, b"&" * 3_000),
        (FORM, b"a=1&" * 30_000),
        (MULTIPART, b""),
        (MULTIPART, b"no boundary at all"),
        (MULTIPART, b"--x\r\n"),
        (MULTIPART, b"--x\r\ncontent-disposition: form-data\r\n\r\nx\r\n--x--"),
        (MULTIPART, b'--x\r\ncontent-disposition: form-data; name="\xff"\r\n\r\n\xff\r\n--x--'),
        (MULTIPART, b'--x\r\ncontent-disposition: form-data; name="a"; filename="\xff"\r\n\r\n'),
        (MULTIPART, b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nx\r\n--x--' * 2_000),
        (b"multipart/form-data", b"--x\r\n"),
        (b"multipart/form-data; boundary=\xff", b"--\xff\r\n"),
        (b"application/json", b"{"),
        (b"application/json", b"[" * 100_000),
        (b"text/plain; charset=no-such-thing", b"x"),
        (b"\xff/\xfe; charset=utf-99", b"\x00" * 10),
        (b"", b"x=1"),
    ],
)
async def test_malformed_forms(quiet, media, body):
    made = await cup(quiet.db, 2)
    organiser = await quiet.signed_in(made.organiser)
    cookie = (b"cookie", b"session=" + organiser.http.cookies["session"].encode())
    for path in ("/sign-in", "/clans/new", f"/tournaments/{made.slug}/edit", "/webhooks/faceit"):
        headers = [cookie, (b"content-type", media)]
        answer = await ask(quiet.site.app, path, method="POST", headers=headers, body=body)
        check(answer, (media, path))
        assert 400 <= answer.status < 500


def part(value, charset=None):
    """A form of one field, in a charset of its own."""
    media = b"content-type: text/plain; charset=" + charset + b"\r\n" if charset else b""
    head = b'--x\r\ncontent-disposition: form-data; name="a"\r\n' + media
    return head + b"\r\n" + value + b"\r\n--x--"


NO_TEXTS = [
    part(b"\xff\xfe"),
    part(b"\xed\xa0\x80"),
    part(b"x", b"utf-99"),
    part(b"x", b'"a\0b"'),
    part(b"x", b"rot13"),
    part(b"x", b"undefined"),
    part(b"x", b"hex"),
    part(b"\\ud800", b"unicode_escape"),
    part(b"\x00\xd8", b"utf-16-le"),
    part(b"+2AA-", b"utf-7"),
]


async def test_fields_that_are_no_text(quiet):
    for body in NO_TEXTS:
        for path in ("/sign-in", "/sign-up", "/sign-out", "/matches/1/report"):
            headers = [(b"content-type", MULTIPART)]
            answer = await ask(quiet.site.app, path, method="POST", headers=headers, body=body)
            check(answer, (path, body))
            assert answer.status in (303, 400)


async def test_each_kind_of_refusal_is_a_page_of_its_own(quiet):
    member = await quiet.signed_in(await person("somebody"))
    cookie = (b"cookie", b"session=" + member.http.cookies["session"].encode())
    for status, said, asked in (
        (404, "nothing at this address", {"path": "/nothing"}),
        (405, "nothing at this address", {"path": "/about", "method": "DELETE"}),
        (413, "too large", {"path": "/clans/new", "method": "POST", "body": b"x" * 300_000}),
        (403, "expired", {"path": "/clans/new", "method": "POST", "body": b"name=x"}),
    ):
        headers = [cookie, (b"content-type", FORM), (b"accept-language", b"en")]
        answer = await ask(quiet.site.app, headers=headers, **asked)
        check(answer, status)
        assert answer.status == status
        assert said in answer.body.decode()


@pytest.mark.parametrize("media", [FORM, MULTIPART, b"application/json"])
async def test_who_leaves_while_sending_is_no_defect(quiet, media):
    for path in ("/sign-in", "/clans/new", "/webhooks/faceit", "/game-servers/matchzy/events"):
        for pieces in ([None], [b"", None], [b"csrf=x&a", None], [b"x" * 300_000, None]):
            headers = [(b"content-type", media), (b"content-length", b"400000")]
            app = quiet.site.app
            answer = await ask(app, path, method="POST", headers=headers, body=list(pieces))
            assert answer is None or answer.status < 500
            # Also without what reads forms before their turn.
            streams = quiet.site.streams
            await ask(streams, path, method="POST", headers=headers, body=list(pieces))


async def test_an_upload_cut_off_on_the_wire_is_no_defect(quiet):
    where = urlsplit(quiet.base_url)
    for path in ("/clans/new", "/webhooks/faceit", "/game-servers/matchzy/events"):
        for sent in (b"", b"--x\r\n", b"x" * 70_000):
            _, writer = await asyncio.open_connection(where.hostname, where.port)
            head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n"
            writer.write(head.encode() + b"content-type: " + MULTIPART + b"\r\n\r\n" + sent)
            await writer.drain()
            writer.transport.abort()
    # Whoever comes after is answered, so what was cut off has been dealt with.
    for _ in range(3):
        assert (await quiet.stranger().get("/about")).status_code == 200


# -- when we are at fault -------------------------------------------------------------


def _fail(*_, **__):
    raise ZeroDivisionError


async def _broken(site, path="/about", **asked):
    with capture_logs() as lines:
        answer = await ask(site.site.app, path, **asked)
    errors = [line for line in lines if line["log_level"] == "error"]
    # Once more when the page that should tell of it fails as well.
    assert 1 <= len(errors) <= 2
    assert {line["request"] for line in errors} == {answer.headers["x-request-id"]}
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert answer.status == 500
    assert "content-security-policy" in answer.headers
    return answer


async def test_a_defect_in_a_page(site, monkeypatch):
    monkeypatch.setattr("tournaments.queries.matches_to_play", _fail)
    member = await site.signed_in(await person("somebody"))
    cookie = (b"cookie", b"session=" + member.http.cookies["session"].encode())
    answer = await _broken(site, "/desk", headers=[cookie])
    assert answer.headers["x-request-id"] in answer.body.decode()


async def test_a_defect_in_the_page_that_tells_of_a_defect(site, monkeypatch):
    monkeypatch.setattr(templating, "render", _fail)
    for method in ("GET", "HEAD"):
        answer = await _broken(site, method=method)
        assert answer.headers["x-request-id"] in answer.body.decode()
        assert "Something broke on our side" in answer.body.decode()
        assert "У нас что-то сломалось" in answer.body.decode()


async def test_a_defect_before_the_first_route(site, monkeypatch):
    monkeypatch.setattr("app.kernel.live.kept.signature_of", _fail)
    await _broken(site)


async def test_a_defect_before_the_handler_and_after_it(site, monkeypatch):
    monkeypatch.setattr(asgi.Visit, "enter", _fail)
    await _broken(site)
    monkeypatch.undo()
    monkeypatch.setattr("app.kernel.http.web.html", _fail)
    await _broken(site)


async def test_a_defect_in_the_middle_of_an_answer_cuts_it_off(site):
    async def half(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError

    from app.kernel.http.security import Secured

    with capture_logs() as lines, pytest.raises(ZeroDivisionError):
        await ask(Secured(half, secure=True), "/")
    assert [line["log_level"] for line in lines] == ["error"]
    assert site


async def test_every_kind_of_answer_has_the_headers(quiet):
    made = await cup(quiet.db, 2)
    for path in ("/", "/", f"/tournaments/{made.slug}", f"/tournaments/{made.slug}", "/matches/1"):
        # The second time from the kept pages, and then "not modified".
        answer = await ask(quiet.site.app, path)
        check(answer, path)
        if "etag" in answer.headers:
            etag = answer.headers["etag"].encode()
            again = await ask(quiet.site.app, path, headers=[(b"if-none-match", etag)])
            check(again, path)
            assert again.status == 304
    for path in ("/health", "/static/none.css", "/media/none.webp", "/robots.txt", "/favicon.ico"):
        check(await ask(quiet.site.app, path), path)
    async with quiet.stranger().http.stream("GET", "/live/home") as answer:
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
