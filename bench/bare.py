"""The yardstick: one fixed Flask view that draws a table of 115 rows (24 kB) and asks no database."""

from __future__ import annotations

from functools import cache

from flask import Flask, render_template
from jinja2 import DictLoader

_ROWS = [
    (
        n,
        f"第{n}党支部",
        "已提交",
        "2026-10-12",
        12 + n % 9,
        f"{n % 4}/3",
        "按计划推进，没有要协调的事项，详见报告全文。",
    )
    for n in range(115)
]
_PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{{ title }}</title></head><body><h1>{{ title }}</h1>
<table><thead><tr><th>编号</th><th>党支部</th><th>状态</th><th>日期</th><th>党员</th><th>次数</th><th>说明</th></tr></thead><tbody>
{% for row in rows %}<tr><td><a href="/reports/{{ row[0] }}">{{ row[0] }}</a></td>{% for value in row[1:] %}<td>{{ value }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table></body></html>"""


@cache
def bare_app() -> Flask:
    """The application with only that view."""
    app = Flask("bare")
    app.jinja_loader = DictLoader({"table.html": _PAGE})

    @app.route("/")
    def table() -> str:
        return render_template("table.html", title="一张表", rows=_ROWS)

    return app
