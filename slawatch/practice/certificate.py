"""A certificate that vouches for itself, for a server of this process that lives for minutes. Never for anything else.

It is made with whole numbers alone (P-256, ECDSA, DER), as Python has no call for it and a library would be one more
thing to install. The arithmetic takes no care to hide its secret from who measures it; on loopback nobody can.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import UTC, datetime, timedelta

# The curve P-256: NIST SP 800-186, section 3.2.1.3.
_P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
_SIZE = 32  # octets of a number

_EC_PUBLIC_KEY = "1.2.840.10045.2.1"
_CURVE = "1.2.840.10045.3.1.7"
_SIGNED = "1.2.840.10045.4.3.2"  # ecdsa-with-SHA256
_COMMON_NAME, _KEY_ID, _KEY_USAGE, _ALSO_KNOWN_AS, _CONSTRAINTS = (
    "2.5.4.3",
    "2.5.29.14",
    "2.5.29.15",
    "2.5.29.17",
    "2.5.29.19",
)
_SIGNS = 0x84  # digitalSignature and keyCertSign: it signs itself, and what is said over the connection

_Point = tuple[int, int] | None


def make(domain: str, *, days: int = 2) -> tuple[str, str]:
    """Return a certificate for the domain and its key, both as PEM; it is valid from a day ago on."""
    key = secrets.randbelow(_N - 1) + 1
    point = _times(key, _G)
    if point is None:
        raise ArithmeticError("a key below the order of the curve gives a point")
    public = b"\x04" + point[0].to_bytes(_SIZE, "big") + point[1].to_bytes(_SIZE, "big")
    name = _sequence(_set(_sequence(_oid(_COMMON_NAME), _tagged(0x0C, domain.encode()))))
    now = datetime.now(UTC)
    body = _sequence(
        _tagged(0xA0, _number(2)),  # version 3
        _number(secrets.randbits(63) + 1),
        _sequence(_oid(_SIGNED)),
        name,
        _sequence(_time(now - timedelta(days=1)), _time(now + timedelta(days=days))),
        name,
        _sequence(_sequence(_oid(_EC_PUBLIC_KEY), _oid(_CURVE)), _bits(public)),
        _tagged(0xA3, _sequence(*_extensions(domain, public))),
    )
    certificate = _sequence(body, _sequence(_oid(_SIGNED)), _bits(_signature(key, body)))
    private = _sequence(
        _number(1), _octets(key.to_bytes(_SIZE, "big")), _tagged(0xA0, _oid(_CURVE)), _tagged(0xA1, _bits(public))
    )
    return _pem("CERTIFICATE", certificate), _pem("EC PRIVATE KEY", private)


def _extensions(domain: str, public: bytes) -> tuple[bytes, ...]:
    """Return what even strict clients ask of a certificate that vouches for itself (RFC 5280, section 4.2.1)."""
    yes = _tagged(0x01, b"\xff")
    return (
        _sequence(_oid(_CONSTRAINTS), yes, _octets(_sequence(yes))),
        _sequence(_oid(_KEY_USAGE), yes, _octets(_tagged(0x03, bytes([2, _SIGNS])))),
        _sequence(_oid(_KEY_ID), _octets(_octets(hashlib.sha256(public).digest()[:20]))),
        _sequence(_oid(_ALSO_KNOWN_AS), _octets(_sequence(_tagged(0x82, domain.encode("ascii"))))),
    )


# --- the curve ---


def _plus(one: _Point, other: _Point) -> _Point:
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % _P == 0:
        return None
    slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, _P) if one == other else (y2 - y1) * pow(x2 - x1, -1, _P)
    x = (slope * slope - x1 - x2) % _P
    return x, (slope * (x1 - x) - y1) % _P


def _times(factor: int, point: _Point) -> _Point:
    found: _Point = None
    while factor:
        if factor & 1:
            found = _plus(found, point)
        point, factor = _plus(point, point), factor >> 1
    return found


def _signature(key: int, said: bytes) -> bytes:
    """Return the signature (FIPS 186-5, section 6.4.1)."""
    digest = int.from_bytes(hashlib.sha256(said).digest(), "big")
    while True:
        once = secrets.randbelow(_N - 1) + 1
        point = _times(once, _G)
        r = point[0] % _N if point else 0
        s = pow(once, -1, _N) * (digest + r * key) % _N
        if r and s:
            return _sequence(_number(r), _number(s))


# --- DER (ITU-T X.690, section 10) ---


def _tagged(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:  # noqa: PLR2004 - what a single octet can say
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _sequence(*parts: bytes) -> bytes:
    return _tagged(0x30, b"".join(parts))


def _set(*parts: bytes) -> bytes:
    return _tagged(0x31, b"".join(parts))


def _octets(content: bytes) -> bytes:
    return _tagged(0x04, content)


def _bits(content: bytes) -> bytes:
    return _tagged(0x03, b"\x00" + content)


def _number(value: int) -> bytes:
    return _tagged(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _time(at: datetime) -> bytes:
    return _tagged(0x17, f"{at:%y%m%d%H%M%SZ}".encode())


def _oid(dotted: str) -> bytes:
    first, second, *rest = (int(part) for part in dotted.split("."))
    content = bytes([40 * first + second])
    for part in rest:
        groups = [part & 0x7F]
        while part := part >> 7:
            groups.append(part & 0x7F | 0x80)
        content += bytes(reversed(groups))
    return _tagged(0x06, content)


def _pem(what: str, content: bytes) -> str:
    text = base64.b64encode(content).decode()
    rows = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {what}-----", *rows, f"-----END {what}-----", ""])
