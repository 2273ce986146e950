"""Pages of rules (being written)."""
from flask import Blueprint
from ..shared.access import Permission
from ..shared.web import requires
rulebook = Blueprint("rulebook", __name__, url_prefix="/rules")
@rulebook.route("/")
@requires(Permission.READ_RULES)
def index() -> str:
    return ""
