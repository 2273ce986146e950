"""Signed checkpoints of the audit chain: Ed25519 over how far it went, what it was, and when.

The sealer signs; nobody else needs the private key, which may belong to another user of the machine. Each checkpoint is a
row and a line of a file outside the database. **Only a copy of that file on another machine shows that the end of the trail
was cut off**: the database and the file of one machine can be cut together.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .audit import AuditCheckpoint, AuditEvent, AuditSeal
from .db import one_at_a_time, writing

ALGORITHM = "Ed25519"
EVERY_EVENTS = 500
EVERY = timedelta(minutes=5)

AT_ONCE = frozenset(
    {
        *("ratings.publish", "honours.publish", "ballots.close", "ballots.record_count", "setup.begin"),
        *("accounts.grant_post", "accounts.end_post", "accounts.hand_over_post", "imports.import_posts"),
    }
)
"""Actions after which a checkpoint is signed without waiting: publication, the close of a poll, changes of posts."""

_LOCK = 7_102


class Unreadable(Exception):
    """A key or a file of checkpoints is not there or cannot be read; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One checkpoint as it was signed. ``signature`` in hex."""

    seq: int
    chain: str
    at: datetime
    key_id: str
    signature: str

    @property
    def line(self) -> str:
        """As the file outside the database has it."""
        return f"v1 {self.seq} {self.chain} {_utc(self.at)} {self.key_id} {self.signature}"


def signed_text(seq: int, chain: str, at: datetime, key_id: str) -> bytes:
    """What is signed: the installation goes by the name of its key."""
    return f"tiejun-audit v1\n{key_id}\n{seq}\n{chain}\n{_utc(at)}\n".encode()


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


# Keys.


def key_name(public: Ed25519PublicKey) -> str:
    """Sixteen hex digits by which a key goes."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The private key in a file only its owner can read; made at first use, with the public one beside it (``.pub``)."""
    try:
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text("ascii").strip()))
    except FileNotFoundError:
        pass
    else:
        if not path.with_suffix(".pub").exists():
            _publish(key, path)
        return key
    key = Ed25519PrivateKey.generate()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    except FileExistsError:  # another process was quicker: its key holds
        return signing_key(path)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.private_bytes_raw().hex() + "\n")
    _publish(key, path)
    return key


def _publish(key: Ed25519PrivateKey, path: Path) -> None:
    path.with_suffix(".pub").write_text(key.public_key().public_bytes_raw().hex() + "\n", "ascii")


def public_key(path: Path) -> Ed25519PublicKey:
    """The public key beside the private one's ``path``. Raises Unreadable."""
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(path.with_suffix(".pub").read_text("ascii").strip()))
    except (OSError, ValueError) as error:
        raise Unreadable(f"读不到检查点的公钥 {path.with_suffix('.pub').name}，无法核对签名") from error


def is_signed(checkpoint: Checkpoint, key: Ed25519PublicKey) -> bool:
    """Whether the signature is the key's over just this."""
    text = signed_text(checkpoint.seq, checkpoint.chain, checkpoint.at, checkpoint.key_id)
    try:
        key.verify(bytes.fromhex(checkpoint.signature), text)
    except (InvalidSignature, ValueError):
        return False
    return checkpoint.key_id == key_name(key)


# Signing.


def sign_if_due(now: datetime, *, key_file: Path, copy_to: Path) -> Checkpoint | None:
    """Sign the chain as it stands when 500 events, five minutes or an action that asks for it have come since the last."""
    with writing() as session:
        one_at_a_time(session, _LOCK)
        last = session.scalar(sa.select(AuditCheckpoint).order_by(AuditCheckpoint.seq.desc()).limit(1))
        head = session.execute(
            sa.select(AuditSeal.seq, AuditSeal.chain).order_by(AuditSeal.seq.desc()).limit(1)
        ).first()
        if head is None or not _is_due(session, head.seq, last, now):
            return None
        key = signing_key(key_file)
        name = key_name(key.public_key())
        signature = key.sign(signed_text(head.seq, head.chain, now, name)).hex()
        made = Checkpoint(head.seq, head.chain, now, name, signature)
        session.add(
            AuditCheckpoint(
                seq=made.seq, chain=made.chain, at=now, algorithm=ALGORITHM, key_id=name, signature=signature
            )
        )
        session.flush()
        _append(copy_to, made, key.public_key())
        return made


def _is_due(session: sa.orm.Session, head: int, last: AuditCheckpoint | None, now: datetime) -> bool:
    if last is None:
        return True
    if head <= last.seq:
        return False
    if head - last.seq >= EVERY_EVENTS or now - last.at >= EVERY:
        return True
    asked = sa.select(AuditEvent.id).join(AuditSeal, AuditSeal.event_id == AuditEvent.id)
    return session.scalar(asked.where(AuditSeal.seq > last.seq, AuditEvent.action.in_(AT_ONCE)).limit(1)) is not None


def _append(path: Path, made: Checkpoint, public: Ed25519PublicKey) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.read_bytes()[-1:] if path.exists() else b""
    with path.open("a", encoding="ascii") as file:
        if not written:
            file.write(f"# public {public.public_bytes_raw().hex()}\n")
        elif written != b"\n":  # a full disk or a crash left half a line
            file.write("\n")
        file.write(made.line + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_lines(lines: Iterable[str]) -> list[Checkpoint]:
    """The checkpoints of a file. A line that is none (half a line, after a full disk) tells nothing and is passed over."""
    found = []
    for line in lines:
        with suppress(ValueError):
            version, seq, chain, at, name, signature = line.split()
            if version == "v1":
                found.append(Checkpoint(int(seq), chain, datetime.fromisoformat(at), name, signature))
    return found


def read_file(path: Path) -> list[Checkpoint]:
    """The checkpoints of a file outside the database. Raises Unreadable, also for one without any."""
    try:
        found = read_lines(path.read_text("ascii").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"检查点文件 {path.name} 读不到") from error
    if not found:
        raise Unreadable(f"检查点文件 {path.name} 里没有检查点")
    return found
