"""Which passwords are taken."""

import pytest

from app.accounts.passwords import wrong_password


@pytest.mark.parametrize(
    "password", ["seven wild horses", "Төрт түлік мал!", "a@1!" * 3, "defender of 1991"]
)
def test_fine(password):
    assert wrong_password(password, "ay", "a") is None


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "aaaaaaaaaaaa",
        "x" * 201,
        "my Ayazkid 2026",
        "arman-arman",
        "1234567890",
        "qwertyuiop",
        "Password123!",
        "йцукен12345",
        "0987654321aa",
    ],
)
def test_refused(password):
    assert wrong_password(password, "ayazkid", "arman")
