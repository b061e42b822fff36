# SPDX-License-Identifier: BSD-2-Clause
"""The page: one file that needs nothing beside it. Jinja2 escapes what it is given, and text of records is made visible first."""

import base64
import functools
import hashlib
import os

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from report_page import explain, view
from report_page.visible import visible

TEMPLATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates")


def _finalize(value):
    """Whatever a template prints passes here, before it is escaped."""
    if isinstance(value, Markup):
        return value
    return visible(str(value)) if value is not None else "\u2013"


@functools.cache
def _source(name):
    with open(os.path.join(TEMPLATES, name), encoding="utf-8") as file:
        return file.read()


def _hash(text):
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@functools.cache
def environment():
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        seen_words=view.seen_words, stream_words=view.stream_words, pieces=explain.pieces, rows_most=view.ROWS_MOST
    )
    return made


def render(template, **facts):
    """The text of a page. The style and the script are those whose hashes its policy names."""
    style, script = _source("page.css"), _source("page.js")
    return environment().get_template(template).render(
        style=Markup(style), script=Markup(script), style_hash=_hash(style), script_hash=_hash(script), **facts
    )
