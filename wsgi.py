"""The WSGI entry point: ``gunicorn wsgi:app`` and ``flask --app wsgi``."""

from config import Config
from tiejun_awards.app import create_app

app = create_app(Config.from_env())
