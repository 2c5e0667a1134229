"""dofn watch: what is saved is live soon, whatever happens in between."""

import json
import os
import queue
import signal
import subprocess
import threading
import time
import urllib.request

import pytest
from conftest import PROGRAM, TIMEOUT

HELLO = 'def main(args):\n    return {"body": "%s"}\n'
COUNTING = "echo built >> ../../../builds\n"
UNIQUE = 100000 + os.getpid()


class Watching:
    """A running watch; its lines come by line()."""

    def __init__(self, dofn, root, *args, env=None):
        self.process = subprocess.Popen(
            [PROGRAM, "watch", str(root), *args], env={**dofn.env, **(env or {})}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
        self.lines = queue.Queue()
        self.seen = []
        self.readers = [threading.Thread(target=self._read, args=(stream,), daemon=True)
                        for stream in (self.process.stdout, self.process.stderr)]
        for reader in self.readers:
            reader.start()

    def _read(self, stream):
        for line in stream:
            self.lines.put(line.rstrip("\n"))

    def line(self, part):
        """The next line with this part in it."""
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            try:
                line = self.lines.get(timeout=0.2)
            except queue.Empty:
                continue
            self.seen.append(line)
            if part in line:
                return line
        raise AssertionError(f"no line with {part!r} in:\n" + "\n".join(self.seen))

    def rest(self):
        """Ends the watch; the lines that nobody asked for."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(TIMEOUT) == 0, self.seen
        for reader in self.readers:
            reader.join(TIMEOUT)
        rest = []
        while not self.lines.empty():
            rest.append(self.lines.get())
        return rest


@pytest.fixture
def watch(dofn):
    started = []

    def start(root, *args, **kw):
        started.append(Watching(dofn, root, *args, **kw))
        return started[-1]

    yield start
    for watching in started:
        watching.process.kill()
        watching.process.wait()


def body(platform, function):
    with urllib.request.urlopen(platform.web(function), timeout=TIMEOUT) as answer:
        return answer.read().decode()


def replace(path, text):
    """As editors save: a new file in the place of the old one."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(text)
    os.replace(new, path)


def test_a_saved_file_is_live_and_only_its_function_was_deployed(platform, project, watch):
    root = project({"packages/w1/a.py": HELLO % "one", "packages/w1/b/__main__.py": HELLO % "one"})
    watching = watch(root)
    watching.line("watching")
    assert body(platform, "w1/b") == "one"
    replace(root / "packages/w1/b/__main__.py", HELLO % "two")
    assert watching.line("live after").startswith("packages/w1/b/__main__.py")
    assert body(platform, "w1/b") == "two"
    (root / "packages/w1/a.py").write_text(HELLO % "three")
    assert "packages/w1/a.py: w1/a live after" in watching.line("live after")
    assert body(platform, "w1/a") == "three"
    assert not [line for line in watching.rest() if "live after" in line]


def test_new_folders_and_new_functions_are_noticed(platform, project, watch):
    root = project({"packages/w2/a.py": HELLO % "one"})
    watching = watch(root)
    watching.line("watching")
    new = root / "packages/w2new/deep"
    new.mkdir(parents=True)
    (new / "__main__.py").write_text("import other\n" + HELLO % "new")
    (new / "other.py").write_text("")
    while "w2new/deep" not in watching.line("live after"):
        pass
    (new / "other.py").write_text("x = 1\n")
    watching.line("w2new/deep live after")
    assert body(platform, "w2new/deep") == "new"


def test_a_burst_is_deployed_together(platform, project, watch):
    root = project({f"packages/w3/f{i}/__main__.py": HELLO % "one" for i in range(40)})
    watching = watch(root)
    watching.line("watching")
    for i in range(40):
        for j in range(25):
            replace(root / f"packages/w3/f{i}" / f"part{j}.py", f"x = {j}\n")
        replace(root / f"packages/w3/f{i}/__main__.py", HELLO % "two")
    cycles = 0
    while body(platform, "w3/f39") != "two":
        watching.line("live after")
        cycles += 1
    assert cycles <= 10
    assert {body(platform, f"w3/f{i}") for i in range(40)} == {"two"}


def test_mistakes_are_shown_and_the_next_change_deploys_what_they_held_up(platform, project, watch):
    root = project({"packages/w4/a.py": HELLO % "one", "packages/w4/b.py": HELLO % "one"})
    watching = watch(root)
    watching.line("watching")
    (root / "project.yml").write_text("packges: []\n")
    watching.line("unknown key 'packges'")
    watching.line("not deployed; waiting for the next change")
    replace(root / "packages/w4/a.py", HELLO % "two")
    watching.line("not deployed")
    (root / "project.yml").write_text("packages: []\n")
    watching.line("w4/a live after")
    assert body(platform, "w4/a") == "two"


def test_a_project_that_begins_with_a_mistake_is_watched(platform, project, watch):
    root = project({"packages/w5/a.py": HELLO % "one", "project.yml": "packges: []\n"})
    watching = watch(root)
    watching.line("1 error in the project")
    watching.line("watching")
    (root / "project.yml").unlink()
    watching.line("w5/a live after")
    assert body(platform, "w5/a") == "one"


def test_only_the_changed_function_is_built_and_a_build_starts_no_other(project, watch):
    files = {}
    for f in "ab":
        files[f"packages/w6/{f}/__main__.py"] = HELLO % "one"
        files[f"packages/w6/{f}/build.sh"] = f"date +%s%N > made-{f}; " + COUNTING.replace("built", f)
    root = project(files)
    watching = watch(root)
    watching.line("watching")
    built = root / "builds"
    time.sleep(0.5)  # whatever the first builds could start
    before = built.read_text().split()
    replace(root / "packages/w6/a/__main__.py", HELLO % "two")
    watching.line("w6/a live after")
    time.sleep(0.5)
    watching.rest()
    after = built.read_text().split()[len(before):]
    assert "b" not in after
    assert 1 <= len(after) <= 2, after


def test_a_failing_build_is_shown_and_watching_goes_on(platform, project, watch):
    root = project({"packages/w7/a/__main__.py": HELLO % "one", "packages/w7/a/build.sh": "true\n"})
    watching = watch(root)
    watching.line("watching")
    (root / "packages/w7/a/build.sh").write_text("echo this is broken; exit 3\n")
    watching.line("this is broken")
    watching.line("exited with code 3")
    (root / "packages/w7/a/build.sh").write_text("true\n")
    replace(root / "packages/w7/a/__main__.py", HELLO % "two")
    watching.line("w7/a live after")
    assert body(platform, "w7/a") == "two"


def test_logs_come_in_between(dofn, project, watch):
    root = project({"packages/w8/a.py": 'def main(args):\n    print("called", args["n"])\n    return {}\n'})
    watching = watch(root, "--logs")
    watching.line("watching")
    time.sleep(0.5)
    dofn("functions", "invoke", "w8/a", "--param", "n:17")
    watching.line("called 17")
    watching.rest()


def test_events_as_json_lines(project, watch):
    root = project({"packages/w9/a.py": HELLO % "one"})
    watching = watch(root, "-o", "json")
    watching.line('"result"')
    time.sleep(0.2)
    replace(root / "packages/w9/a.py", HELLO % "two")
    cycle = json.loads(watching.line('"cycle"'))
    assert cycle["changed"] == "packages/w9/a.py"
    assert cycle["deployed"] == ["w9/a"]
    assert cycle["ms"] >= 0 and cycle["files"] >= 1 and "error" not in cycle
    (root / "project.yml").write_text("packges: []\n")
    assert "1 error" in json.loads(watching.line('"cycle"'))["error"]


def test_a_file_of_variables_in_the_project_is_watched(platform, project, watch):
    root = project({
        "packages/w10/a.py": 'import os\ndef main(args):\n    return {"body": os.environ["WORD"]}\n',
        "project.yml": "packages: [{name: w10, functions: [{name: a, environment: {WORD: '${WORD}'}}]}]\n",
        "config/words.env": "WORD=one\n",
    })
    watching = watch(root, "--env", str(root / "config/words.env"))
    watching.line("watching")
    assert body(platform, "w10/a") == "one"
    (root / "config/words.env").write_text("WORD=two\n")
    watching.line("w10/a live after")
    assert body(platform, "w10/a") == "two"


def test_a_file_of_variables_elsewhere_is_said_not_to_be_watched(project, tmp_path, watch):
    root = project({"packages/w11/a.py": HELLO % "one"})
    (tmp_path / "elsewhere.env").write_text("A=1\n")
    watching = watch(root, "--env", str(tmp_path / "elsewhere.env"))
    watching.line("its changes are not noticed")


def test_the_end_of_the_folder_is_an_error(project, watch):
    root = project({"packages/w12/a.py": HELLO % "one"}, name="short")
    watching = watch(root)
    watching.line("watching")
    subprocess.run(["rm", "-rf", str(root)], check=True)
    assert watching.process.wait(TIMEOUT) == 1
    watching.line("the project's folder is gone")


def test_what_cannot_be_watched_is_said_at_once(dofn, tmp_path):
    for args in (["watch", str(tmp_path / "nothing")], ["watch", str(tmp_path), "--jobs", "0x"]):
        done = dofn(*args, check=False)
        assert done.returncode in (1, 2)
        assert done.stderr.startswith("dofn: ")


def test_nothing_is_left_running(project, watch):
    root = project({"packages/w13/a/__main__.py": HELLO % "one",
                    "packages/w13/a/build.sh": f"echo started; sleep {UNIQUE}\n"})
    watching = watch(root, "--verbose-build")
    watching.line("started")
    watching.process.send_signal(signal.SIGINT)
    assert watching.process.wait(TIMEOUT) == -signal.SIGINT
    left = subprocess.run(["pgrep", "-f", f"sleep {UNIQUE}"], capture_output=True, text=True, check=False)
    assert left.stdout == ""
