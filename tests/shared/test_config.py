"""The settings: what an unsafe start is told, and secrets that are made once and kept to oneself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from config import ROOT, Config, ConfigRefused
from tiejun_awards import serving
from tiejun_awards.setup import demo
from tiejun_awards.shared import clock

SECRET = "0123456789abcdef" * 2
PRODUCTION = {"TIEJUN_MODE": "production", "SECRET_KEY": SECRET, "PUBLIC_URL": "https://tiejun.example"}


def read(folder: Path, **environ: str) -> Config:
    return Config.from_env({"DATA_DIR": str(folder), **environ})


# The first start.


def test_the_first_start_of_a_demo_writes_a_secret_only_its_owner_reads(tmp_path: Path):
    config = read(tmp_path / "new")

    file = tmp_path / "new" / "settings.toml"
    assert file.read_text() == f'mode = "demo"\nsecret_key = "{config.secret_key}"\n'
    assert (oct(file.stat().st_mode & 0o777), len(config.secret_key)) == ("0o600", 64)
    assert [path.name for path in file.parent.iterdir()] == ["settings.toml"]


def test_later_starts_read_the_same_secret(tmp_path: Path):
    assert read(tmp_path).secret_key == read(tmp_path).secret_key


def test_two_installations_have_two_secrets(tmp_path: Path):
    assert read(tmp_path / "a").secret_key != read(tmp_path / "b").secret_key


def test_processes_that_start_at_once_agree_on_one_secret(tmp_path: Path):
    command = [sys.executable, "-c", "from config import Config; print(Config.from_env().secret_key)"]
    environ = {"DATA_DIR": str(tmp_path), "PATH": ""}
    started = [subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) for _ in range(4)]

    secrets = {process.communicate(timeout=60)[0].strip() for process in started}

    assert secrets == {read(tmp_path).secret_key}
    assert [path.name for path in tmp_path.iterdir()] == ["settings.toml"]


def test_settings_without_a_secret_are_refused(tmp_path: Path):
    (tmp_path / "settings.toml").write_text("", "utf-8")

    with pytest.raises(ConfigRefused, match=r"^没有密钥，不能启动"):
        read(tmp_path)


# Where a setting comes from.


def test_the_environment_wins_over_the_file_and_the_file_over_the_usual(tmp_path: Path):
    (tmp_path / "settings.toml").write_text(f'secret_key = "{SECRET}"\nport = 9000\nhost = "::1"\n', "utf-8")

    config = read(tmp_path, PORT="9001", DATABASE_URL="postgresql+psycopg://app@db/app", HUEY_REDIS_URL="redis://q")

    assert config == Config(
        data_dir=tmp_path,
        mode="demo",
        secret_key=SECRET,
        database_url="postgresql+psycopg://app@db/app",
        host="::1",
        port=9001,
        huey_redis_url="redis://q",
        demo_password="Tiejun-2020-demo",
    )


def test_the_usual_database_lies_in_the_data_folder(tmp_path: Path):
    assert read(tmp_path).database_url == f"sqlite:///{tmp_path / 'app.db'}"


def test_settings_keep_their_secrets_out_of_what_is_printed(tmp_path: Path):
    config = read(tmp_path, DATABASE_URL="postgresql://app:geheim@db/app", DEMO_PASSWORD="auch geheim")

    assert [word for word in (config.secret_key, "geheim") if word in repr(config)] == []


def test_a_process_started_from_here_belongs_to_the_same_installation(tmp_path: Path):
    assert read(tmp_path).child_environment()["DATA_DIR"] == str(tmp_path)


@pytest.mark.parametrize("text", ["x", "-1", "8000.5", "８０００", " "])
def test_a_setting_that_should_be_a_number_is_refused_by_name(tmp_path: Path, text: str):
    with pytest.raises(ConfigRefused, match=r"^PORT 应当是数字，现在是 "):
        read(tmp_path, PORT=text)


def test_a_mode_nobody_knows_is_refused(tmp_path: Path):
    with pytest.raises(ConfigRefused, match=r"^TIEJUN_MODE 只能是 demo 或 production，现在是 'test'。$"):
        read(tmp_path, TIEJUN_MODE="test")


@pytest.mark.parametrize("content", [b"secret_key =", b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes):
    (tmp_path / "settings.toml").write_bytes(content)

    with pytest.raises(ConfigRefused, match=r"^settings\.toml 读不懂，请改正后再启动"):
        read(tmp_path)


def test_where_attachments_lie_and_how_they_are_looked_at_are_settings(tmp_path: Path):
    usual = read(tmp_path)
    config = read(tmp_path, FILES_URL="s3://bucket/tiejun/", OLD_FORMATS="yes", CLAMD="/run/clamav/clamd.ctl")

    assert (usual.files_url, usual.old_formats, usual.clamd) == ("", False, "")
    assert (config.files_url, config.old_formats, config.clamd) == ("s3://bucket/tiejun", True, "/run/clamav/clamd.ctl")


def test_a_setting_that_is_yes_or_no_is_refused_by_name(tmp_path: Path):
    with pytest.raises(ConfigRefused, match=r"^OLD_FORMATS 应当是 yes 或 no，现在是 'maybe'。$"):
        read(tmp_path, OLD_FORMATS="maybe")


# Production.


def test_production_starts_with_a_secret_behind_https(tmp_path: Path):
    config = read(tmp_path, **PRODUCTION)

    assert (config.demo, config.secret_key, config.public_url) == (False, SECRET, "https://tiejun.example")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("secret", ["", "short", "x" * 31])
def test_production_without_a_real_secret_does_not_start(tmp_path: Path, secret: str):
    with pytest.raises(ConfigRefused, match="没有密钥，不能启动"):
        read(tmp_path, **{**PRODUCTION, "SECRET_KEY": secret})


@pytest.mark.parametrize("url", ["", "http://tiejun.example", "//tiejun.example", "httpss://x"])
def test_production_behind_plain_http_does_not_start(tmp_path: Path, url: str):
    with pytest.raises(ConfigRefused, match=r"^生产模式只能通过 https 访问，不能启动"):
        read(tmp_path, **{**PRODUCTION, "PUBLIC_URL": url})


def test_production_takes_no_demo_data(app: Flask, tmp_path: Path):
    production = read(tmp_path, **PRODUCTION)
    serving.refuse_demo_data(app, production)

    demo.seed(clock.now(), password="Tiejun-2020-test")

    with pytest.raises(ConfigRefused, match=r"^这个数据库里是演示数据，生产模式不能使用"):
        serving.refuse_demo_data(app, production)
    serving.refuse_demo_data(app, read(tmp_path / "demo"))
