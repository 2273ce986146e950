"""Settings of one installation, read once at start: DATA_DIR/settings.toml, overridden by the environment.

This is the only file that reads ``os.environ`` and ``settings.toml``.
"""

from __future__ import annotations

import os
import re
import secrets
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent
MODES = ("demo", "production")
PROFILES = ("dengbao", "asvs")


class ConfigRefused(SystemExit):
    """The settings do not allow a start; the message says what to do."""


SMTP_TLS = ("starttls", "tls", "off")


@dataclass(frozen=True)
class Smtp:
    """The mail server that takes our e-mail."""

    host: str
    port: int
    sender: str
    tls: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Config:
    """Everything the application may know about where it runs."""

    data_dir: Path
    mode: str
    secret_key: str = field(repr=False)
    database_url: str = field(repr=False)
    public_url: str = ""  # https://… as users see it; required in production
    host: str = "127.0.0.1"
    port: int = 8000
    trusted_proxies: int = 0  # hops whose X-Forwarded-* headers are believed
    huey_redis_url: str = ""  # empty: huey's own SQLite file in data_dir
    files_url: str = field(default="", repr=False)  # where attachments lie; empty: uploads in data_dir
    old_formats: bool = False  # doc, xls and ofd are kept as attachments, without a preview
    clamd: str = ""  # socket or host:port of a virus scanner; once set, nothing is taken in without it
    smtp: Smtp | None = None  # none: no e-mail
    demo_password: str = field(default="", repr=False)
    audit_key: str = ""  # file of the key that signs checkpoints; empty: audit.key in data_dir
    audit_checkpoints: str = ""  # file outside the database that checkpoints are appended to; empty: in data_dir
    web_workers: int = 2
    password_profile: str = "dengbao"  # noqa: S105 - the name of a set of rules, or asvs: docs/operations.md
    password_days: int = 180  # 0: passwords do not age
    most_sessions: int = 3
    two_step_required: bool | None = None  # of the three administrators; None: in production
    testing: bool = False

    @property
    def demo(self) -> bool:
        """Whether demo data may be loaded and plain http on loopback is enough."""
        return self.mode == "demo"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Config:
        """Read the settings; at the first start of a demo write them down.

        Raises ConfigRefused where a production start would be unsafe.
        """
        env = os.environ if environ is None else environ
        data_dir = Path(env.get("DATA_DIR") or ROOT / "instance").resolve()
        stored = _stored_settings(data_dir)
        mode = env.get("TIEJUN_MODE") or stored.get("mode") or "demo"
        if mode not in MODES:
            raise ConfigRefused(f"TIEJUN_MODE 只能是 demo 或 production，现在是 {mode!r}。")
        if mode == "demo" and not stored:
            stored = _write_first_settings(data_dir, mode)
        two_step = env.get("TWO_STEP_REQUIRED") or stored.get("two_step_required", "")
        config = cls(
            data_dir=data_dir,
            mode=mode,
            secret_key=env.get("SECRET_KEY") or stored.get("secret_key", ""),
            database_url=env.get("DATABASE_URL") or stored.get("database_url") or f"sqlite:///{data_dir / 'app.db'}",
            public_url=(env.get("PUBLIC_URL") or stored.get("public_url", "")).rstrip("/"),
            host=env.get("HOST") or stored.get("host") or "127.0.0.1",
            port=_number("PORT", env.get("PORT") or stored.get("port") or "8000"),
            trusted_proxies=_number(
                "TRUSTED_PROXIES", env.get("TRUSTED_PROXIES") or stored.get("trusted_proxies") or "0"
            ),
            huey_redis_url=env.get("HUEY_REDIS_URL") or stored.get("huey_redis_url", ""),
            files_url=(env.get("FILES_URL") or stored.get("files_url", "")).rstrip("/"),
            old_formats=_yes("OLD_FORMATS", env.get("OLD_FORMATS") or stored.get("old_formats") or "no"),
            clamd=env.get("CLAMD") or stored.get("clamd", ""),
            password_profile=_one_of(
                "PASSWORD_PROFILE", env.get("PASSWORD_PROFILE") or stored.get("password_profile") or "dengbao", PROFILES
            ),
            password_days=_number("PASSWORD_DAYS", env.get("PASSWORD_DAYS") or stored.get("password_days") or "180"),
            most_sessions=max(
                1, _number("MOST_SESSIONS", env.get("MOST_SESSIONS") or stored.get("most_sessions") or "3")
            ),
            two_step_required=_yes("TWO_STEP_REQUIRED", two_step) if two_step else None,
            audit_key=env.get("AUDIT_KEY") or stored.get("audit_key", ""),
            audit_checkpoints=env.get("AUDIT_CHECKPOINTS") or stored.get("audit_checkpoints", ""),
            web_workers=_number("WEB_WORKERS", env.get("WEB_WORKERS") or stored.get("web_workers") or "2"),
            smtp=_smtp(lambda name: env.get(name) or stored.get(name.lower(), "")),
            demo_password=env.get("DEMO_PASSWORD") or stored.get("demo_password") or "Tiejun-2020-demo",
        )
        config.refuse_unsafe()
        return config

    def child_environment(self) -> dict[str, str]:
        """The environment for a process of the same installation, started from this one."""
        return {**os.environ, "DATA_DIR": str(self.data_dir)}

    def refuse_unsafe(self) -> None:
        """Raise ConfigRefused for a start without a secret, or a production start behind plain http."""
        if not self.secret_key:
            raise ConfigRefused("没有密钥，不能启动：请在 settings.toml 写 secret_key，或设环境变量 SECRET_KEY。")
        if self.demo:
            return
        if len(self.secret_key) < 32:
            raise ConfigRefused(
                "生产模式没有密钥，不能启动：请在 settings.toml 写 secret_key（至少 32 个字符），或设环境变量 SECRET_KEY。"
            )
        if not self.public_url.startswith("https://"):
            raise ConfigRefused("生产模式只能通过 https 访问，不能启动：请把 PUBLIC_URL 设为 https:// 开头的访问地址。")


def _number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ConfigRefused(f"{name} 应当是数字，现在是 {text!r}。")
    return int(text)


def _one_of(name: str, text: str, words: tuple[str, ...]) -> str:
    if text not in words:
        raise ConfigRefused(f"{name} 只能是 {' 或 '.join(words)}，现在是 {text!r}。")
    return text


def _smtp(setting: Callable[[str], str]) -> Smtp | None:
    host, tls = setting("SMTP_HOST"), setting("SMTP_TLS") or "starttls"
    if not host:
        return None
    if tls not in SMTP_TLS:
        raise ConfigRefused(f"SMTP_TLS 只能是 starttls、tls 或 off，现在是 {tls!r}。")
    sender = setting("SMTP_FROM")
    if not re.fullmatch(r"[!-~]+@[!-~]+", sender):
        raise ConfigRefused(f"设了 SMTP_HOST 就要设 SMTP_FROM（发件邮箱地址），现在是 {sender!r}。")
    user, password = setting("SMTP_USER"), setting("SMTP_PASSWORD")
    if user and tls == "off":
        raise ConfigRefused("SMTP_TLS 是 off 时密码会明文传出去，不能设 SMTP_USER；请改用 starttls 或 tls。")
    port = _number("SMTP_PORT", setting("SMTP_PORT") or {"tls": "465", "starttls": "587"}.get(tls, "25"))
    return Smtp(host, port, sender, tls, user, password)


def _yes(name: str, text: str) -> bool:
    if text.lower() not in ("yes", "no", "true", "false"):
        raise ConfigRefused(f"{name} 应当是 yes 或 no，现在是 {text!r}。")
    return text.lower() in ("yes", "true")


def _stored_settings(data_dir: Path) -> dict[str, str]:
    path = data_dir / "settings.toml"
    if not path.exists():
        return {}
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigRefused(f"settings.toml 读不懂，请改正后再启动：{error}") from error
    return {key: str(value) for key, value in values.items()}


def _write_first_settings(data_dir: Path, mode: str) -> dict[str, str]:
    """Generate the secrets of a new demo installation; the file is readable by its owner only."""
    data_dir.mkdir(parents=True, exist_ok=True)
    values = {"mode": mode, "secret_key": secrets.token_urlsafe(48)}
    text = "".join(f'{key} = "{value}"\n' for key, value in values.items())
    written = data_dir / f"settings.toml.{os.getpid()}"
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    try:
        os.link(written, data_dir / "settings.toml")  # whole or not at all
    except FileExistsError:  # two processes started at once: the first one's secrets hold
        pass
    finally:
        written.unlink()
    return _stored_settings(data_dir)
