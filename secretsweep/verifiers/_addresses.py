"""Which addresses may be spoken to: what a host name is, which IP addresses are nobody else's, what a user allowed."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAME = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PLATFORMS = tuple(  # public by their numbers: Azure's platform address, and what Oracle's cloud answers at
    map(ipaddress.ip_network, ("168.63.129.16/32", "192.0.0.0/24"))
)
_UNICAST = ipaddress.ip_network("2000::/3")  # all of IPv6 that is given to anybody (RFC 4291)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last 32 bits


class Address(NamedTuple):
    """A host as it is asked for: a name in lower case, or an IP address in its one form. Port 0: any."""

    host: str
    port: int = 0

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.port else host


def parsed(text: str, port: int = 0) -> Address:
    """`HOST`, `HOST:PORT`, `[IPv6]:PORT`. ValueError for what is no proper name or address: `0x7f.1`, `2852039166`."""
    if text.count(":") > 1 and not text.startswith("["):
        return Address(host(text), port)
    match = re.fullmatch(r"(\[[^\]]*\]|[^\[\]:]*)(?::(\d{1,5}))?", text, re.ASCII)
    if not match or int(match[2] or 0) > 65535:
        raise ValueError("is no HOST or HOST:PORT")
    return Address(host(match[1]), int(match[2] or port))


def host(text: str) -> str:
    """A host in its one form. ValueError: numbers in other forms than four decimal ones are read differently by
    different programs, so they are no address here."""
    inner = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        return str(ipaddress.ip_address(inner))
    except ValueError:
        pass
    name = text.lower().removesuffix(".")
    if not _NAME.fullmatch(name) or re.fullmatch(r"0x[0-9a-f]*", name.rpartition(".")[2]):
        raise ValueError("is no host name")
    return name


def private(ip: IP) -> str:
    """What an address is that is nobody's on the internet (`loopback`, `link-local`, …); "" when it is public."""
    if isinstance(ip, ipaddress.IPv6Address):
        inside = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inside = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inside is not None:
            return private(inside)
        if ip.scope_id or ip.is_site_local:
            return "link-local"
    public = ip.is_global and not any(ip in network for network in _PLATFORMS)
    kinds = {
        "unspecified": ip.is_unspecified,
        "loopback": ip.is_loopback,
        "link-local": ip.is_link_local,
        "multicast": ip.is_multicast,
        "private": not public or (ip.version == 6 and ip not in _UNICAST),
    }
    return next((kind for kind, holds in kinds.items() if holds), "")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a user allowed beyond vendors' own hosts: addresses by their literal names, and networks."""

    addresses: frozenset[Address] = frozenset()
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    def named(self, address: Address) -> bool:
        """Whether this host was named, with this port or without any."""
        if address in self.addresses or Address(address.host) in self.addresses:
            return True
        try:
            return self.covers(ipaddress.ip_address(address.host), address.port)
        except ValueError:
            return False

    def covers(self, ip: IP, port: int) -> bool:
        """Whether this very IP address was named, or a network around it."""
        known = Address(str(ip), port) in self.addresses or Address(str(ip)) in self.addresses
        return known or any(ip in network for network in self.networks)


def allowed(texts: Iterable[str]) -> Allowed:
    """Of `HOST`, `HOST:PORT` and networks like `10.1.0.0/16`. ValueError names the one that is none of these."""
    addresses: set[Address] = set()
    networks = []
    for text in texts:
        try:
            if "/" in text:
                networks.append(ipaddress.ip_network(text))
            else:
                addresses.add(parsed(text))
        except ValueError:
            raise ValueError(f"{text}: is no HOST, HOST:PORT or network like 10.1.0.0/16") from None
    return Allowed(frozenset(addresses), tuple(networks))
