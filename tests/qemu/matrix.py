# SPDX-License-Identifier: BSD-2-Clause
"""
The machines that the firmware has to bring up, as data: axes, what does not go together, a cover of every pair of values,
and what each machine must show. Nothing is run here. The order is the same on every call.
"""

import itertools
import os
from dataclasses import dataclass, replace
from typing import NamedTuple

import machine
from inherited import LEFT

FIRST_SLOT, SLOTS = 0x18, 7  # On the first root bus; the runner's own devices and roots have the slots below.
FIRST_BASE, BASE_STEP = 0x0C000000, 0x20000  # Where QEMU puts SMMUs that are devices,
LONE_BASE = 0x09050000  # and the only one that is the machine's.
WIDE = "dma_mask=0xffffffff"


class Masters(NamedTuple):
    """What is put on a machine: QEMU's arguments, how many on the first and second root, and the buses that it takes."""

    name: str
    devices: str = ""
    here: int = 0
    there: int = 0
    buses_here: int = 0
    buses_there: int = 0
    alone: bool = False  # Without the runner's own masters, and without the runner.

    def __str__(self):
        return self.name


def on_root_bus(count, alone=False):
    """Every second one with all 32 bits of address, the others with edu's usual 28."""
    devices = (
        f"-device edu,bus=pcie.0,addr={FIRST_SLOT + k % SLOTS:x}.{k // SLOTS},multifunction=on{',' + WIDE if k % 2 else ''}"
        for k in range(count)
    )
    return Masters(f"{count} {'alone' if alone else 'more'}", " ".join(devices), here=count, alone=alone)


def port(name, bus="pcie.0", addr=FIRST_SLOT, chassis=200):
    return f"-device pcie-root-port,id={name},bus={bus},chassis={chassis},addr={addr:x} "


def switch(name, bus, ports, chassis):
    """A switch below the port `bus`, with downstream ports `name`.0 and so on."""
    down = (f" -device xio3130-downstream,id={name}.{k},bus={name},chassis={chassis},slot={k},addr={k}" for k in range(ports))
    return f"-device x3130-upstream,id={name},bus={bus}" + "".join(down) + " "


def below(*buses):
    return " ".join(f"-device edu,bus={bus},{WIDE}" for bus in buses)


def to_pci(name, bus, count, addr=None):
    """A bridge to conventional PCI and masters behind it, from slot 1 on: slot 0 tells the others."""
    bridge = f"-device pcie-pci-bridge,id={name},bus={bus}{f',addr={addr:x}' if addr else ''} "
    return bridge + " ".join(f"-device edu,bus={name},addr={k + 1:x},{WIDE}" for k in range(count)) + " "


NO_MORE = Masters("no more")
MASTERS = (
    NO_MORE,
    on_root_bus(1),
    on_root_bus(8),
    on_root_bus(40),
    on_root_bus(1, alone=True),
    on_root_bus(2, alone=True),
    Masters("switch", port("up") + switch("sw", "up", 2, 201) + below("sw.0", "sw.1"), here=2, buses_here=4),
    Masters(
        "switch below a switch",
        port("up") + switch("sw", "up", 2, 201) + switch("deep", "sw.0", 2, 202) + below("deep.0", "deep.1", "sw.1"),
        here=3,
        buses_here=7,
    ),
    Masters(
        "switch on the second root",
        port("up", "pcie.1", 8) + switch("sw", "up", 2, 201) + below("sw.0", "sw.1"),
        there=2,
        buses_there=4,
    ),
    Masters("bridge", to_pci("pci", "pcie.0", 1, FIRST_SLOT), here=1, buses_here=1),
    Masters("shared bridge", port("up") + to_pci("pci", "up", 2), here=2, buses_here=2),
    Masters(
        "two shared bridges",
        to_pci("pci", "pcie.0", 2, FIRST_SLOT) + to_pci("other", "pcie.0", 3, FIRST_SLOT + 1),
        here=5,
        buses_here=2,
    ),
    Masters(
        "shared bridge below a switch",
        port("up") + switch("sw", "up", 2, 201) + to_pci("pci", "sw.0", 2) + below("sw.1"),
        here=3,
        buses_here=5,
    ),
    Masters(
        "shared bridge on the second root", port("up", "pcie.1", 8) + to_pci("pci", "up", 2), there=2, buses_there=2
    ),
)

AXES = {
    "instances": (3, 1, 2, 5, 8, 9, 16),
    "old": (False, True),
    "cores": (4, 1, 2, 3, 5, 6, 7, 8),
    "gic": (2, 3),
    "highmem": (True, False),
    "hyp": (False, True),
    "memory": ("512M", "128M", "256M", "1G", "2G", "3G", "4G"),
    "tables": ("iort", "dt"),
    "order": (None, *(",".join(order) for order in itertools.permutations("012"))),
    "masters": MASTERS,
    "left": (None, *LEFT),  # What ran before.
}


@dataclass(frozen=True)
class Machine:
    instances: int = 3
    old: bool = False  # The distribution's QEMU.
    cores: int = 4
    gic: int = 2
    highmem: bool = True
    hyp: bool = False
    memory: str = "512M"
    tables: str = "iort"
    order: str = None
    masters: Masters = NO_MORE
    left: str = None  # What was left on by something that ran before.

    # --- What can be. ---

    @property
    def buses(self):
        """Of each root: the runner shares them out."""
        return (256 if self.highmem else 16) // self.instances

    def is_possible(self):
        added = self.masters
        return (
            (self.instances == 1 or not (self.old or added.alone))
            and (self.left is None or self.can_be_left())
            and (self.order is None or (self.instances == 3 and self.tables == "iort"))
            and (self.highmem or self.memory != "4G")
            and self.buses >= 2  # The root bus, and one behind a port.
            and (self.instances > 1 or not added.there)
            and 1 + added.buses_here <= self.buses
            and (not added.there or 1 + self.ports(1) + added.buses_there <= self.buses)
        )

    def can_be_left(self):
        needs = all(getattr(self, axis) == value for axis, value in LEFT[self.left].needs.items())
        return needs and not self.old and not self.masters.alone

    # --- How it is started. ---

    @property
    def title(self):
        words = (
            "old QEMU" if self.old else "",
            f"{self.instances} SMMU{'s' if self.instances > 1 else ''}",
            f"{self.cores} core{'s' if self.cores > 1 else ''}",
            f"GICv{self.gic}",
            "" if self.highmem else "no highmem",
            "HYP" if self.hyp else "",
            self.memory,
            self.tables,
            f"order={self.order}" if self.order else "",
            "" if self.masters == NO_MORE else f"masters: {self.masters}",
            self.left or "",
        )
        return ", ".join(word for word in words if word)

    def properties(self):
        off = "" if self.highmem else ",highmem=off"
        return f"gic-version={self.gic}{off}{',virtualization=on' if self.hyp else ''}"

    def words(self):
        # What is damaged on purpose is tried on every machine of the whole matrix, and in provoke.t: it takes its time.
        selftest = "full" if os.environ.get("MATRIX") == "all" else "quick"
        return f"tables={self.tables} selftest={selftest}" + (f" order={self.order}" if self.order else "")

    def environment(self):
        """For the runner."""
        return {
            "INSTANCES": self.instances,
            "CORES": self.cores,
            "MACHINE": self.properties(),
            "MEMORY": self.memory,
            "APPEND": self.words(),
            **({"QEMU_EXTRA": self.masters.devices.strip()} if self.masters.devices else {}),
        }

    def arguments(self):
        """For QEMU itself, where nothing but these masters is to be there."""
        options = ["-M", f"virt,iommu=smmuv3,{self.properties()}", "-smp", str(self.cores), "-m", self.memory]
        return options + ["-append", self.words()] + self.masters.devices.split()

    # --- What it must show. ---

    def ports(self, root):
        """The runner's, on another root than the first, with a QEMU that has iommu-testdev."""
        return 1 + sum(self.buses >= least for least in ((3, 4, 5) if root == 1 else (3, 4)))

    @property
    def same_map(self):
        """Machines that are equal in this are described alike, however they are started."""
        left = self.left if self.left and (LEFT[self.left].devices or LEFT[self.left].extra) else None
        return replace(self, cores=4, gic=2, hyp=False, memory="512M", order=None, left=left)

    @property
    def is_misdescribed(self):
        """QEMU's device tree sends every root's stream IDs to the one SMMU that it describes."""
        return self.tables == "dt" and self.instances > 1

    @property
    def described_instances(self):
        return 1 if self.tables == "dt" else self.instances

    def driven_on(self, root, testdev):
        """The masters with a driver, by their device, on one root."""
        added = self.masters.here if root == 0 else self.masters.there if root == 1 else 0
        if self.masters.alone:
            return {machine.EDU: added}
        found = {machine.EDU: added + 2, machine.TESTDEV: int(testdev)}
        if root == 0:
            found |= {machine.NVME: 1, machine.VIRTIO_BLK: int(self.instances == 1)}
        else:
            found[machine.EDU] = added + 1 + (self.buses >= 3)
            found[machine.TESTDEV] = int(testdev and self.buses >= 4)
            found[machine.VIRTIO_BLK] = int(root == 1 and self.buses >= 5)
        return found

    def driven(self, testdev):
        total = {}
        for root in range(self.instances):
            for device, count in self.driven_on(root, testdev).items():
                total[device] = total.get(device, 0) + count
        return {device: count for device, count in total.items() if count}

    def mismatches(self, testdev):
        """How many masters' DMA goes elsewhere than described."""
        others = range(1, self.instances) if self.is_misdescribed else ()
        return sum(sum(self.driven_on(root, testdev).values()) for root in others)

    def root_of(self, name):
        """The root that a master is behind, from "0000:56:00.0"."""
        return min(int(name[5:7], 16) // self.buses, self.instances - 1)

    def stream_of(self, name):
        """
        The stream ID that a master emits: its requester ID, or behind a bridge to conventional PCI the first of the bus
        there. Only on a root bus, and behind such a bridge, have masters other slots than 0.
        """
        bus, slot, function = int(name[5:7], 16), int(name[8:10], 16), int(name[11:])
        if slot and bus != self.root_of(name) * self.buses:
            return bus << 8
        return bus << 8 | slot << 3 | function

    def base_of(self, root, has_instances):
        """Where the SMMU of a root is, with a QEMU that may have several or may not."""
        return LONE_BASE if self.old or self.masters.alone or not has_instances else FIRST_BASE + root * BASE_STEP


# --- A cover: every pair of values that go together is on some machine. ---


def is_open(chosen):
    """Whether some machine has these values: what is not chosen has its first value, the least demanding one."""
    usual = {axis: values[0] for axis, values in AXES.items()}
    usual |= LEFT[chosen["left"]].needs if chosen.get("left") else {}
    return any(Machine(**{**usual, "instances": n, **chosen}).is_possible() for n in AXES["instances"])


def pairs_of(values):
    return set(itertools.combinations(sorted(values.items(), key=lambda item: list(AXES).index(item[0])), 2))


def all_pairs():
    """In a fixed order, those of long axes first: the short ones come along."""
    axes = sorted(itertools.combinations(AXES, 2), key=lambda two: -len(AXES[two[0]]) * len(AXES[two[1]]))
    for first, second in axes:
        for values in itertools.product(AXES[first], AXES[second]):
            pair = dict(zip((first, second), values))
            if is_open(pair):
                yield pair


def complete(chosen, wanted, used):
    """A machine with the chosen values, and with as many wanted pairs as can be had one axis at a time."""
    chosen = dict(chosen)
    for axis, values in AXES.items():
        if axis in chosen:
            continue
        fitting = [value for value in values if is_open({**chosen, axis: value})]

        def worth(value, axis=axis):
            return len(pairs_of({**chosen, axis: value}) & wanted), -used.get((axis, value), 0)

        chosen[axis] = max(fitting, key=worth)
    wanted -= pairs_of(chosen)
    for item in chosen.items():
        used[item] = used.get(item, 0) + 1
    return Machine(**chosen)


def everything():
    """Every pair, and every number of masters from 1 to 40."""
    pairs = list(all_pairs())
    wanted = set().union(*(pairs_of(pair) for pair in pairs))
    used = {}
    machines = [complete(pair, wanted, used) for pair in pairs if pairs_of(pair) <= wanted]
    for count in range(1, 41):
        for masters in (on_root_bus(count, alone=True), on_root_bus(count)):
            if masters not in MASTERS:
                machines.append(complete({"masters": masters}, wanted, used))
    return machines


def values_of(one):
    """Each QEMU with each number of instances counts as a value, too."""
    return {(axis, getattr(one, axis)) for axis in AXES} | {("old, instances", (one.old, one.instances))}


def spread(machines, count):
    """So many of them that have every value of every axis, and then as many pairs as can be."""
    machines = [one for one in machines if one.masters in MASTERS]
    values = set().union(*map(values_of, machines))
    pairs, chosen = set(), []

    def worth(one):
        return len(values_of(one) & values), len(pairs_of(vars(one)) - pairs)

    while len(chosen) < count:
        best = max((one for one in machines if one not in chosen), key=worth)
        chosen.append(best)
        values -= values_of(best)
        pairs |= pairs_of(vars(best))
    return chosen


def missing(machines):
    """Values of an axis that none of these machines has."""
    there = set().union(*map(values_of, machines))
    return [f"{axis}={value}" for axis in AXES for value in AXES[axis] if (axis, value) not in there]
