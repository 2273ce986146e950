"""Envelopes and the keys that open them. Private keys lie in files of the data folder, never in the database or its backups.

An envelope is HPKE (RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305, from ``cryptography``), bound to its poll. With two 监票人 it is
sealed twice, to the first one's key and around that to the second one's: neither opens it alone, and nobody ever holds a joint secret.
Each private key lies under its owner's passphrase (scrypt); for opening, the one who comes first hands her key over, sealed to the
other one's. In the weaker mode the server holds one key; every result sheet says so.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ..shared.errors import Refused
from ..shared.labels import Labelled

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_COST = 2**15  # scrypt: 32 MB and about a tenth of a second
SHORTEST_PASSPHRASE = 12
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Of codes and receipts: 32 signs, none that is read as another (no 0 O 1 I)."""

TRACKER_SIGNS, CODE_SIGNS = 16, 8


class KeyMode(Labelled):
    """Who holds what opens the box."""

    TWO = "two", "两位监票人各持口令，缺一不可"
    SERVER = "server", "由服务器保管"


def seal(packed: bytes, publics: Sequence[str], poll: str) -> bytes:
    """Seal a packed ballot to each key in turn, the first innermost. ``poll`` binds the envelope to its poll."""
    sealed = packed
    for depth, public in enumerate(publics):
        key = X25519PublicKey.from_public_bytes(base64.b64decode(public))
        sealed = _SUITE.encrypt(sealed, key, info=_info(poll, depth))
    return sealed


def opener(privates: Sequence[bytes], poll: str) -> Callable[[bytes], bytes]:
    """What opens an envelope with both keys. It raises InvalidTag for an envelope that was touched."""
    keys = [X25519PrivateKey.from_private_bytes(private) for private in privates]

    def open_one(sealed: bytes) -> bytes:
        for depth in reversed(range(len(keys))):
            sealed = _SUITE.decrypt(sealed, keys[depth], info=_info(poll, depth))
        return sealed

    return open_one


def _info(poll: str, depth: int) -> bytes:
    return f"tiejun ballot 1\n{poll}\n{depth}".encode()


def tracker_of(sealed: bytes) -> str:
    """The receipt of an envelope: 80 bits of its SHA-256 in 16 signs. It says that it was in the box, not what was in it."""
    number = int.from_bytes(hashlib.sha256(sealed).digest()[:10], "big")
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(TRACKER_SIGNS))


def root_of(trackers: Iterable[str]) -> str:
    """One number for all envelopes in a box, whatever their order."""
    return hashlib.sha256("\n".join(sorted(trackers)).encode()).hexdigest()


def new_code() -> str:
    """A 测评码: 40 bits in 8 signs."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_SIGNS))


def plain_code(typed: str) -> str:
    """A code or receipt as typed: large letters, without blanks, hyphens and whatever is no sign of a code; full-width letters count."""
    return "".join(char for char in unicodedata.normalize("NFKC", typed).upper() if char in ALPHABET)[:TRACKER_SIGNS]


def in_fours(code: str) -> str:
    """ABCDEFGH as ABCD-EFGH."""
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


# Keys in files.


@dataclass(frozen=True, slots=True)
class Keys:
    """The folder in which private keys lie: readable by the owner of the processes only, left out of every backup."""

    folder: Path

    def make(self, passphrase: str = "") -> tuple[str, str]:
        """A new key pair: (its public key, the name of the file that holds the private one, under the passphrase if given)."""
        key, name = X25519PrivateKey.generate(), secrets.token_hex(8)
        private = key.private_bytes_raw()
        if passphrase:
            salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
            locked = ChaCha20Poly1305(_stretched(passphrase, salt)).encrypt(nonce, private, None)
            held = {"salt": salt.hex(), "nonce": nonce.hex(), "locked": locked.hex()}
        else:
            held = {"private": private.hex()}
        self._write(name, held)
        return base64.b64encode(key.public_key().public_bytes_raw()).decode(), name

    def unlock(self, name: str, passphrase: str = "") -> bytes:
        """The private key of a file. Refused for a wrong passphrase, or when the file is gone."""
        held = self._read(name)
        if held is None:
            raise Refused("开箱钥匙的文件不在这台服务器上，票箱打不开。请联系系统管理员；确实找不回的，只能作废重投。")
        if "private" in held:
            return bytes.fromhex(held["private"])
        cipher = ChaCha20Poly1305(_stretched(passphrase, bytes.fromhex(held["salt"])))
        try:
            return cipher.decrypt(bytes.fromhex(held["nonce"]), bytes.fromhex(held["locked"]), None)
        except InvalidTag:
            raise Refused("开箱口令不对，请再输一次。", field="passphrase") from None

    def hand_over(self, poll: str, private: bytes, to_public: str) -> None:
        """Leave one's private key for the other 监票人, sealed to her key."""
        public = X25519PublicKey.from_public_bytes(base64.b64decode(to_public))
        sealed = _SUITE.encrypt(private, public, info=b"tiejun hand-over 1\n" + poll.encode())
        self._write(f"handed-{poll}", {"sealed": sealed.hex()})

    def handed(self, poll: str, private: bytes) -> bytes:
        """The key the other one left. Refused when there is none."""
        held = self._read(f"handed-{poll}")
        if held is None:
            raise Refused("另一位监票人的确认已经失效，请两位重新确认。")
        key = X25519PrivateKey.from_private_bytes(private)
        return _SUITE.decrypt(bytes.fromhex(held["sealed"]), key, info=b"tiejun hand-over 1\n" + poll.encode())

    def forget_handed(self, poll: str) -> None:
        """Remove what was handed over."""
        (self.folder / f"handed-{poll}.json").unlink(missing_ok=True)

    def destroy(self, *names: str) -> None:
        """Remove private keys for good: what was sealed to them is never opened again."""
        for name in names:
            path = self.folder / f"{name}.json"
            if path.exists():
                path.write_bytes(secrets.token_bytes(path.stat().st_size))
                path.unlink()

    def _write(self, name: str, held: dict[str, str]) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / f"{name}.json"
        part = self.folder / f".{name}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            json.dump(held, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)  # whole or not at all, whenever the process dies

    def _read(self, name: str) -> dict[str, str] | None:
        path = self.folder / f"{name}.json"
        if not path.exists():
            return None
        found: dict[str, str] = json.loads(path.read_text("ascii"))
        return found


def _stretched(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(passphrase.encode())
