"""What lies in the data folder is its owner's alone: folders 0700, files 0600.

Hashes of passwords, mail addresses and sessions lie there, and on many machines
everybody may read what a program makes. Where a system knows no such modes
nothing is done; where a folder is somebody else's, the operator is told.
"""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

FOLDER, FILE = 0o700, 0o600
OTHERS = 0o077
# Whatever a process makes from now on is closed to others, its children's files too.
UMASK = OTHERS
SQLITE = "sqlite:///"
# SQLite's own names for what belongs to a database.
BESIDE_DATABASE = ("", "-wal", "-shm", "-journal")
OF_VALKEY = "valkey"


def keep_private(data_dir: Path, database: str) -> list[str]:
    """Close the data folder and the database, as far as they exist; what could not be
    closed, in words. `SystemExit` for a folder that holds other things than ours."""
    if os.name != "posix":
        return []
    os.umask(UMASK)
    folder = data_dir.resolve()
    _refuse_shared(folder)
    return [_open_still(path) for path in _ours(folder, database) if not _close(path)]


def own_folder(folder: Path) -> None:
    """Make a folder that nobody else can enter; one that is there already is closed."""
    if not folder.parent.exists():
        own_folder(folder.parent)
    folder.mkdir(mode=FOLDER, exist_ok=True)
    _close(folder)


def own_folder_among_others(folder: Path) -> None:
    """The same where everybody may make folders: `SystemExit` if somebody else made it."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=FOLDER)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise SystemExit(f"baige: {folder} is somebody else's; choose a shorter BAIGE_DATA_DIR")
    _close(folder)


def own_file(path: Path) -> None:
    """Make a file that nobody else can read; one that is there already is closed."""
    if not path.parent.exists():
        own_folder(path.parent)
    path.touch(mode=FILE)
    _close(path)


def _refuse_shared(folder: Path) -> None:
    """Nobody wants the whole machine, or everybody's /tmp, closed by us."""
    if folder == folder.parent or _is_sticky(folder):
        raise SystemExit(f"baige: BAIGE_DATA_DIR must be a folder of its own, not {folder}")


def _is_sticky(folder: Path) -> bool:
    return folder.exists() and bool(folder.stat().st_mode & stat.S_ISVTX)


def _ours(folder: Path, database: str) -> Iterator[Path]:
    """The data folder, the files in it, all of Valkey's, and the database wherever it is."""
    if folder.is_dir():
        yield folder
        yield from (path for path in folder.iterdir() if not path.is_dir())
        for inside, _, files in os.walk(folder / OF_VALKEY):
            yield Path(inside)
            yield from (Path(inside) / name for name in files)
    if database.startswith(SQLITE):
        path = Path(database.removeprefix(SQLITE))
        yield from (path.with_name(path.name + end) for end in BESIDE_DATABASE)


def _close(path: Path) -> bool:
    """Whether the path is closed to others now, or is not there."""
    try:
        mode = path.lstat().st_mode
        wanted = FOLDER if stat.S_ISDIR(mode) else FILE
        # A link has no mode of its own, and what it leads to may not be ours.
        if stat.S_ISLNK(mode) or stat.S_IMODE(mode) == wanted:
            return True
        path.chmod(wanted)
    except FileNotFoundError:
        # Valkey and SQLite remove files of theirs whenever they like.
        return True
    except OSError:
        return _ours_after_all(path)
    return True


def _ours_after_all(path: Path) -> bool:
    """Ours, and still not to be changed: a file system without modes."""
    return path.lstat().st_uid == os.geteuid()


def _open_still(path: Path) -> str:
    return f"baige: others may read {path}, and it is not ours to close"
