"""Settings come from the environment, and a mistake names its variable."""

import pytest

from app.kernel.operation import settings


def test_a_value_or_a_file_that_holds_it(tmp_path):
    (tmp_path / "key").write_text("secret\n")
    environ = {"BAIGE_PORT": "9000", "BAIGE_OPENDOTA_KEY_FILE": str(tmp_path / "key")}
    read = settings.read(environ)
    assert (read.port, read.opendota_key, read.host) == (9000, "secret", "127.0.0.1")


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"BAIGE_PORT": "abc"}, "BAIGE_PORT"),
        ({"BAIGE_POLL_SECONDS": "soon"}, "BAIGE_POLL_SECONDS"),
        ({"BAIGE_URL_FILE": "/nowhere/at/all"}, "BAIGE_URL_FILE"),
    ],
)
def test_a_mistake_names_its_variable(environ, name):
    with pytest.raises(SystemExit, match=name):
        settings.read(environ)


@pytest.mark.parametrize(
    ("given", "public"),
    [
        (settings.Settings(), False),
        (settings.Settings(host="localhost"), False),
        (settings.Settings(host="::1", url="http://localhost:8000"), False),
        (settings.Settings(host="0.0.0.0"), True),
        (settings.Settings(host="192.168.1.5"), True),
        (settings.Settings(url="https://cup.example"), True),
        (settings.Settings(host="::"), True),
    ],
)
def test_which_addresses_are_public(given, public):
    assert given.is_public is public
