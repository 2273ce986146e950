"""Secrets outside the database: the folder of private keys, and digests only this installation can make."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from flask import current_app


def keys_folder() -> Path:
    """Where private keys lie: never in the database, left out of every backup."""
    return Path(current_app.config["DATA_DIR"]) / "keys"


def keyed_digest(purpose: str, text: str) -> str:
    """A digest of a short secret that nobody with the database alone can find by trying."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"{purpose}\n{text}".encode(), hashlib.sha256).hexdigest()
