# SPDX-License-Identifier: BSD-2-Clause
"""The picture: hosts, masters, SMMUs, and who was seen where. Graphviz places it; colours are the page's, by class."""

import re
import subprocess
import xml.etree.ElementTree as ElementTree

from markupsafe import Markup

from report_page.visible import shortened, visible_line

SECONDS = 20
MASTERS_MOST = 60
NAME_MOST = 48
PCI = re.compile(r"([0-9a-f]{4}):[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\Z")
SVG = "{http://www.w3.org/2000/svg}"
# What Graphviz draws these graphs with; anything else is left out.
KEPT = {
    "svg": ("width", "height", "viewBox"),
    "g": ("class", "transform"),
    "polygon": ("points",),
    "polyline": ("points",),
    "path": ("d",),
    "ellipse": ("cx", "cy", "rx", "ry"),
    "text": ("x", "y", "text-anchor", "font-size"),
}
CLASSES = {"graph", "node", "edge", "cluster", "ok", "wrong", "unseen", "quiet"}


def _label(text):
    r"""As a string of DOT's: its own escapes (\N, \n), entities and quotes mean nothing."""
    plain = shortened(visible_line(str(text)), NAME_MOST)
    return plain.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")


def _lines(*texts):
    return '"' + "\\n".join(_label(text) for text in texts if text) + '"'


def _attributes(**given):
    return "[" + ", ".join(f"{key}={value}" for key, value in given.items()) + "]"


def _host_of(name):
    """The host that a master belongs to, as far as its name tells."""
    pci = PCI.match(name)
    return f"PCI segment {pci[1]}" if pci else "platform devices"


class _Graph:
    def __init__(self, view):
        self.view = view
        self.smmus = {record["instance"]: f"s{i}" for i, record in enumerate(view.instances) if record["instance"]}
        self.lines, self.hosts, self.left_out = [], {}, {}
        self.seen = {}
        for record in view.observed:
            self.seen.setdefault(record["master"], []).append(record)

    def smmu(self, name):
        """The node of an SMMU; one that only an observation names has a node, too."""
        if name not in self.smmus:
            self.smmus[name] = f"s{len(self.smmus)}"
            self.lines.append(f"{self.smmus[name]} " + _attributes(label=_lines(name, "not described"), **{"class": '"wrong"'}, shape="octagon"))
        return self.smmus[name]

    def draw_smmus(self):
        for record in self.view.instances:
            is_ready = record["state"] == "ready"
            self.lines.append(
                f"{self.smmus.get(record['instance'], 's')} "
                + _attributes(
                    label=_lines(record["instance"], record["base"], ("\u2713 " if is_ready else "\u2717 ") + (record["state"] or "not told")),
                    shape="box" if is_ready else "octagon",
                    **{"class": '"ok"' if is_ready else '"wrong"'},
                )
            )

    def is_of_interest(self, master):
        return master["client"] or master["reason"] or master["unfit"] or master["master"] in self.seen

    def draw_masters(self):
        drawn = 0
        for number, master in enumerate(self.view.masters):
            name = master["master"] or "?"
            if drawn >= MASTERS_MOST or not self.is_of_interest(master):
                instance = master["instance"] or ""
                self.left_out.setdefault((_host_of(name), instance), []).append(name)
                continue
            drawn += 1
            self.draw_master(f"m{number}", name, master)
        for number, ((host, instance), names) in enumerate(self.left_out.items()):
            node = f"o{number}"
            words = f"\u25cb {len(names)} more" if len(names) > 1 else f"\u25cb {names[0]}"
            self.hosts.setdefault(host, []).append(f"{node} " + _attributes(label=_lines(words, "not driven"), shape="note", **{"class": '"quiet"'}))
            if instance:
                self.edge(node, instance, "described", "unseen")

    def draw_master(self, node, name, master):
        records = self.seen.get(name, [])
        is_wrong = master["state"] == "quarantined" or master["client_state"] in ("deferred", "failed") or any(record["match"] is False for record in records)
        is_right = bool(records) and not is_wrong
        word = "\u2717 wrong" if is_wrong else "\u2713 as described" if is_right else "\u25cb not seen"
        kind = "wrong" if is_wrong else "ok" if is_right else "quiet"
        shape = {"wrong": "octagon", "ok": "box", "quiet": "note"}[kind]
        self.hosts.setdefault(_host_of(name), []).append(
            f"{node} " + _attributes(label=_lines(name, master["client"] or master["device"], word), shape=shape, **{"class": f'"{kind}"'})
        )
        described = {(stream.get("instance"), stream.get("sid")) for stream in (master["streams"] or [])[:8]}
        seen = {(record["observed"].get("instance"), record["observed"].get("sid")) for record in records if record["observed"]}
        for instance, sid in sorted(seen, key=str):
            is_as_described = (instance, sid) in described
            self.edge(node, instance, ("\u2713 " if is_as_described else "\u2717 seen as ") + str(sid), "ok" if is_as_described else "wrong")
        for instance, sid in sorted(described - seen, key=str):
            self.edge(node, instance, f"described {sid}", "unseen")
        if any(record["reached_memory"] and not record["observed"] for record in records):
            self.lines.append('memory [label="\u2717 memory, past every SMMU", shape=octagon, class="wrong"]')
            self.lines.append(f'{node} -> memory [class="wrong", label="\u2717 unseen"]')

    def edge(self, node, instance, words, kind):
        if instance:
            self.lines.append(f"{node} -> {self.smmu(instance)} " + _attributes(label=_lines(words), **{"class": f'"{kind}"'}))

    def text(self):
        self.draw_smmus()
        self.draw_masters()
        clusters = [
            f'subgraph cluster_{number} {{ label={_lines(host)}; labeljust=l; {"; ".join(nodes)} }}'
            for number, (host, nodes) in enumerate(self.hosts.items())
        ]
        style = 'rankdir=LR; ranksep=1.2; nodesep=0.12; fontsize=12; node [fontsize=12, margin="0.12,0.05"]; edge [fontsize=10, arrowsize=0.6]'
        return "digraph page { " + style + "; " + "; ".join(dict.fromkeys(clusters + self.lines)) + " }"


def _cleaned(element):
    """Elements and attributes that KEPT has, and no other."""
    tag = element.tag.removeprefix(SVG) if isinstance(element.tag, str) else ""
    if tag not in KEPT:
        return None
    made = ElementTree.Element(tag, {key: value for key, value in element.attrib.items() if key in KEPT[tag]})
    if "class" in made.attrib:
        made.set("class", " ".join(word for word in made.get("class").split() if word in CLASSES))
    made.text = element.text if tag == "text" else None
    made.extend(filter(None.__ne__, map(_cleaned, element)))
    return made


def draw(view):
    """(the picture, None), or (None, why there is none)."""
    if not view.masters and not view.instances:
        return None, "no record tells of a master or an SMMU"
    try:
        text = _Graph(view).text()
        done = subprocess.run(["dot", "-Tsvg"], input=text.encode("utf-8", "replace"), capture_output=True, timeout=SECONDS, check=False)
    except FileNotFoundError:
        return None, "Graphviz is not there: apt install graphviz"
    except subprocess.TimeoutExpired:
        return None, f"Graphviz did not end within {SECONDS} s"
    try:
        cleaned = _cleaned(ElementTree.fromstring(done.stdout))
    except ElementTree.ParseError:
        return None, f"Graphviz ended with status {done.returncode}"
    cleaned.set("aria-hidden", "true")
    cleaned.set("focusable", "false")
    return Markup(ElementTree.tostring(cleaned, encoding="unicode")), None
