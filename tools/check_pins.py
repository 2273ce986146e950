"""Check, without asking any registry, that requirements*.txt still answer requirements*.in.

Every requirement must have a pin that satisfies it, every pin a hash, and no file may name where packages come from.
"""

import re
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def requirements(text: str) -> list[Requirement]:
    """The requirements of a .in or .txt file, without comments, options and hashes."""
    lines = (line.split("#")[0].strip().rstrip("\\").strip() for line in text.splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def faults(name: str) -> list[str]:
    wanted = Path(f"{name}.in").read_text(encoding="utf-8")
    pinned = Path(f"{name}.txt").read_text(encoding="utf-8")
    found = []

    versions: dict[str, list[str]] = {}
    for pin in requirements(pinned):
        versions.setdefault(canonicalize_name(pin.name), []).append(str(pin.specifier).removeprefix("=="))
    for requirement in requirements(wanted):
        pins = versions.get(canonicalize_name(requirement.name), [])
        if not pins or not all(requirement.specifier.contains(version, prereleases=True) for version in pins):
            found.append(f"{name}.txt does not answer “{requirement}”; run `make pins`")

    unhashed = re.findall(r"^\S+==[^\\\n]+$", pinned, re.MULTILINE)
    found += [f"{name}.txt: {line} has no hash" for line in unhashed]
    if "://" in wanted + pinned or "--index-url" in wanted + pinned:
        found.append(f"{name} names an address")
    return found


if __name__ == "__main__":
    problems = [fault for name in ("requirements", "requirements-dev", "requirements-node") for fault in faults(name)]
    print("\n".join(problems) or "Pins answer the requirements.")
    sys.exit(bool(problems))
