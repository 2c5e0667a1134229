"""Code on its way: decided by contents, packed by threads, sent while it is read."""

import base64
import hashlib
import io
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import zipfile

import pytest
from conftest import PROGRAM
from faulty import Faulty, answer, error, reset, silence

MAIN = "def main(event):\n    return {'body': 'ok'}\n"
MEGABYTE = 1 << 20
ROOM = 48 * 1024  # KB of memory that a deploy of any size may take


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)


def large(size=3 * MEGABYTE, name="p/large"):
    return {f"packages/{name}/__main__.py": MAIN, f"packages/{name}/data.bin": noise(size)}


@pytest.fixture
def server():
    with Faulty() as s:
        yield s


def code(request):
    record = request.json()["exec"]
    return base64.b64decode(record["code"]) if record["binary"] else record["code"].encode()


def events(done, name):
    return [e for e in map(json.loads, done.stdout.splitlines()) if e.get("event") == name]


def deploy(program, root, server, *args, **kw):
    return program("deploy", root, *server.flags, *args, **kw)


def built(program, root, into, *args):
    program("build", root, "--into", into, *args)
    return into


# ---- what is sent


def test_upload_is_what_build_writes(fresh, project, server, tmp_path):
    text = ("# " + "Größe € 😀 \\ \"quoted\"\t" * 40 + "\n") * 300 + MAIN
    root = project({**large(), "packages/p/text.py": text, "packages/p/small.py": MAIN})
    deploy(fresh, root, server)
    out = built(fresh, root, tmp_path / "out")
    sent = {r.path: code(r) for r in server.seen("PUT", "actions/.*")}
    assert sent["actions/p/large"] == (out / "p/large.zip").read_bytes()
    assert sent["actions/p/text"] == text.encode() == (out / "p/text.py").read_bytes()
    assert sent["actions/p/small"] == MAIN.encode()
    for request in server.seen("PUT"):
        assert int(request.headers["content-length"]) == len(request.body)
        assert "expect" not in request.headers and "transfer-encoding" not in request.headers


@pytest.mark.parametrize("act, body", [(reset, 100000), (reset, 0), (silence, 100000), (error(503, "busy"), None),
                                       (error(503, "busy"), 100000)],
                         ids=["reset", "reset at once", "silence", "busy", "busy early"])
def test_large_upload_is_sent_again_from_its_start(fresh, project, server, act, body):
    server.fault("PUT", "actions/p/large", act, times=1, body=body)
    deploy(fresh, project(large(8 * MEGABYTE)), server, env={"DOFN_TIMEOUT": "1"})
    requests = server.seen("PUT", "actions/p/large")
    assert len(requests) == 2
    with zipfile.ZipFile(io.BytesIO(code(requests[1]))) as z:
        assert z.testzip() is None and z.read("data.bin") == noise(8 * MEGABYTE)


@pytest.mark.parametrize("status, text", [(413, "Content Too Large"), (401, "Unauthorized")])
def test_refusal_before_the_body_was_sent_is_told(fresh, project, server, status, text):
    def refuse(connection, request):
        answer(status, {"error": "no"})(connection, request)
        connection.settimeout(10)
        while connection.recv(1 << 20):  # until the other side lets go
            pass

    server.fault("PUT", "actions/p/large", refuse, body=1000)
    done = deploy(fresh, project({**large(8 * MEGABYTE), "packages/p/small.py": MAIN}), server, check=False)
    assert done.returncode == 1
    assert f"p/large: the server answered {status} {text}" in done.stderr
    assert "p/small" in done.stdout
    assert len(server.seen("PUT", "actions/p/large")) == 1


def test_interruption_in_the_middle_of_a_body_ends_the_deploy(fresh, project, server):
    begun = threading.Event()

    def stop_reading(connection, request):
        begun.set()
        return silence(connection, request)

    server.fault("PUT", "actions/p/large", stop_reading, body=100000)
    process = fresh.start("deploy", project(large(16 * MEGABYTE)), *server.flags)
    assert begun.wait(30)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT
    assert "interrupted during the upload" in err


# ---- what is not sent


def test_error_of_size_comes_before_the_first_upload(fresh, project, server):
    root = project({"packages/p/a.py": MAIN, **large(40 * MEGABYTE, "p/z")})
    done = deploy(fresh, root, server, check=False)
    assert done.returncode == 2
    assert "'packages/p/z' is too large" in done.stderr and "'data.bin' 41.9 MB" in done.stderr
    assert "nothing was uploaded" in done.stderr
    assert server.seen("PUT") == []


@pytest.fixture
def live(dofn, project):
    """A function of several files that is deployed; live() gives what deploying it again changes."""
    root = project({**large(1000, "up/many"), "packages/up/many/data/a.txt": "one\n",
                    "packages/up/many/data/b.txt": "two\n"})
    dofn("deploy", root, "--force")

    def again():
        done = dofn("deploy", root, "-o", "json")
        plan = {e["function"]: e.get("changes") for e in events(done, "plan") if e["action"] != "unchanged"}
        assert bool(events(done, "packed")) == bool(plan)
        return plan.get("up/many")

    again.folder = root / "packages/up/many"
    return again


def test_what_is_unchanged_is_not_packed(live):
    assert live() is None
    for path in live.folder.rglob("*"):
        os.utime(path)
    assert live() is None
    assert live() is None


def rewrite_under_old_times(path, text):
    before = path.stat()
    assert len(text) == before.st_size
    path.write_text(text, encoding="ascii")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES = {
    "content of the same size and time": lambda folder: rewrite_under_old_times(folder / "data/a.txt", "ONE\n"),
    "file deleted": lambda folder: (folder / "data/a.txt").unlink(),
    "file renamed": lambda folder: (folder / "data/a.txt").rename(folder / "data/c.txt"),
    "execute bit": lambda folder: (folder / "data/a.txt").chmod(0o755),
    "two files swapped": lambda folder: [(folder / "data" / a).rename(folder / "data" / b) for a, b in
                                         (("a.txt", "x"), ("b.txt", "a.txt"), ("x", "b.txt"))],
    "empty file added": lambda folder: (folder / "data/empty").touch(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_any_change_is_noticed(live, change):
    assert live() is None
    change(live.folder)
    assert live() == ["code"]
    assert live() is None


def tables_of(program):
    return list(pathlib.Path(program.env["XDG_CACHE_HOME"], "dofn/files").iterdir())


def test_damaged_tables_of_files_are_ignored(dofn, live):
    for path in live.folder.rglob("*"):
        os.utime(path, (1, 1))
    assert live() is None
    assert tables_of(dofn)
    for table in tables_of(dofn):
        table.write_bytes(table.read_bytes()[:-7] + b"garbage")
    assert live() is None
    for table in tables_of(dofn):
        table.write_bytes(b"")
    rewrite_under_old_times(live.folder / "data/a.txt", "ONE\n")
    assert live() == ["code"]


def test_two_deploys_at_once_both_end_right(dofn, live):
    rewrite_under_old_times(live.folder / "data/b.txt", "TWO\n")
    both = [dofn.start("deploy", live.folder.parents[2]) for _ in range(2)]
    for process in both:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    assert live() is None
    assert not [p for p in tables_of(dofn) if ".new-" in p.name]


def test_nothing_is_kept_outside_the_folder_of_the_cache(fresh, project, server, tmp_path):
    deploy(fresh, project(large(8 * MEGABYTE)), server, env={"DOFN_CACHE": str(tmp_path / "place")})
    assert (tmp_path / "place").is_dir()
    assert not pathlib.Path(fresh.env["XDG_CACHE_HOME"], "dofn").exists()


def test_cache_that_cannot_be_written_only_costs_time(fresh, project, server, tmp_path):
    (tmp_path / "file").write_text("no folder")
    env = {"XDG_CACHE_HOME": str(tmp_path / "file")}
    root = project(large(8 * MEGABYTE))
    deploy(fresh, root, server, env=env)
    with zipfile.ZipFile(io.BytesIO(code(server.seen("PUT", "actions/p/large")[0]))) as z:
        assert z.read("data.bin") == noise(8 * MEGABYTE)


# ---- threads and memory


def test_archive_does_not_depend_on_the_number_of_threads(fresh, project, tmp_path):
    files = {f"packages/p/f/lib/{i % 30}/m{i}.py": f"# {i}\n" + "x = 1\n" * (i % 700) for i in range(500)}
    root = project({**files, **large(2 * MEGABYTE, "p/f"), "packages/p/f/empty": ""})
    made = {hashlib.sha256((built(fresh, root, tmp_path / n, "--jobs", n) / "p/f.zip").read_bytes()).hexdigest()
            for n in ("1", "2", "8")}
    assert len(made) == 1
    archive = tmp_path / "8/p/f.zip"
    subprocess.run(["unzip", "-tq", archive], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["zipinfo", "-t", archive], check=True, stdout=subprocess.DEVNULL)
    with zipfile.ZipFile(archive) as z:
        assert z.testzip() is None and len([n for n in z.namelist() if not n.endswith(".pyc")]) == 503
        assert z.namelist() == sorted(z.namelist(), key=str.encode)
    manifest = json.loads((tmp_path / "8/manifest.json").read_text())
    assert manifest[0]["sha256"] in made and manifest[0]["bytes"] == archive.stat().st_size


def most_memory(program, *args):
    """In KB, of a run that must succeed; started from a small process, whose memory would count too."""
    script = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=2, check=True); "
              "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
    return int(subprocess.run([sys.executable, "-c", script, PROGRAM, *map(str, args)], env=program.env, check=True,
                              capture_output=True, text=True).stdout)


@pytest.mark.skipif("ASAN_OPTIONS" in os.environ, reason="measures memory")
def test_memory_does_not_follow_the_size_or_number_of_uploads(fresh, project, server, tmp_path):
    files = {}
    for i in range(16):
        files.update(large(2 * MEGABYTE, f"p/f{i}"))
    root = project({**files, **large(32 * MEGABYTE, "p/huge")})
    assert most_memory(fresh, "deploy", root, *server.flags) < ROOM
    assert len(server.seen("PUT", "actions/.*")) == 17
    assert most_memory(fresh, "build", root, "--into", tmp_path / "out") < ROOM


def test_nothing_is_left_behind(fresh, project, server):
    deploy(fresh, project(large(8 * MEGABYTE)), server, "--no-bytecode")
    left = {p.name for p in pathlib.Path(fresh.env["XDG_CACHE_HOME"], "dofn").iterdir()}
    assert left <= {"files"}


# ---- how far it is


def test_large_uploads_tell_how_far_they_are(fresh, project, server):
    done = deploy(fresh, project(large()), server, "-o", "json")
    told = events(done, "uploading")
    assert {e["function"] for e in told} == {"p/large"}
    sent = [e["sent"] for e in told]
    assert sent[0] == 0 and sent == sorted(sent) and len(sent) <= 22
    assert sent[-1] == told[-1]["bytes"] > 3 * MEGABYTE


def test_small_uploads_tell_nothing_in_between(fresh, project, server):
    done = deploy(fresh, project({"packages/p/f.py": MAIN}), server, "-o", "json")
    assert events(done, "uploading") == []


def test_an_upload_that_is_sent_again_begins_again(fresh, project, server):
    server.fault("PUT", "actions/p/large", error(503, "busy"), times=1)
    done = deploy(fresh, project(large()), server, "-o", "json")
    assert [e["sent"] for e in events(done, "uploading")].count(0) == 2


def test_a_pipe_gets_a_line_for_a_large_upload(fresh, project, server):
    done = deploy(fresh, project(large()), server)
    assert "p/large: uploading 3.1 MB\n" in done.stderr
