"""BAIGE_LAN names networks: all private ones, or some, or none; a mistake is said at start."""

import pytest

from app.kernel.http.networks import Networks
from app.kernel.operation import settings


def test_which_networks_are_named():
    local = Networks.named("1")
    inside = ("10.0.0.1", "172.16.9.9", "192.168.1.5", "127.0.0.1", "::1", "fd00::1", "fe80::1%e")
    assert all(each in local for each in (*inside, "::ffff:192.168.1.5"))
    assert not any(each in local for each in ("8.8.8.8", "100.64.0.1", "2001:db8::1", "", "x"))
    named = Networks.named("203.0.113.7, 2001:db8::/32")
    assert "203.0.113.7" in named
    assert "2001:db8::1" in named
    assert "203.0.113.8" not in named
    assert "127.0.0.1" not in named
    assert "127.0.0.1" not in Networks.named("")
    for wrong in ("my lan", "10.0.0.0/99", "1,"):
        with pytest.raises(SystemExit, match="BAIGE_LAN"):
            settings.read({"BAIGE_LAN": wrong})
