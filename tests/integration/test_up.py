"""`baige up` as people start it: the default folder, the demo world, Ctrl-C."""

import asyncio
import socket

import pytest

from tests.processes import Process, run
from tests.site import Person, until

pytestmark = pytest.mark.timeout(90)


async def test_the_demo_world_plays_by_itself_and_ctrl_c_ends_it(tmp_path):
    house = Process("up", "--demo", folder=tmp_path, data_dir="var")
    port = await house.start()
    visitor = Person(f"http://127.0.0.1:{port}")
    home = (await visitor.get("/")).text
    assert "Күзгі Бәйге 1" in home
    assert "Қысқы Бәйге 2026" in home
    cups = (await visitor.get("/tournaments?state=finished")).text
    assert "Көктем Бәйгесі 2026" in cups

    async def moved():
        text = (await visitor.get("/tournaments/kuzgi-baige-1")).text
        return "2 of 16 matches played" in text

    await until(moved, seconds=40)
    files = [path for path in (tmp_path / "var").rglob("*") if not path.is_dir()]
    assert {"baige.db", "demo.txt", "valkey.sock"} <= {path.name for path in files}
    assert {path.lstat().st_mode & 0o777 for path in files} == {0o600}
    stream = asyncio.create_task(_listen(port))
    await asyncio.sleep(0.5)
    # Two seconds where nothing else is going on.
    assert await house.stop() < 4
    await stream
    await visitor.http.aclose()
    code, said = await run("check", folder=tmp_path, data_dir=str(tmp_path / "var"))
    assert (code, said.splitlines()[-1]) == (0, "baige check: 0 differences")


async def test_an_empty_house_says_how_to_become_organiser(tmp_path):
    house = Process("up", "--no-demo", folder=tmp_path, data_dir="var")
    await house.start(ready="organiser add()")
    await house.stop()
    code, said = await run(
        "organiser", "add", "nobody@example.com", folder=tmp_path, data_dir="var"
    )
    assert code == 1
    assert "nobody has signed up" in said


async def _listen(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /live/home HTTP/1.1\r\nhost: x\r\n\r\n")
    await reader.read(-1)
    writer.close()
    await writer.wait_closed()


async def test_a_port_that_is_taken_is_said_in_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = await run("up", folder=tmp_path, data_dir="var", port=str(port))
    assert code == 1
    assert said.splitlines()[-1].startswith(f"baige: cannot listen on 127.0.0.1:{port} (")
    assert "Traceback" not in said
