"""Starting, finding and stopping the local platform; what is left after a crash."""

import base64
import json
import os
import pathlib
import signal
import socket
import stat
import threading
import time

import pytest
from conftest import free_port


class Server:
    """The platform of one test's own home."""

    def __init__(self, program, http):
        self.program = program
        self.http = http

    def start(self, port=None, **kw):
        return self.program("local", "start", "--port", port or free_port(), **kw)

    @property
    def status(self):
        return self.program.json("local", "status")

    @property
    def data(self):
        return pathlib.Path(self.status["data"])

    @property
    def auth(self):
        return (self.data / "key").read_text().strip()

    def caller(self):
        """For many requests: finds the server once."""
        base = f"{self.status['apihost']}/api/v1/namespaces/_/"
        token = base64.b64encode(self.auth.encode()).decode()

        def call(method, path, body=None):
            return self.http(method, base + path, json.dumps(body) if body is not None else None,
                             {"Authorization": "Basic " + token})

        return call

    def __call__(self, *args):
        return self.caller()(*args)

    def put(self, name, code):
        answer = self("PUT", f"actions/{name}", {"exec": {"kind": "python:3.11", "code": code}})
        assert answer.status == 200

    def kill(self):
        pid = self.status["pid"]
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not self.status["running"])


def wait_until(claim):
    deadline = time.monotonic() + 10
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def server(fresh, http):
    return Server(fresh, http)


def test_never_started_is_not_running(server):
    assert server.status["running"] is False
    assert not server.data.exists()
    server.program("local", "stop")
    server.program("local", "reset", "--yes")


def test_start_is_idempotent_and_stop_keeps_the_data(server):
    server.start()
    first, key = server.status, server.auth
    server.program("local", "start")
    assert server.status["pid"] == first["pid"]
    server.put("f", "def main(e):\n    return {}\n")
    server.program("local", "stop")
    assert server.status["running"] is False
    assert not (server.data / "server.json").exists()
    server.program("local", "start")
    assert server.status["apihost"] == first["apihost"]
    assert server.auth == key
    assert server("GET", "actions/f").status == 200


def test_data_is_private(server):
    server.start()

    def mode(path):
        return stat.S_IMODE(path.stat().st_mode)

    assert mode(server.data) == 0o700
    for name in ("key", "server.json", "lock", "log"):
        assert mode(server.data / name) == 0o600


def test_two_starts_at_once_give_one_server(server):
    starts = [server.program.start("local", "start") for _ in range(4)]
    for p in starts:
        _, err = p.communicate(timeout=30)
        assert p.returncode == 0, err
    assert server.status["running"] is True
    assert len([p for p in pathlib.Path("/proc").glob("[0-9]*/cmdline")
                if str(server.data).encode() in read(p)]) == 1


def read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_killed_server_is_noticed_and_loses_nothing(server):
    server.start()
    server.put("f", "def main(e):\n    return {}\n")
    for _ in range(20):
        assert server("POST", "actions/f?blocking=true").status == 200
    server.kill()
    assert (server.data / "server.json").exists()
    server.program("local", "start")
    assert server("GET", "activations?count=true").json() == {"activations": 20}


def test_stop_ends_a_call_under_way_within_a_second(server):
    server.start()
    server.put("f", "import time\ndef main(e):\n    time.sleep(3)\n    return {}\n")
    answers = []
    thread = threading.Thread(
        target=lambda: answers.append(server("POST", "actions/f?blocking=true")))
    thread.start()
    time.sleep(0.5)
    before = time.monotonic()
    server.program("local", "stop")
    assert time.monotonic() - before < 1
    thread.join(10)
    assert answers and answers[0].status in (502, 503)
    server.program("local", "start")
    records = server("GET", "activations?docs=true").json()
    assert [r["response"]["status"] for r in records] == ["action developer error"]


def test_reset_removes_everything(server):
    server.start()
    key = server.auth
    server.put("f", "def main(e):\n    return {}\n")
    server.program("local", "reset", "--yes")
    assert not server.data.exists()
    server.program("local", "start")
    assert server.auth != key
    assert server("GET", "actions").json() == []


def test_status_tells_interpreters_and_containment(server):
    assert "runtimes" not in server.status
    server.start()
    wait_until(lambda: any(line.startswith("python:3.11: /") for line in server.status["runtimes"]))
    status = server.status
    assert any(line.startswith("memory: sampled every 20 ms") for line in status["containment"])
    text = server.program("local", "status").stdout
    for title, lines in (("Runtimes", status["runtimes"]), ("Containment", status["containment"])):
        assert f"{title}:\n  {lines[0]}\n" in text
    info = server.http("GET", status["apihost"] + "/api/v1").json()
    assert info["local"]["containment"] == status["containment"]


def test_status_of_a_silent_server_warns(server):
    server.start()
    pid = server.status["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        told = server.program("local", "status", "-o", "json")
    finally:
        os.kill(pid, signal.SIGCONT)
    assert json.loads(told.stdout)["pid"] == pid
    assert "the local platform does not answer" in told.stderr


def test_start_stop_and_reset_at_once_all_succeed(server):
    """Each is one step for the others: no half-removed folder, no wait for another's server."""
    commands = [("start",), ("stop",), ("reset", "--yes"), ("start",)]
    for _ in range(3):
        running = [server.program.start("local", *words) for words in commands]
        ends = [process.communicate(timeout=30) for process in running]
        assert [process.returncode for process in running] == [0, 0, 0, 0], ends


def test_server_inherits_no_descriptors(server, tmp_path):
    """A lock that a script holds must not live as long as the server."""
    with open(tmp_path / "lock", "w") as held:
        server.program.start("local", "start", pass_fds=[held.fileno()]).communicate(timeout=30)
    folder = pathlib.Path("/proc", str(server.status["pid"]), "fd")
    assert str(tmp_path / "lock") not in [os.readlink(fd) for fd in folder.iterdir()]


def memory_of(pid):
    """What the process can write to, the heap and the stack among it; needs root's rights."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb") as mem:
        for line in maps:
            area, rights = line.split()[:2]
            if rights.startswith("rw"):
                start, end = (int(x, 16) for x in area.split("-"))
                mem.seek(start)
                yield mem.read(end - start)


@pytest.mark.skipif(os.geteuid() != 0, reason="reads another process's memory")
@pytest.mark.skipif("ASAN_OPTIONS" in os.environ, reason="a sanitizer's memory is too much to read")
def test_server_keeps_no_credentials_of_its_environment(server):
    server.program("local", "start", env={"AWS_SECRET_ACCESS_KEY": "hush-4a1f", "KEPT": "kept-4a1f"})
    memory = b"".join(memory_of(server.status["pid"]))
    assert b"kept-4a1f" in memory
    assert b"hush-4a1f" not in memory


def test_taken_port_that_was_asked_for_is_an_error(server):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        failed = server.start(port=port, check=False)
        assert failed.returncode == 1
        assert str(port) in failed.stderr
    assert server.status["running"] is False


def test_other_port_than_the_running_one_is_an_error(server):
    server.start()
    failed = server.start(port=free_port(), check=False)
    assert failed.returncode == 2
    assert "runs already, on port" in failed.stderr


def test_taken_last_port_gives_another(server):
    server.start()
    port = int(server.status["apihost"].rsplit(":", 1)[1])
    server.program("local", "stop")
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        server.program("local", "start")
        assert not server.status["apihost"].endswith(f":{port}")


def test_second_server_in_a_folder_is_refused(server):
    server.start()
    second = server.program("local", "serve", "--data", server.data, check=False)
    assert second.returncode == 2
    assert f"as process {server.status['pid']}" in second.stderr


def test_damaged_database_is_named(server):
    server.start()
    server.program("local", "stop")
    (server.data / "platform.db").write_bytes(b"#" * 8192)
    failed = server.program("local", "start", check=False)
    assert failed.returncode == 1
    assert "platform.db' is damaged" in failed.stderr
    server.program("local", "reset", "--yes")
    server.program("local", "start")


def test_damaged_key_is_named(server):
    server.start()
    server.program("local", "stop")
    (server.data / "key").write_text("nonsense")
    failed = server.program("local", "start", check=False)
    assert failed.returncode == 1
    assert "holds no key" in failed.stderr


def test_large_log_is_rotated_at_start(server):
    server.start()
    server.program("local", "stop")
    (server.data / "log").write_bytes(b"x" * (1024 * 1024 + 1))
    server.program("local", "start")
    assert (server.data / "log.1").stat().st_size > 1024 * 1024
    assert (server.data / "log").stat().st_size < 1024


def test_terminal_signals_do_not_reach_the_server(server):
    server.start()
    pid = server.status["pid"]
    assert os.getsid(pid) != os.getsid(0)
    assert os.readlink(f"/proc/{pid}/fd/0") == "/dev/null"


def test_calls_beyond_120_are_refused_and_the_others_are_recorded_at_the_stop(server):
    server.start()
    call = server.caller()
    code = "import time\ndef main(e):\n    time.sleep(50)\n"
    call("PUT", "actions/f", {"exec": {"kind": "python:3.11", "code": code}, "limits": {"timeout": 60000}})
    answers = [call("POST", "actions/f") for _ in range(123)]
    assert [a.status for a in answers] == [202] * 120 + [429] * 3
    assert answers[-1].json()["error"] == (
        "Too many concurrent requests in flight (count: 121, allowed: 120).")
    server.program("local", "stop")
    server.program("local", "start")
    assert server("GET", "activations?count=true").json() == {"activations": 120}
