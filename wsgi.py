"""The WSGI entry point: ``gunicorn wsgi:app`` and ``flask --app wsgi``."""

from config import Config
from tiejun_awards import serving
from tiejun_awards.app import create_app

config = Config.from_env()
app = create_app(config)
serving.refuse_demo_data(app, config)
