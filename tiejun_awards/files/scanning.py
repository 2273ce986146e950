"""Asking a virus scanner: clamd, by its INSTREAM command over a socket. Optional; once set, nothing comes in without it."""

from __future__ import annotations

import socket
import struct
from typing import BinaryIO

from ..shared.errors import Refused

SECONDS = 30
BLOCK = 2**16


def scan(source: BinaryIO, address: str) -> str:
    """What clamd found: the name of the virus, or nothing. Raises Refused when it does not answer.

    ``address``: the path of its socket, or ``host:port``.
    """
    try:
        with _connected(address) as connection:
            connection.sendall(b"zINSTREAM\0")
            source.seek(0)
            while block := source.read(BLOCK):
                connection.sendall(struct.pack(">I", len(block)) + block)
            connection.sendall(struct.pack(">I", 0))
            answer = b""
            while not answer.endswith(b"\0") and len(answer) < 4_096 and (more := connection.recv(4_096)):
                answer += more
    except OSError as error:
        raise _unanswered() from error
    words = answer.rstrip(b"\0").decode(errors="replace").removeprefix("stream: ")
    if words == "OK":
        return ""
    if words.endswith(" FOUND"):
        return words.removesuffix(" FOUND")
    raise _unanswered()


def _unanswered() -> Refused:
    return Refused("病毒检查现在没有应答，文件没有收下。请过一会儿再传，或联系系统管理员。", field="file")


def _connected(address: str) -> socket.socket:
    host, colon, port = address.rpartition(":")
    if colon and port.isdigit():
        return socket.create_connection((host, int(port)), timeout=SECONDS)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(SECONDS)
    connection.connect(address)
    return connection
