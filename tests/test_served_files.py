"""The style sheet, script and sprite as they are served: old browsers can read them, they are small, and they name no other host."""

import gzip
import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "tiejun_awards" / "static"
VENDOR = STATIC / "vendor"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

BASELINE = "chrome86,safari14,firefox91"
MOST_COMPRESSED = 150 * 1000

# What one of the three oldest browsers does not know and where the page would break without it. Things that only lose a nicety
# (:focus-visible, text-underline-offset) are allowed.
TOO_NEW_CSS = {
    ":has": r":has\(",
    ":is and :where": r":(is|where)\(",
    ":not with a list": r":not\([^()]*,",
    "color functions": r"\b(color-mix|oklch|oklab|lch|lab|color)\(",
    "@layer, @container, @property, @scope": r"@(layer|container|property|scope)\b",
    "nesting": r"[{};]\s*&",
    "new viewport units": r"\d(dvh|svh|lvh|dvw|svw|lvw)\b",
    "inset": r"[{;]inset(-\w+)*:",
    "logical shorthands": r"[{;](margin|padding)-(inline|block):",
    "aspect-ratio": r"[{;]aspect-ratio:",
    "accent-color": r"[{;]accent-color:",
    "overflow: clip": r"overflow(-[xy])?:clip",
    "gap in flex boxes": r"[{;](row-|column-)?gap:",
    "remote files": r"url\([\"']?(https?:)?//",
}
TOO_NEW_JS = {
    "look-behind": r"\(\?<[=!]",
    "structuredClone": r"\bstructuredClone\(",
    "Object.hasOwn": r"\bObject\.hasOwn\(",
    "array methods of 2021 and later": r"\.(at|findLast|toSorted|toReversed|toSpliced)\(",
    "requestSubmit": r"\.requestSubmit\(",
    "dialog": r"\.showModal\(",
    "crypto.randomUUID": r"\.randomUUID\(",
    "AbortSignal.timeout": r"AbortSignal\.(timeout|any)\(",
}


@pytest.fixture(scope="session")
def built() -> dict[str, Path]:
    if not (VENDOR / "manifest.json").exists():
        pytest.fail(
            "The front end is not built: run `make assets` first (npm ci --ignore-scripts, then node tools/assets.mjs)."
        )
    names = json.loads((VENDOR / "manifest.json").read_text())
    return {name: VENDOR / hashed for name, hashed in names.items()}


def lowered(path: Path, target: str) -> str:
    # The program itself, not its JavaScript front: the machine may have no node of its own.
    programs = sorted(ROOT.glob("node_modules/@esbuild/*/bin/esbuild"))
    assert programs, "esbuild is not installed: run `npm ci --ignore-scripts`."
    run = subprocess.run(
        [programs[0], path, f"--target={target}", "--charset=utf8"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.parametrize("name", ["app.css", "app.js"])
def test_nothing_has_to_be_lowered_for_the_oldest_browsers(built: dict[str, Path], name: str) -> None:
    assert lowered(built[name], BASELINE) == lowered(built[name], "esnext")


@pytest.mark.parametrize("what", TOO_NEW_CSS)
def test_the_style_sheet_uses_only_what_the_oldest_browsers_know(built: dict[str, Path], what: str) -> None:
    assert re.findall(r".{0,40}" + TOO_NEW_CSS[what] + r".{0,40}", built["app.css"].read_text()) == []


@pytest.mark.parametrize("what", TOO_NEW_JS)
def test_the_script_uses_only_what_the_oldest_browsers_know(built: dict[str, Path], what: str) -> None:
    assert re.findall(r".{0,40}" + TOO_NEW_JS[what] + r".{0,40}", built["app.js"].read_text()) == []


def test_style_and_script_stay_small(built: dict[str, Path]) -> None:
    assert sum(len(gzip.compress(built[name].read_bytes())) for name in ("app.css", "app.js")) <= MOST_COMPRESSED


def test_each_file_has_its_compressed_twin(built: dict[str, Path]) -> None:
    for path in built.values():
        assert gzip.decompress(path.with_name(path.name + ".gz").read_bytes()) == path.read_bytes()


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())

    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


def test_every_icon_in_a_template_is_in_the_sprite(built: dict[str, Path]) -> None:
    known = set(re.findall(r'<symbol id="([\w-]+)"', built["sprite.svg"].read_text()))
    used = {name for page in TEMPLATES for name in re.findall(r'\bicon(?:_name=|\()"([\w-]+)"', page.read_text())}

    assert used - known == set()


@pytest.mark.parametrize("page", TEMPLATES, ids=lambda page: str(page.relative_to(ROOT / "templates")))
def test_every_class_in_a_template_is_in_the_style_sheet(built: dict[str, Path], page: Path) -> None:
    styled = set(re.findall(r"\.(-?[A-Za-z_][\w-]*)", built["app.css"].read_text()))
    used = set()
    for value in re.findall(
        r'\bclass="((?:[^"{]|\{\{.*?\}\}|\{%.*?%\})*)"', re.sub(r"\{#.*?#\}", "", page.read_text(), flags=re.DOTALL)
    ):
        # A word that a value is glued to (tag-{{ kind }}) is made only when the page is drawn.
        plain = re.sub(r"[\w-]*\{\{.*?\}\}[\w-]*|\{%.*?%\}", " ", value)
        used |= set(plain.split())

    assert used - styled == set()


@pytest.mark.parametrize("page", TEMPLATES, ids=lambda page: str(page.relative_to(ROOT / "templates")))
def test_no_template_writes_style_or_script_into_the_page(page: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", page.read_text(), flags=re.DOTALL)

    assert re.findall(r"<style\b|<script\b(?![^>]*\bsrc=)|\sstyle=|\son\w+=|javascript:", text) == []
