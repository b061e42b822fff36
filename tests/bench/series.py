# SPDX-License-Identifier: BSD-2-Clause
"""Figures that grow with instances, masters or cores: whether they grow in a straight line, and a plot of each."""

import os
import re
import subprocess

# What QEMU counts repeats to the digit; the host's C library clears memory by other ways now and then.
STEEPER = {"QEMU": 1.002, "host": 1.01}
LESS_STEEP = 0.9


def is_straight(points, steeper):
    """Whether the second half is as steep as the first, without the cost of the first masters' tables; and both slopes."""
    points = sorted(points.items())
    middle = len(points) // 2
    first, second = ((part[-1][1] - part[0][1]) / (part[-1][0] - part[0][0]) for part in (points[: middle + 1], points[middle:]))
    return LESS_STEEP * first <= second <= steeper * first, (first, second)


def plot(path, title, along, up, points):
    data = "\n".join(f"{x} {y}" for x, y in sorted(points.items()))
    script = f"""set terminal svg size 640,360 font 'sans,12' background 'white'
set output '{path}'
set title '{title}'
set xlabel '{along}'
set ylabel '{up}'
set xrange [0:*]
set yrange [0:*]
unset key
$data << end
{data}
end
plot $data with linespoints pointtype 7 pointsize 0.5
"""
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def by_name(counts, kind):
    return {int(name.split()[1]): count for name, count in counts.items() if name.startswith(kind + " ")}


def many(counts):
    """Of what QEMU counted, one instance with more masters than QEMU has."""
    return {m: n for (i, m, spacing), n in counts.items() if i == 1 and spacing == 1}


def judged(bring_up, known, scale):
    """Of each series that has to be a straight line: what grows with what, where, and how."""
    replay, before = "start, register, replay", "before that, masters made known"
    found = [
        ("instances", replay, "instances", "QEMU", {i: n for (i, m, spacing), n in bring_up.items() if m == 2 * i and spacing == 8}),
        ("masters", replay, "masters", "QEMU, 3 instances", {m: n for (i, m, spacing), n in bring_up.items() if i == 3 and spacing == 8}),
        ("many-masters", replay, "masters", "QEMU, 1 instance", many(bring_up)),
        ("host-instances", replay, "instances", "host model", by_name(scale, "instances")),
        ("host-masters", replay, "masters", "host model, 1 instance", by_name(scale, "masters")),
        ("known", before, "masters", "QEMU, 1 instance", many(known)),
        ("host-known", before, "masters", "host, 1 instance", by_name(scale, "masters-known")),
    ]
    keys = ("name", "what", "along", "where", "points")
    all_of_them = [dict(zip(keys, each)) for each in found]
    for each in all_of_them:
        each["straight"], each["slopes"] = is_straight(each["points"], STEEPER[re.match(r"\w+", each["where"])[0]])
    return all_of_them


def draw(out, series, cores, memory):
    """A plot of all figures of one series."""
    for each in series:
        plot(os.path.join(out, f"{each['name']}.svg"), f"{each['what']}: {each['where']}", each["along"], "instructions", each["points"])
    of_cores = {each["cores"]: each for each in cores}
    plot(os.path.join(out, "cores.svg"), "cores that issue at once", "cores", "instructions per command, all cores",
         {count: each["instructions"] / each["commands"] for count, each in of_cores.items()})
    plot(os.path.join(out, "cores-least.svg"), "completed by the slowest core when the first had 1000", "cores", "commands",
         {count: each["least"] for count, each in of_cores.items()})
    plot(os.path.join(out, "memory.svg"), "stream table of one instance", "masters", "bytes",
         {each["masters"]: each["stream_table"] for each in memory})
