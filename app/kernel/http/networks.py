"""Networks that the operator trusts: nobody in them is slowed down for being many."""

from collections.abc import Iterable
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network

# Addresses that no provider hands out: RFC 1918, 3927, 4193, 4291, and this machine.
PRIVATE = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
)
YES, NO = ("1", "yes", "true", "on"), ("", "0", "no", "false", "off")


class Networks:
    """A set of networks; `address in networks` for an address as text."""

    def __init__(self, networks: Iterable[Network] = ()) -> None:
        self._networks = tuple(networks)

    @classmethod
    def named(cls, text: str) -> "Networks":
        """`1` is all private networks, nothing is none, else networks or addresses
        separated by commas; `ValueError` for anything else."""
        text = text.strip().lower()
        if text in NO:
            return cls()
        given = PRIVATE if text in YES else text.split(",")
        return cls(ip_network(each.strip(), strict=False) for each in given)

    @classmethod
    def of(cls, names: Iterable[str]) -> "Networks":
        """Those of the names that are networks or addresses; others are left out."""
        found = []
        for name in names:
            with suppress(ValueError):
                found.append(ip_network(name.strip(), strict=False))
        return cls(found)

    def __or__(self, other: "Networks") -> "Networks":
        return Networks((*self._networks, *other._networks))

    def __contains__(self, address: object) -> bool:
        if not self._networks:
            return False
        try:
            known = ip_address(str(address).partition("%")[0])
        except ValueError:
            return False
        if known.version == 6 and known.ipv4_mapped:
            known = known.ipv4_mapped
        return any(known in network for network in self._networks)
