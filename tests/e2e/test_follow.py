"""activations logs --follow: each new activation once, none lost, soon."""

import base64
import http.client
import itertools
import json
import os
import pathlib
import queue
import re
import signal
import threading
import time
import urllib.parse

import pytest
from conftest import free_port
from faulty import Faulty, answer, error

READY = "following the logs; Ctrl-C ends\n"
SOON = 2  # seconds; usually it is a tenth of this
LONG = 40
CODE = """\
import time
def main(event):
    time.sleep(event.get("s", 0))
    print("word", event.get("word"))
    return {}
"""


class Follower:
    """A running `activations logs --follow`: its output with the time when each line came."""

    def __init__(self, program, *words):
        self.run = program.start("activations", "logs", "--follow", *words)
        self.lines = queue.Queue()
        self.seen = []  # (id, time)
        self.text = []
        self.ready = threading.Event()
        self.notes = []
        self.threads = [threading.Thread(target=t, daemon=True) for t in (self.read, self.read_notes)]
        for t in self.threads:
            t.start()
        assert self.ready.wait(LONG), self.notes

    def read(self):
        for line in self.run.stdout:
            self.text.append(line)
            found = re.match("=== ([0-9a-f]{32}) ", line) or \
                re.match('.*"activationId":"([0-9a-f]{32})"', line)
            if found:
                self.seen.append((found[1], time.monotonic()))

    def read_notes(self):
        for line in self.run.stderr:
            self.notes.append(line)
            if line == READY:
                self.ready.set()

    @property
    def ids(self):
        return [i for i, _ in self.seen]

    def wait_for(self, ids, seconds=LONG):
        deadline = time.monotonic() + seconds
        while not set(ids) <= set(self.ids):
            assert time.monotonic() < deadline, set(ids) - set(self.ids)
            assert self.run.poll() is None, self.notes
            time.sleep(0.005)

    def stop(self, number=signal.SIGINT):
        self.run.send_signal(number)
        status = self.run.wait(LONG)
        for t in self.threads:
            t.join(LONG)
        return status


@pytest.fixture
def follow(dofn):
    """follow("--function", "x") starts one that the test's end stops."""
    running = []

    def start(*words, program=dofn):
        running.append(Follower(program, *words))
        return running[-1]

    yield start
    for f in running:
        if f.run.poll() is None:
            f.run.kill()
            f.run.wait()


class Caller:
    """Calls functions over connections of its own, one a thread."""

    def __init__(self, apihost, auth):
        self.address = urllib.parse.urlsplit(apihost).netloc
        token = base64.b64encode(auth.encode()).decode()
        self.headers = {"Authorization": "Basic " + token, "Content-Type": "application/json"}
        self.local = threading.local()

    def post(self, name, payload=None, query="blocking=true"):
        """Status and answer; an OSError or HTTPException when there is none."""
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPConnection(self.address, timeout=LONG)
        try:
            self.local.connection.request("POST", f"/api/v1/namespaces/_/actions/{name}?{query}",
                                          json.dumps(payload or {}), self.headers)
            response = self.local.connection.getresponse()
            return response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException):
            self.local.connection.close()
            raise

    def __call__(self, name, **payload):
        status, record = self.post(name, payload)
        assert status == 200, record
        return record["activationId"]


def deploy(program, folder):
    for name in ("flw/quick", "flw/slow", "flwother/quick", "default/flwalone"):
        path = folder / f"packages/{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(CODE)
    program("deploy", folder)


@pytest.fixture(scope="module")
def call(platform, tmp_path_factory):
    deploy(platform.dofn, tmp_path_factory.mktemp("follow"))
    return Caller(platform.apihost, platform.auth)


def test_new_activation_is_shown_soon_with_its_lines(follow, call):
    old = call("flw/quick", word="old")
    f = follow()
    waits = []
    for i in range(30):
        ended = call("flw/quick", word=f"number {i}")
        before = time.monotonic()
        f.wait_for([ended], SOON)
        waits.append(f.seen[-1][1] - before)
        time.sleep(0.01 * (i % 10))
    assert old not in f.ids
    assert len(f.ids) == 30
    text = "".join(f.text)
    assert all(text.count(f" stdout: word number {i}\n") == 1 for i in range(30))
    banner = rf"=== {f.ids[0]} success \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d flw/quick:0\.0\.\d+\n"
    assert re.match(banner, text)
    waits.sort()
    print(f"latency: p50 {waits[15] * 1000:.0f} ms, max {waits[-1] * 1000:.0f} ms")
    assert waits[-1] < SOON


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_ends_it_well(follow, call, number):
    f = follow()
    f.wait_for([call("flw/quick")])
    assert f.stop(number) == 0
    assert f.notes == [READY]


def test_json_is_a_record_a_line(follow, call):
    f = follow("-o", "json")
    ids = [call("flw/quick", word=i) for i in range(3)]
    f.wait_for(ids)
    f.stop()
    records = [json.loads(line) for line in f.text]
    assert [r["activationId"] for r in records] == ids
    assert records[1]["logs"][0].endswith("word 1")


def test_strip_leaves_only_the_text(follow, call):
    f = follow("--strip")
    f.wait_for([call("flw/quick", word="bare")])
    f.stop()
    assert f.text[1] == "word bare\n"


@pytest.mark.parametrize("words, wanted", [
    (["--function", "flw/quick"], {"flw/quick"}),
    (["--package", "flw"], {"flw/quick", "flw/slow"}),
    (["--package", "flwother"], {"flwother/quick"}),
    (["--function", "flwalone"], {"flwalone"}),
    (["--function", "flw/quick", "--package", "flwother"], set()),
])
def test_filters(follow, call, words, wanted):
    f = follow(*words)
    everything = follow()
    ids = {}
    for _ in range(2):
        for name in ("flw/quick", "flw/slow", "flwother/quick", "flwalone"):
            ids[call(name)] = name
    f.wait_for([i for i, name in ids.items() if name in wanted])
    everything.wait_for(ids)
    time.sleep(0.4)
    assert sorted(f.ids) == sorted(i for i, name in ids.items() if name in wanted)


def test_what_started_first_and_ended_last_is_shown(follow, call):
    f = follow()
    slow = []
    thread = threading.Thread(target=lambda: slow.append(call("flw/slow", s=1)))
    thread.start()
    time.sleep(0.2)
    quick = [call("flw/quick") for _ in range(40)]
    f.wait_for(quick)
    thread.join(LONG)
    f.wait_for(quick + slow)
    assert len(f.ids) == 41
    assert f.ids[-1] == slow[0]


class Restarts:
    """The platform of this test, to be stopped and started under the callers' hands."""

    def __init__(self, program):
        self.program = program
        status = program.json("local", "status")
        self.call = Caller(status["apihost"], (pathlib.Path(status["data"]) / "key").read_text().strip())
        self.answered = []
        self.count = itertools.count(1)

    def one_call(self):
        """Until the platform answers; an id that came with a refusal counts also."""
        deadline = time.monotonic() + LONG
        while True:
            assert time.monotonic() < deadline
            try:
                status, record = self.call.post("flw/quick", {"word": next(self.count)})
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)
                continue
            if "activationId" in record:
                self.answered.append(record["activationId"])
            if status == 200:
                return
            time.sleep(0.02)

    def calls(self, n):
        for _ in range(n):
            self.one_call()
            time.sleep(0.01)

    def after(self, n, act):
        deadline = time.monotonic() + LONG
        while len(self.answered) < n:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        act()
        self.program("local", "start")

    def kill(self):
        os.kill(self.program.json("local", "status")["pid"], signal.SIGKILL)
        # The kernel takes a moment to end it; until then it counts as running.
        while self.program.json("local", "status")["running"]:
            time.sleep(0.01)


def test_nothing_is_lost_or_doubled_while_the_server_restarts(fresh, follow, tmp_path):
    fresh("local", "start", "--port", free_port())  # one that nobody else takes between restarts
    deploy(fresh, tmp_path / "project")
    r = Restarts(fresh)
    f = follow(program=fresh)
    threads = [threading.Thread(target=r.calls, args=(50,)) for _ in range(4)]
    for t in threads:
        t.start()
    r.after(30, lambda: fresh("local", "stop"))
    r.after(80, lambda: fresh("local", "stop"))
    r.after(130, r.kill)
    for t in threads:
        t.join(LONG)
    assert len(r.answered) >= 200
    f.wait_for(r.answered)
    time.sleep(0.5)
    assert len(set(f.ids)) == len(f.ids)
    assert len(set(r.answered)) == len(r.answered)
    assert f.stop() == 0


def wait_for_note(f, part):
    deadline = time.monotonic() + LONG
    while not any(part in note for note in f.notes):
        assert time.monotonic() < deadline, f.notes
        time.sleep(0.01)


def test_an_outage_is_told_and_waited_for(fresh, follow, tmp_path):
    fresh("local", "start", "--port", free_port())
    deploy(fresh, tmp_path / "project")
    f = follow(program=fresh)
    fresh("local", "stop")
    wait_for_note(f, "waiting for it")
    fresh("local", "start")
    wait_for_note(f, "the server answers again")
    assert f.stop() == 0


def test_wrong_credentials_end_it(fresh):
    with Faulty() as server:
        server.fault("GET", "activations", error(401, "no"))
        failed = fresh("activations", "logs", "--follow", *server.flags, check=False)
    assert failed.returncode == 1
    assert "401 Unauthorized: no" in failed.stderr


def test_answer_that_is_no_list_ends_it(fresh):
    with Faulty() as server:
        server.fault("GET", "activations", answer(200, {"a": 1}))
        failed = fresh("activations", "logs", "--follow", *server.flags, check=False)
    assert failed.returncode == 1
    assert "no list" in failed.stderr
