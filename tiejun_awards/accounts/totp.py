"""One-time codes by time (RFC 6238, HMAC-SHA-1, six digits, 30 seconds): what every authenticator app speaks. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from urllib.parse import quote

STEP = 30
DIGITS = 6
AROUND = 1
"""So many steps a clock may be off, either way."""


def code_of(seed: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of one step (RFC 4226, section 5.3)."""
    mac = hmac.new(seed, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = mac[-1] & 15
    number = struct.unpack(">I", mac[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_of(seconds: float) -> int:
    """The step a moment (seconds since 1970, UTC) lies in."""
    return int(seconds) // STEP


def accepted_step(seed: bytes, code: str, *, now: int, last: int) -> int | None:
    """The step the code belongs to: within one of ``now`` and after ``last``, the last one taken. None: it is refused."""
    if not (code.isascii() and code.isdigit() and len(code) == DIGITS):
        return None
    right = [step for step in range(now - AROUND, now + AROUND + 1) if hmac.compare_digest(code_of(seed, step), code)]
    return next((step for step in right if step > last), None)


def secret_text(seed: bytes) -> str:
    """The seed as it is typed into an app: base32, in groups of four."""
    text = base64.b32encode(seed).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def uri(seed: bytes, *, issuer: str, account: str) -> str:
    """What the QR code says."""
    secret = secret_text(seed).replace(" ", "")
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?secret={secret}&issuer={quote(issuer)}"
