# SPDX-License-Identifier: GPL-2.0
"""What the plugin wrote, made into records: one for each window."""

import collections

from . import names, symbols

CACHES = ("off", "private", "shared")
USER, XEN, CORE, MODULE = range(4)


class Space:
    """The functions of a machine: Xen's, and each domain's."""

    def __init__(self, xen, domains):
        """domains: [(core Symbols, module Symbols)...], dom0 first."""
        self.xen = xen
        self.domains = domains
        self._known = {}

    def find(self, place, domain, vaddr):
        """(component, function, module, whether it is the entry)."""
        key = (place, domain, vaddr)
        if key not in self._known:
            self._known[key] = self._find(*key)
        return self._known[key]

    def _find(self, place, domain, vaddr):
        if place == XEN:
            name, _, entry = self.xen.find(vaddr)
            return "xen", symbols.plain(name), "", entry
        who = "domu" if domain else "dom0"
        if place == USER:
            return f"{who}_user", "user", "", False
        if domain >= len(self.domains):
            return f"{who}_kernel", "?", "", False
        core, modules = self.domains[domain]
        name, module, entry = (core if place == CORE else
                               modules).find(vaddr)
        return f"{who}_kernel", symbols.plain(name), module, entry


class Window:
    """A window's counts while its lines are read."""

    def __init__(self, number, cache):
        self.number = number
        self.cache = cache
        self.poll = {}
        # number of block -> [place, vaddr, insns, {cpu: (events, runs)}]
        self.blocks = {}
        self.overflow = False

    def block(self, words):
        number, place, vaddr = words[0], int(words[1]), int(words[2], 16)
        cpu, events = int(words[4]), list(map(int, words[5:11]))
        runs = list(map(int, words[11:]))
        block = self.blocks.setdefault(
            number, (place, vaddr, int(words[3]), {}))
        block[3][cpu] = (events, runs)


def read(lines):
    """The windows in a file of the plugin's that came to their end."""
    window = None
    for line in lines:
        kind, *words = line.split()
        if kind == "window":
            window = Window(int(words[0]), CACHES[int(words[1])])
        elif window is None:
            continue
        elif kind == "b":
            window.block(words)
        elif kind == "poll":
            window.poll[int(words[0])] = list(map(int, words[1:]))
        elif kind == "overflow":
            window.overflow = True
        elif kind == "end":
            yield window
            window = None


def _owner(place, cpus):
    """Whose a block of a module or a program is: code lies in one domain's
    memory, so what was counted while the CPU seemed another's is its too."""
    total = [sum(column) for column in
             zip(*(runs for _, runs in cpus.values()))]
    return total.index(max(total))


class Counts:
    """A window's counts by component, function and meaning."""

    def __init__(self, window, space, returns):
        self.window = window
        self.space = space
        # address -> kind of grant element
        self.elements = {
            address: kind for kind, pairs in names.GRANT_ELEMENTS.items()
            for pair in pairs for address in returns.get(pair, ())}
        # (cpu, component, function, module) -> instructions, calls
        self.instructions = collections.Counter()
        self.calls = collections.Counter()
        self.by_domain = collections.Counter()
        self.misses = collections.defaultdict(
            lambda: [0] * len(names.CACHE_EVENTS))
        self.grants = collections.Counter()
        for block in window.blocks.values():
            self._add(*block)

    def _add(self, place, vaddr, insns, cpus):
        owner = _owner(place, cpus) if place in (USER, MODULE) else None
        for cpu, (events, runs) in cpus.items():
            if owner is not None:
                runs = [0] * owner + [sum(runs)]
            for domain, count in enumerate(runs):
                if count:
                    self._add_runs(cpu, place, domain, vaddr, insns, count)
            if any(events):
                self._add_events(cpu, place, runs, vaddr, events)

    def _add_runs(self, cpu, place, domain, vaddr, insns, count):
        component, name, module, entry = self.space.find(place, domain, vaddr)
        key = cpu, component, name, module
        self.instructions[key] += insns * count
        if entry:
            self.calls[key] += count
            self.by_domain[component, name, domain] += count
        if place == XEN and vaddr in self.elements:
            self.grants[self.elements[vaddr]] += count

    def _add_events(self, cpu, place, runs, vaddr, events):
        domain = runs.index(max(runs))
        component, name, module, _ = self.space.find(place, domain, vaddr)
        row = self.misses[cpu, component, name, module]
        for index, count in enumerate(events):
            row[index] += count

    def _spin(self, key, count):
        """How many of a function's instructions were waiting for a lock."""
        _, component, name, _ = key
        if component == "xen" and name in names.LOCKS:
            return max(0, count - names.LOCK_INSTRUCTIONS * self.calls[key])
        return count if name in names.KERNEL_SPIN else 0

    def components(self):
        """{cpu: {component: instructions}}"""
        found = {str(cpu): dict.fromkeys(names.COMPONENTS, 0)
                 for cpu in self.window.poll}
        for key, count in self.instructions.items():
            cpu, component, name, _ = key
            row = found[str(cpu)]
            spin = self._spin(key, count)
            if component == "xen" and name in names.IDLE:
                component = "idle"
            row[component] += count - spin
            row["spin"] += spin
        for cpu, places in self.window.poll.items():
            self._take_poll(found[str(cpu)], places)
        return found

    @staticmethod
    def _take_poll(row, places):
        """Empty visits are dom0's unless dom0 does not run on this CPU."""
        who = "dom0" if row["dom0_kernel"] else "domu"
        parts = {f"{who}_user": places[USER], "xen": places[XEN],
                 f"{who}_kernel": places[CORE] + places[MODULE]}
        for component, count in parts.items():
            count = min(count, row[component])
            row[component] -= count
            row["poll"] += count

    def functions(self):
        """All functions, the most expensive first."""
        total = collections.defaultdict(lambda: [0, 0, [0] * 6])
        for (_, *key), count in self.instructions.items():
            total[tuple(key)][0] += count
        for (_, *key), count in self.calls.items():
            total[tuple(key)][1] += count
        for (_, *key), events in self.misses.items():
            row = total[tuple(key)][2]
            for index, count in enumerate(events):
                row[index] += count
        found = []
        for (component, name, module), (insns, calls, events) in \
                total.items():
            one = {"component": component, "name": name, "module": module,
                   "instructions": insns, "calls": calls}
            if self.window.cache != "off":
                one.update({f"{event}_misses": count for event, count in
                            zip(names.CACHE_EVENTS[:4], events)})
                one.update(zip(names.CACHE_EVENTS[4:], events[4:]))
            found.append(one)
        return sorted(found, key=lambda one: -one["instructions"])

    def _calls_of(self, wanted, component="xen"):
        return sum(count for (_, of, name, _), count in self.calls.items()
                   if name in wanted and of.startswith(component))

    def hypercalls(self):
        """({name: calls}, {component: {name: calls}})"""
        total = collections.Counter()
        by = {"dom0_kernel": collections.Counter(),
              "domu_kernel": collections.Counter()}
        for (component, name, domain), count in self.by_domain.items():
            call = name.removeprefix("do_")
            if component != "xen" or call == name or \
                    call not in names.HYPERCALLS:
                continue
            total[call] += count
            by["domu_kernel" if domain else "dom0_kernel"][call] += count
        return dict(total), {who: dict(calls) for who, calls in by.items()}

    def events(self):
        found = {label: self._calls_of({name})
                 for name, label in names.EVENTS.items()}
        found["upcalls"] = self._calls_of(names.UPCALLS, "dom")
        found["ticks"] = self._calls_of(names.TICKS, "dom")
        found["ipis"] = self._calls_of(names.IPIS, "dom")
        found["emulated"] = {label: count for name, label in
                             names.EMULATED.items()
                             if (count := self._calls_of({name}))}
        return found

    def cache_misses(self):
        """{cpu: {component: {event: count}}}"""
        found = {str(cpu): {} for cpu in self.window.poll}
        for (cpu, component, name, _), events in self.misses.items():
            if component == "xen" and name in names.IDLE:
                component = "idle"
            row = found[str(cpu)].setdefault(
                component, dict.fromkeys(names.CACHE_EVENTS, 0))
            for event, count in zip(names.CACHE_EVENTS, events):
                row[event] += count
        return found

    def record(self):
        """The window as it stands in windows.json, the traffic apart."""
        total, by = self.hypercalls()
        grants = {kind: self.grants[kind] for kind in names.GRANT_ELEMENTS}
        record = {"cache": self.window.cache,
                  "instructions": self.components(),
                  "functions": self.functions(), "hypercalls": total,
                  "hypercalls_by": by, "grant_elements": grants,
                  "events": self.events()}
        if self.window.cache != "off":
            record["misses"] = self.cache_misses()
        return record
