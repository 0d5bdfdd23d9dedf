"""Which passwords are taken."""

import pytest

from app.accounts.passwords import wrong_password


@pytest.mark.parametrize("password", ["seven wild horses", "Төрт түлік мал!", "a@1!" * 3])
def test_fine(password):
    assert wrong_password(password, "ay", "a") is None


@pytest.mark.parametrize(
    "password", ["short", "aaaaaaaaaaaa", "x" * 201, "my Ayazkid 2026", "arman-arman"]
)
def test_refused(password):
    assert wrong_password(password, "ayazkid", "arman")
