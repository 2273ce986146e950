"""Secrets outside the database: the folder of private keys, and digests only this installation can make."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app


def keys_folder() -> Path:
    """Where private keys lie: never in the database, left out of every backup."""
    return Path(current_app.config["DATA_DIR"]) / "keys"


def keyed_digest(purpose: str, text: str) -> str:
    """A digest of a short secret that nobody with the database alone can find by trying."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"{purpose}\n{text}".encode(), hashlib.sha256).hexdigest()


SEALED_BY = "aes256gcm-1"
"""How ``seal`` encrypts; stored beside what is sealed, so that another way can follow."""


def seal(purpose: str, about: str, secret: bytes) -> str:
    """Encrypt a short secret for the database under this installation's key; it opens only for the same ``about``."""
    nonce = secrets.token_bytes(12)
    return base64.b64encode(nonce + _cipher(purpose).encrypt(nonce, secret, about.encode())).decode()


def unseal(purpose: str, about: str, sealed: str) -> bytes | None:
    """The secret again. None when the installation's key is another one, or the row was somebody else's."""
    raw = base64.b64decode(sealed)
    try:
        return _cipher(purpose).decrypt(raw[:12], raw[12:], about.encode())
    except InvalidTag:
        return None


def _cipher(purpose: str) -> AESGCM:
    return AESGCM(bytes.fromhex(keyed_digest("seal", purpose)))
