"""From a name to a connection, each step within its time."""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Sequence

from secretsweep.verifiers._addresses import IP, Address
from secretsweep.verifiers._troubles import NoAnswer

Resolve = Callable[[str, float], list[IP]]
Dial = Callable[[str, int, float], socket.socket]


def resolved(host: str, seconds: float) -> list[IP]:
    """The addresses of a host, none when it has no; NoAnswer when that takes too long: the system's resolver has no
    limit of its own, so a thread waits for it that does not keep the program from ending."""
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        pass
    found: list[IP] = []

    def look() -> None:
        try:
            entries = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        found.extend(dict.fromkeys(ipaddress.ip_address(str(entry[4][0])) for entry in entries))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise NoAnswer(f"the address of {host} was not told within {seconds:.0f} s", host)
    return found


def socket_to(ip: str, port: int, seconds: float) -> socket.socket:
    """A connection to an IP address: there is no name here that could be resolved anew."""
    return socket.create_connection((ip, port), seconds)


def dialled(ips: Sequence[str], address: Address, dial: Dial, seconds: float, end: float) -> socket.socket:
    """A connection to the first of the IP addresses that takes one."""
    said = "no connection"
    for ip in ips:
        left = min(seconds, end - time.monotonic())
        if left <= 0:
            said = "no connection in time"
            break
        try:
            return dial(ip, address.port, left)
        except TimeoutError:
            said = f"no connection within {left:.0f} s"
        except OSError as error:
            said = error.strerror or said
    raise NoAnswer(f"{address}: {said}", str(address))
