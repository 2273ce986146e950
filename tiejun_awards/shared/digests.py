"""One canonical form of structured data, and its SHA-256: what is frozen can be compared years later."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical(content: Any) -> str:
    """The content as JSON with sorted keys and no spare space."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(content: Any) -> str:
    """SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()
