"""The data folder and all that is in it are closed to others, whatever was there before."""

import os
import stat
import subprocess

import pytest

from app.kernel.db.sqlite import PooledSQLiteEngine
from app.kernel.operation import private_files
from app.kernel.operation.private_files import keep_private, own_folder_among_others
from app.kernel.operation.valkey import Valkey
from tests.processes import BAIGE

pytestmark = pytest.mark.skipif(os.name != "posix", reason="no such modes here")


def mode(path):
    return stat.S_IMODE(path.lstat().st_mode)


def modes(folder):
    return {path.name: oct(mode(path)) for path in folder.rglob("*")}


@pytest.fixture
def umask():
    """Any umask the process may have been started with; put back afterwards."""
    before = os.umask(0)
    yield os.umask
    os.umask(before)


def wide_open(folder):
    (folder / "valkey" / "appendonlydir").mkdir(parents=True)
    for name in ("baige.db", "baige.db-wal", "demo.txt", "valkey/valkey.log"):
        (folder / name).touch()
        (folder / name).chmod(0o666)
    for each in (folder, folder / "valkey", folder / "valkey" / "appendonlydir"):
        each.chmod(0o777)


@pytest.mark.parametrize("of_start", [0, 0o22, 0o777])
def test_what_was_open_is_closed(tmp_path, umask, of_start):
    folder = tmp_path / "var"
    wide_open(folder)
    umask(of_start)
    assert keep_private(folder, f"sqlite:///{folder / 'baige.db'}") == []
    assert mode(folder) == 0o700
    assert modes(folder) == {
        "baige.db": "0o600",
        "baige.db-wal": "0o600",
        "demo.txt": "0o600",
        "valkey": "0o700",
        "appendonlydir": "0o700",
        "valkey.log": "0o600",
    }
    # What is made from now on is closed from the beginning.
    (folder / "new").touch()
    assert mode(folder / "new") == 0o600


def test_a_database_elsewhere_is_closed_and_its_folder_is_left_alone(tmp_path, umask):
    umask(0o22)
    elsewhere = tmp_path / "srv"
    elsewhere.mkdir(mode=0o755)
    for name in ("site.db", "site.db-wal", "neighbour"):
        (elsewhere / name).touch(mode=0o644)
    keep_private(tmp_path / "var", f"sqlite:///{elsewhere / 'site.db'}")
    assert mode(elsewhere) == 0o755
    assert modes(elsewhere) == {"site.db": "0o600", "site.db-wal": "0o600", "neighbour": "0o644"}
    assert not (tmp_path / "var").exists()


def test_a_link_out_of_the_folder_is_not_followed(tmp_path, umask):
    outside = tmp_path / "outside"
    outside.touch()
    outside.chmod(0o644)
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "link").symlink_to(outside)
    keep_private(tmp_path / "var", "postgresql://nowhere")
    assert mode(outside) == 0o644


def test_folders_of_everybody_are_refused(tmp_path, umask):
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp").chmod(0o1777)
    for shared in (tmp_path / "tmp", type(tmp_path)("/")):
        with pytest.raises(SystemExit, match="a folder of its own"):
            keep_private(shared, "")
    assert mode(tmp_path / "tmp") == 0o1777


def test_what_is_not_ours_to_close_is_said(tmp_path, umask, monkeypatch):
    folder = tmp_path / "var"
    wide_open(folder)

    def refused(self, mode):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(type(folder), "chmod", refused)
    # A file system without modes refuses too, and there is nothing to say of it.
    assert keep_private(folder, "") == []
    monkeypatch.setattr(private_files.os, "geteuid", lambda: 4_242)
    said = keep_private(folder, "")
    assert f"baige: others may read {folder}, and it is not ours to close" in said


def test_a_folder_that_somebody_else_has_made_is_not_used(tmp_path, umask, monkeypatch):
    mine = tmp_path / "mine"
    own_folder_among_others(mine)
    own_folder_among_others(mine)
    assert mode(mine) == 0o700
    (tmp_path / "link").symlink_to(mine)
    with pytest.raises(SystemExit, match="somebody else's"):
        own_folder_among_others(tmp_path / "link")
    monkeypatch.setattr(private_files.os, "geteuid", lambda: 4_242)
    with pytest.raises(SystemExit, match="somebody else's"):
        own_folder_among_others(mine)


async def test_the_embedded_servers_files_are_closed_whatever_the_umask(tmp_path, umask):
    umask(0)
    folder = tmp_path / "var"
    valkey = Valkey(folder)
    await valkey.start()
    try:
        engine = PooledSQLiteEngine(str(folder / "baige.db"))
        await engine.start_connection_pool()
        await engine._run_in_new_connection("CREATE TABLE t (x)")
        found = modes(folder)
        await engine.close_connection_pool()
    finally:
        valkey.stop()
    assert mode(folder) == 0o700
    folders = {"valkey", "appendonlydir"}
    assert set(found) >= {"baige.db", "baige.db-wal", "baige.db-shm", "valkey.sock", "valkey.log"}
    assert {name: each for name, each in found.items() if name in folders} == dict.fromkeys(
        folders, "0o700"
    )
    assert {each for name, each in found.items() if name not in folders} == {"0o600"}


def test_a_command_closes_the_folder_before_it_uses_it(tmp_path):
    folder = tmp_path / "var"
    wide_open(folder)
    subprocess.run(
        [BAIGE, "migrate"],
        env={"BAIGE_DATA_DIR": str(folder), "PATH": os.environ["PATH"]},
        preexec_fn=lambda: os.umask(0),
        check=True,
    )
    assert mode(folder) == 0o700
    assert {each for name, each in modes(folder).items() if "." in name} == {"0o600"}
