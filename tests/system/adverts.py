"""Builds VRRP advertisements by hand as whole Ethernet frames: correct ones, and one of each kind of invalid ones.

An invalid advertisement claims that the backup router is active with priority 254. That claim would do the most harm if
the server accepted it. Apart from the fault in its name, each of these packets is valid (RFC 9568 7.1, RFC 3768 7.1).
"""
import ipaddress
import socket
import struct
import threading
import time

ETHER_IPV4, ETHER_IPV6, ETH_P_ALL = 0x0800, 0x86DD, 3
GROUP4, GROUP6 = "224.0.0.18", "ff02::12"
GROUP4_MAC, GROUP6_MAC = bytes.fromhex("01005e000012"), bytes.fromhex("333300000012")
PROTOCOL = 112


def ones_complement(octets):
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packed(address):
    return ipaddress.ip_address(address).packed


def message(
    vrid=51,
    priority=254,
    vips=("192.0.2.1",),
    interval=100,
    version=3,
    kind=1,
    count=None,
    source=None,
    target=None,
    reserved=0,
    auth=(0, b""),
    checksum=None,
):
    """The VRRP message. The checksum of version 3 covers the pseudo-header of source and target (RFC 5798). That of
    version 2 covers the message only."""
    addresses = b"".join(map(packed, vips))
    head = struct.pack("!BBBB", version << 4 | kind, vrid, priority, len(vips) if count is None else count)
    if version == 2:
        head += struct.pack("!BB", auth[0], interval)
        addresses += auth[1].ljust(8, b"\0")
    else:
        head += struct.pack("!H", reserved << 12 | interval)
    if checksum is None:
        plain = head + b"\0\0" + addresses
        pseudo = b""
        if version != 2 and source:
            pseudo = packed(source) + packed(target)
            pseudo += (
                struct.pack("!IHBB", len(plain), 0, 0, PROTOCOL)
                if ":" in source
                else struct.pack("!BBH", 0, PROTOCOL, len(plain))
            )
        checksum = ones_complement(pseudo + plain)
    return head + struct.pack("!H", checksum) + addresses


def ipv4(payload, source, target=GROUP4, ttl=255, options=b"", protocol=PROTOCOL, flags=0, length=None, ihl=None):
    ihl = 5 + len(options) // 4 if ihl is None else ihl
    total = 20 + len(options) + len(payload) if length is None else length
    head = (
        struct.pack("!BBHHHBBH", 4 << 4 | ihl, 0xC0, total, 1, flags, ttl, protocol, 0)
        + packed(source)
        + packed(target)
        + options
    )
    return head[:10] + struct.pack("!H", ones_complement(head)) + head[12:] + payload


def ipv6(payload, source, target=GROUP6, hops=255):
    return struct.pack("!IHBB", 6 << 28, len(payload), PROTOCOL, hops) + packed(source) + packed(target) + payload


def frame(packet, mac="02:00:00:00:00:66"):
    """The packet in an Ethernet frame to its multicast group."""
    six = packet[0] >> 4 == 6
    return (
        (GROUP6_MAC if six else GROUP4_MAC)
        + bytes.fromhex(mac.replace(":", ""))
        + struct.pack("!H", ETHER_IPV6 if six else ETHER_IPV4)
        + packet
    )


def spoilt(packet, at):
    """The packet with one bit inverted in the octet at this offset."""
    return packet[:at] + bytes([packet[at] ^ 1]) + packet[at + 1 :]


def claim(source="192.0.2.3", **what):
    """A valid advertisement from this source, as an IPv4 packet."""
    return ipv4(message(source=source, target=GROUP4, **what), source)


def wrong4(source="192.0.2.3", stranger="192.0.2.66", vip="192.0.2.1", vrid=51, interval=100, own="192.0.2.53"):
    """{name: (reason, IPv4 packet)} of invalid advertisements. The reasons are the names of the server's counters."""

    def v3(**what):
        return message(
            **{"source": source, "target": GROUP4, "vips": (vip,), "vrid": vrid, "interval": interval, **what}
        )

    good = v3()
    return {
        "TTL 254": ("ttl", ipv4(good, source, ttl=254)),
        "TTL 1": ("ttl", ipv4(good, source, ttl=1)),
        "checksum of zero": ("checksum", ipv4(v3(checksum=0), source)),
        "checksum off by one": ("checksum", ipv4(spoilt(good, 7), source)),
        "count of two with one address": ("length", ipv4(v3(count=2), source)),
        "count of zero": ("count", ipv4(v3(vips=()), source)),
        "count of 255": ("length", ipv4(v3(count=255), source)),
        "VRID 0": ("vrid_zero", ipv4(v3(vrid=0), source)),
        "foreign VRID": ("vrid", ipv4(v3(vrid=vrid % 255 + 1), source)),
        "interval 0": ("interval", ipv4(v3(interval=0), source)),
        "type 0": ("type", ipv4(v3(kind=0), source)),
        "type 2": ("type", ipv4(v3(kind=2), source)),
        "version 0": ("version", ipv4(v3(version=0), source)),
        "version 1": ("version", ipv4(v3(version=1), source)),
        "version 4": ("version", ipv4(v3(version=4), source)),
        "four octets": ("short", ipv4(good[:4], source)),
        "no octets": ("short", ipv4(b"", source)),
        "half an address": ("length", ipv4(good[:10], source)),
        "trailing octets": ("length", ipv4(good + b"\0\0\0\0", source)),
        "trailer of an unknown kind": ("length", ipv4(good + b"\x63" + bytes(27), source)),
        "v2 without authentication data": (
            "length",
            ipv4(message(version=2, vrid=vrid, vips=(vip,), interval=1)[:-8], source),
        ),
        "v2 with interval 0": ("interval", ipv4(message(version=2, vrid=vrid, vips=(vip,), interval=0), source)),
        "v2 with an unknown authentication": (
            "auth_type",
            ipv4(message(version=2, vrid=vrid, vips=(vip,), interval=1, auth=(9, b"x")), source),
        ),
        "another virtual address": ("vips", ipv4(v3(vips=("192.0.2.99",)), source)),
        "one virtual address more": ("vips", ipv4(v3(vips=(vip, "192.0.2.99")), source)),
        "an unknown source": ("source", ipv4(v3(source=stranger), stranger)),
        "the virtual address as source": ("source", ipv4(v3(source=vip), vip)),
        "an unknown source with priority 0": ("source", ipv4(v3(source=stranger, priority=0), stranger)),
        "a fragment": ("fragment", ipv4(good, source, flags=0x2000)),
        "total length larger than the packet": ("ip", ipv4(good, source, length=64)),
        "IP checksum off by one": ("ip_checksum", spoilt(ipv4(good, source), 11)),
        "unicast destination": ("destination", ipv4(v3(target=own), source, target=own)),
        "IP header length 4": ("ip", ipv4(good, source, ihl=4)),
        "IP options after the end of the packet": ("ip", ipv4(b"", source, ihl=15)),
    }


def wrong6(source, vip="2001:db8::1", link_local="fe80::1:1", vrid=51):
    """{name: (reason, IPv6 packet)} of invalid advertisements."""

    def v3(**what):
        return message(**{"source": source, "target": GROUP6, "vips": (link_local, vip), "vrid": vrid, **what})

    return {
        "IPv6 hop limit 254": ("ttl", ipv6(v3(), source, hops=254)),
        "IPv6 checksum of zero": ("checksum", ipv6(v3(checksum=0), source)),
        "IPv6 first address not link-local": ("link_local", ipv6(v3(vips=(vip, link_local)), source)),
        "IPv6 unknown source": ("source", ipv6(v3(source="fe80::66"), "fe80::66")),
        "IPv6 other addresses": ("vips", ipv6(v3(vips=(link_local, "2001:db8::99")), source)),
        "IPv6 version 2": ("version", ipv6(v3(version=2), source)),
    }


class Ear:
    """Receives the advertisements on a host's interface: `heard` is [(instant, source address, VRID, priority)]."""

    def __init__(self, host, interface="eth0"):
        self.heard = []
        self.socket = host.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self.socket.bind((interface, ETH_P_ALL))
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                packet, origin = self.socket.recvfrom(2048)
            except OSError:
                return
            came = time.monotonic()
            if origin[2] == socket.PACKET_OUTGOING:
                continue
            if packet[0] >> 4 == 4 and packet[9] == PROTOCOL:
                self._note(came, packet[12:16], packet[(packet[0] & 15) * 4 :])
            elif packet[0] >> 4 == 6 and packet[6] == PROTOCOL:
                self._note(came, packet[8:24], packet[40:])

    def _note(self, came, source, pdu):
        if len(pdu) > 2:
            self.heard.append((came, str(ipaddress.ip_address(source)), pdu[1], pdu[2]))

    def active(self, since, sources, vrid=51):
        """The instants after `since` at which one of these sources advertised that it is active."""
        return [
            came
            for came, source, of, priority in self.heard
            if came >= since and source in sources and of == vrid and priority
        ]

    def leaving(self, since, sources, vrid=51):
        """The instants after `since` at which one of these sources sent priority 0 because it stops."""
        return [
            came
            for came, source, of, priority in self.heard
            if came >= since and source in sources and of == vrid and not priority
        ]

    def close(self):
        self.socket.close()


class Sender:
    """Sends frames from a host's interface."""

    def __init__(self, host, interface="eth0"):
        self.socket = host.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.bind((interface, 0))

    def send(self, packet, times=1):
        for _ in range(times):
            self.socket.send(frame(packet))

    def close(self):
        self.socket.close()
