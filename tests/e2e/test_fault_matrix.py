"""Every fault on every kind of request: a deploy is complete, or tells the fate of each function.

A cell of the matrix is one run of the program against a server of its own that has one
fault, once or for ever. All cells of one kind of request wait together. DOFN_LONG=1 also
runs those that a shorter matrix can do without.
"""

import collections
import concurrent.futures
import copy
import json
import os
import socket
import threading
import time

import pytest
from conftest import Dofn, clean_environment
from faulty import answer, close, error, reset, silence, usual_answer
from test_remote_builds import NIMBELLA, Remote
from test_trigger_faults import BASE, Api

LONG = bool(os.environ.get("DOFN_LONG"))
AT_ONCE = 80
PATIENCE = 50  # seconds: far more than all tries of a request take
FUNCTION = "def main():\n    return {}\n"


class World(Api):
    """OpenWhisk, its builder and what DigitalOcean keeps of triggers; `bodies` is what was put."""

    def __init__(self):
        super().__init__()
        self.bodies = {}
        self.first("POST", NIMBELLA + "getUploadUrl", answer(202, {"activationId": "a" * 32}))
        self.first("POST", NIMBELLA + "build_.*", self.build)
        self.first("GET", "activations/a{32}",
                   Remote.done({"url": self.url + "/bucket/slice", "sliceName": "s"}))
        self.first("GET", "activations/b{32}", Remote.done(Remote.RESULT))
        self.first("PUT", "/bucket/slice", answer(200))

    def put(self, connection, request):
        body = {k: v for k, v in request.json().items() if k != "annotations"}
        self.bodies[request.path] = {**self.bodies.get(request.path, {}), **body}
        return super().put(connection, request)

    def delete(self, connection, request):
        self.bodies.pop(request.path, None)
        return super().delete(connection, request)

    def build(self, connection, request):
        self.add("actions/r/far", annotations=[{"key": "exec", "value": "python:3.11"}])
        return answer(202, {"activationId": "b" * 32})(connection, request)

    def create(self, connection, request):
        body = request.json()
        if body["name"] not in self.triggers:  # as the real one shows it
            body["scheduled_details"] = {**body["scheduled_details"], "body": body["scheduled_details"].get("body") or {}}
            request.body = json.dumps(body).encode()
        return super().create(connection, request)

    def become(self, other):
        """In the state of the other, before anything is asked."""
        self.live, self.bodies = copy.deepcopy(other.live), copy.deepcopy(other.bodies)
        self.triggers = copy.deepcopy(other.triggers)

    def state(self):
        """{"actions/p/f": all that is known of it}, but how often it was written"""
        state = {}
        for path, item in self.live.items():
            notes = {a["key"]: a["value"] for a in item["annotations"]}
            if "deployer" in notes:
                notes["deployer"] = {k: v for k, v in notes["deployer"].items() if k != "version"}
            state[path] = [self.bodies.get(path), notes, item.get("limits"), item.get("binding")]
        state.update({f"triggers/{name}": item for name, item in self.triggers.items()})
        return state

    def leave(self, seconds):
        """Nobody listens any more, and all connections are gone; after the time it is back."""
        port = self.listener.getsockname()[1]
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        if seconds is not None:
            threading.Timer(seconds, self.come_back, [port]).start()

    def come_back(self, port):
        self.listener = socket.create_server(("127.0.0.1", port), backlog=128)
        threading.Thread(target=self.accept, daemon=True).start()

    def __exit__(self, *args):
        try:
            super().__exit__(*args)
        except OSError:
            pass  # it had left


# ---- faults ----


class Recorder:
    def __init__(self):
        self.sent = b""

    def sendall(self, data):
        self.sent += data


def usual(server, request):
    """The bytes of the usual answer; what was asked for is done."""
    recorder = Recorder()
    fault = server.take(request, early=False)
    act = fault.act if fault else answer(200, usual_answer(request))
    act(recorder, request)
    return recorder.sent


def torn(size, end=reset):
    """What was asked for is done; of the answer so many bytes come, below zero: all but so many."""
    def make(server):
        def act(connection, request):
            connection.sendall(usual(server, request)[:size])
            return end(connection, request)
        return act
    return make


def done_but(act):
    def make(server):
        def both(connection, request):
            usual(server, request)
            return act(connection, request)
        return both
    return make


def gone(times):
    def make(server):
        def act(connection, request):
            server.leave(0.4 if times else None)
            return reset(connection, request)
        return act
    return make


def plainly(act):
    return lambda server: act


class Fault:
    def __init__(self, make, passes=False, body=None, always=True):
        self.make = make  # (server) -> act
        self.passes = passes  # the next try may do better
        self.body = body  # bytes of the request to wait for
        self.always = always  # in the short matrix also when it cannot pass


HTML = answer(502, b"<html><h1>Bad gateway</h1></html>", {"Content-Type": "text/html"})
FAULTS = {
    "refused": Fault(gone, passes=True),
    "reset after the head": Fault(plainly(reset), passes=True, body=0),
    "reset in the body": Fault(plainly(reset), passes=True, body=40),
    "reset before the answer": Fault(plainly(reset), passes=True),
    "reset after the work": Fault(torn(0), passes=True),
    "reset in the status line": Fault(torn(9), passes=True),
    "reset in the headers": Fault(torn(40), passes=True),
    "reset at the end": Fault(torn(-1), passes=True),
    "closed": Fault(plainly(close), passes=True),
    "cut": Fault(torn(-1, close), passes=True),
    "silence": Fault(plainly(silence), passes=True),
    "silence after the work": Fault(torn(30, silence), passes=True),
    "401": Fault(plainly(error(401, "who"))),
    "403": Fault(plainly(error(403, "not yours"))),
    "404": Fault(plainly(error(404, "no such thing"))),
    "409": Fault(plainly(error(409, "conflict"))),
    "413": Fault(plainly(error(413, "too large"))),
    "429": Fault(plainly(error(429, "slow down")), passes=True),
    "429 with a time": Fault(plainly(error(429, "slow down", Retry_After="0")), passes=True),
    "500": Fault(plainly(error(500, "oops")), passes=True),
    "500 after the work": Fault(done_but(error(500, "oops")), passes=True),
    "502 with HTML": Fault(plainly(HTML), passes=True),
    "503": Fault(plainly(error(503, "busy")), passes=True),
    "truncated JSON": Fault(done_but(answer(200, b'{"version": "0.'))),
    "a list": Fault(done_but(answer(200, [1, [None]]))),
    "an object": Fault(done_but(answer(200, {"x": {}}))),
    "a number": Fault(done_but(answer(200, b"7"))),
    "no JSON": Fault(done_but(answer(200, b"<html>"))),
}
if LONG:
    FAULTS |= {f"reset after {n} bytes of the answer": Fault(torn(n), passes=True)
               for n in (1, 15, 17, 60, 80, 100, 120, -2, -10)}
    FAULTS |= {f"reset after {n} bytes of the body": Fault(plainly(reset), passes=True, body=n)
               for n in (1, 10, 20, 80, 160)}


# ---- what is deployed ----


def packages(*triggers):
    one = {"name": "one", "triggers": [{"name": n, "type": "SCHEDULED", "scheduledDetails": {"cron": c}}
                                       for n, c in triggers]}
    return {"packages": [
        {"name": "a", "parameters": {"p": 1}, "environment": {"E": "e"}, "functions": [
            one, {"name": "two", "limits": {"timeout": 2000}},
            {"name": "chain", "sequence": ["a/one", "a/two"]}]},
        {"name": "bound", "binding": {"namespace": "_", "name": "a"}}]}


FILES = {"packages/a/one.py": FUNCTION, "packages/a/two/__main__.py": FUNCTION,
         "packages/a/two/other.py": "", "packages/b/three.py": FUNCTION}
NEW = {**FILES, "project.yml": json.dumps(packages(("t1", "0 3 * * *")))}
OLD = {**FILES, "project.yml": json.dumps(packages(("t1", "0 4 * * *"), ("t2", "0 3 * * *")))}
BUILT = {"packages/r/far/__main__.py": FUNCTION, "packages/r/far/build.sh": "true\n",
         "packages/r/near.py": FUNCTION, "project.yml": json.dumps({"packages": [
             {"name": "r", "functions": [{"name": "far", "runtime": "python:3.11", "remoteBuild": True,
                                          "triggers": [{"name": "t9", "type": "SCHEDULED", "scheduledDetails":
                                                        {"cron": "0 3 * * *"}}]}]}]})}
DEPLOY, UNDEPLOY = ("deploy",), ("undeploy", "--packages", "a", "--yes")

Kind = collections.namedtuple("Kind", "command before files method path invokes", defaults=[False])
KINDS = {
    "list of functions": Kind(DEPLOY, {}, NEW, "GET", "actions"),
    "list of packages": Kind(DEPLOY, {}, NEW, "GET", "packages"),
    "namespaces": Kind(DEPLOY, {}, NEW, "GET", "namespaces"),
    "package": Kind(DEPLOY, {}, NEW, "PUT", "packages/a"),
    "binding": Kind(DEPLOY, {}, NEW, "PUT", "packages/bound"),
    "function": Kind(DEPLOY, {}, NEW, "PUT", "actions/a/two"),
    "sequence": Kind(DEPLOY, {}, NEW, "PUT", "actions/a/chain"),
    "list of triggers": Kind(DEPLOY, {}, NEW, "GET", BASE),
    "new trigger": Kind(DEPLOY, {}, NEW, "POST", BASE),
    "changed trigger": Kind(DEPLOY, OLD, NEW, "PUT", BASE + "/t1"),
    "dropped trigger": Kind(DEPLOY, OLD, NEW, "DELETE", BASE + "/t2"),
    "function to delete": Kind(UNDEPLOY, OLD, {}, "DELETE", "actions/a/two"),
    "package to delete": Kind(UNDEPLOY, OLD, {}, "DELETE", "packages/a"),
    "trigger to delete": Kind(UNDEPLOY, OLD, {}, "DELETE", BASE + "/t1"),
    "address for a build": Kind(DEPLOY, {}, BUILT, "POST", NIMBELLA + "getUploadUrl", True),
    "wait for the address": Kind(DEPLOY, {}, BUILT, "GET", "activations/a{32}"),
    "slice": Kind(DEPLOY, {}, BUILT, "PUT", "/bucket/slice"),
    "build": Kind(DEPLOY, {}, BUILT, "POST", NIMBELLA + "build_.*", True),
    "wait for the build": Kind(DEPLOY, {}, BUILT, "GET", "activations/b{32}"),
    "note of a build": Kind(DEPLOY, {}, BUILT, "PUT", "actions/r/far"),
}
NAMES = {id(NEW): ({"a/one", "a/two", "a/chain", "b/three"}, {"t1"}),
         id(BUILT): ({"r/far", "r/near"}, {"t9"})}


class Bench:
    """The program, its projects, and what they are when all goes well."""

    def __init__(self, home):
        self.program = Dofn({**clean_environment(home), "DIGITALOCEAN_ACCESS_TOKEN": "t0ken"})
        self.home = home
        self.folders = {}

    def folder(self, files):
        if id(files) not in self.folders:
            root = self.home / f"project{len(self.folders)}"
            for path, text in files.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text)
            self.folders[id(files)] = root
        return self.folders[id(files)]

    def run(self, server, kind, **env):
        where = [self.folder(kind.files)] if kind.command == DEPLOY else []
        return self.program(*kind.command, *where, *server.flags, "-o", "json", check=False,
                            env={"DIGITALOCEAN_API_URL": server.url, **env})

    def before(self, kind):
        with World() as server:
            if kind.before:
                assert self.run(server, Kind(DEPLOY, {}, kind.before, "", "")).returncode == 0
        return server

    def after(self, kind, start):
        with World() as server:
            server.become(start)
            assert self.run(server, kind).returncode == 0
        return server.state()


class Cell:
    def __init__(self, name, kind, times):
        self.name, self.kind, self.times = name, kind, times
        self.fault = FAULTS[name]
        self.wrong = []

    @property
    def silent(self):
        return "silence" in self.name

    def __str__(self):
        return f"{self.name} {'once' if self.times else 'for ever'}"

    def run(self, bench, start, wanted):
        with World() as server:
            server.become(start)
            make = self.fault.make
            make = make(self.times) if make is gone else make
            server.fault(self.kind.method, self.kind.path, make(server), self.times, self.fault.body)
            server.faults.insert(0, server.faults.pop())
            server.take = Taker(server)
            begin = time.monotonic()
            patience = {"DOFN_TIMEOUT": "0.8"} if self.silent else {}
            self.done = bench.run(server, self.kind, **patience)
            self.seconds = time.monotonic() - begin
        self.server, self.start, self.wanted = server, start.state(), wanted
        self.judge()
        return self

    def expect(self, condition, text):
        if not condition:
            self.wrong.append(text)

    def judge(self):
        self.expect(self.done.returncode in (0, 1), f"status {self.done.returncode}")
        self.expect("runtime error" not in self.done.stderr and "Sanitizer" not in self.done.stderr, "sanitizer")
        self.expect(self.seconds < PATIENCE, f"took {self.seconds:.0f} s")
        for path in {r.path for r in self.server.seen("POST", NIMBELLA + ".*")}:
            self.expect(len(self.server.seen("POST", path)) == 1, f"called {path} twice")
        if self.times and self.fault.passes and not self.kind.invokes:
            self.expect(self.done.returncode == 0, "does not get over it")
        if self.done.returncode == 0:
            if self.name == "404" and self.kind.method == "DELETE":
                return  # the server's word is all there is
            self.expect(self.server.state() == self.wanted, "success, but not all is live")
        elif self.kind.command == DEPLOY:
            self.judge_report(json_values(self.done.stdout))
        else:
            self.judge_deletion(self.done.stdout)

    def judge_report(self, events):
        detail = next((e["errors"][0]["detail"] for e in events if "errors" in e), None)
        self.expect(detail, "no error")
        if detail and "nothing was uploaded" in detail:
            self.expect(self.server.state() == self.start, "something was uploaded")
            return
        self.judge_fates(events)

    def judge_fates(self, events):
        functions, triggers = NAMES[id(self.kind.files)]
        fates = collections.Counter(e["function"] for e in events if "trigger" not in e
                                    and e.get("event") in ("deployed", "unchanged", "failed") and "function" in e)
        self.expect(fates == dict.fromkeys(functions, 1), f"fates {dict(fates)}")
        ends = {e["trigger"]: e.get("event") for e in events if "trigger" in e and e.get("event") != "plan"}
        self.expect(triggers <= ends.keys(), f"triggers {ends}")
        self.expect("failed" in [e.get("event") for e in events], "nobody failed")
        state, wanted = self.server.state(), self.wanted
        for e in events:
            name = e.get("function")
            if e.get("event") in ("deployed", "unchanged"):
                path = "actions/" + name
                self.expect(unmarked(state.get(path)) == unmarked(wanted[path]), f"{name} is not live")
        for name, end in ends.items():
            if end == "trigger":
                path = "triggers/" + name
                self.expect(state.get(path) == wanted.get(path), f"{name} is not as told")

    def judge_deletion(self, text):
        values = json_values(text)
        if "functions" not in values[0]:
            self.expect(self.server.state() == self.start, "something was deleted, and nothing told")
            return
        left = self.server.state()
        failed = {f.get("function") or f.get("package") or f.get("trigger") for f in values[0]["failures"]}
        self.expect(failed, "nothing failed")
        for kind in ("functions", "packages", "triggers"):
            path = "actions/" if kind == "functions" else kind + "/"
            for name in values[0][kind]:
                self.expect(path + name not in left, f"{name} is not gone")


def unmarked(state):
    """Without the names of its triggers, whose fate is told by itself."""
    body, notes, *rest = state or [None, {}]
    deployer = {k: v for k, v in notes.get("deployer", {}).items() if k != "triggers"}
    return [body, {**notes, "deployer": deployer}, *rest]


class Taker:
    """`take` of a server whose act asks for the usual one: the fault is not taken again then."""

    def __init__(self, server):
        self.server, self.plain = server, server.take
        self.inside = threading.local()

    def __call__(self, request, early):
        server = self.server
        if getattr(request, "faulty", False):
            return next((f for f in server.faults[1:] if f.takes(request)), None)
        fault = self.plain(request, early)
        if fault is server.faults[0]:
            request.faulty = True
        return fault


def json_values(text):
    decoder, values = json.JSONDecoder(), []
    text = text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        values.append(value)
        text = text[end:].strip()
    return values


def cells_of(kind):
    for name, fault in FAULTS.items():
        if fault.body and kind.method in ("GET", "DELETE"):
            continue  # there is no body
        for times in (1, None):
            if times is None and not fault.passes and not LONG:
                continue  # it is not tried again: once is for ever
            if times is None and name == "404" and kind.path.startswith("activations"):
                continue  # no record yet: asked for until the build's time is over
            if times is None and "silence" in name and kind.path.startswith("activations") and not LONG:
                continue  # asked for four times, each for a while
            yield Cell(name, kind, times)


class Part:
    """A kind of request with the state before and after it, and its cells."""

    def __init__(self, bench, kind):
        self.bench, self.kind = bench, KINDS[kind]
        self.start = bench.before(self.kind)
        self.wanted = bench.after(self.kind, self.start)
        self.cells = list(cells_of(self.kind))

    def jobs(self, silent):
        return [lambda cell=cell: cell.run(self.bench, self.start, self.wanted)
                for cell in self.cells if cell.silent == silent]


GROUPS = {  # the longest first
    "waits": ["wait for the address", "wait for the build"],
    "builds": ["address for a build", "slice", "build", "note of a build"],
    "lists": ["list of functions", "list of packages", "namespaces", "list of triggers"],
    "changes": ["package", "binding", "function", "sequence"],
    "triggers": ["new trigger", "changed trigger", "dropped trigger"],
    "deletions": ["function to delete", "package to delete", "trigger to delete"],
}


def test_groups_are_all():
    assert sorted(sum(GROUPS.values(), [])) == sorted(KINDS)


@pytest.mark.parametrize("names", GROUPS.values(), ids=GROUPS)
def test_complete_or_told_function_by_function(tmp_path, names):
    bench = Bench(tmp_path)
    parts = {name: Part(bench, name) for name in names}
    for silent in (False, True):  # these by themselves: what a busy machine does late is not silence
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE if not silent else 16) as pool:
            for running in [pool.submit(job) for part in parts.values() for job in part.jobs(silent)]:
                running.result()
    bad = [f"{name}: {cell}: {', '.join(cell.wrong)}\n{cell.done.stdout}{cell.done.stderr}"
           for name, part in parts.items() for cell in part.cells if cell.wrong]
    assert not bad, "\n\n".join(bad)
