"""Builds as programs: side by side, failing, hanging, noisy, and what they can and cannot reach."""

import json
import os
import pathlib
import shutil
import signal
import time
import zipfile

import pytest
from conftest import read_to_the_end

F = "packages/p/f/"
MAIN = "def main():\n    return {}\n"


def function(script, name="f"):
    return {f"packages/p/{name}/__main__.py": MAIN, f"packages/p/{name}/build.sh": script}


@pytest.fixture
def programs(tmp_path):
    """programs(npm="...") makes programs of these texts; gives a PATH with them in front."""

    def make(**texts):
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text)
            (folder / name).chmod(0o755)
        return {"PATH": f"{folder}:{os.environ['PATH']}"}

    return make


def children(pid):
    return [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(true, what, seconds=30):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


# Side by side.

MEET = """touch ../../../begun-${PWD##*/}
until [ $(ls ../../.. | grep -c ^begun-) = 4 ]; do sleep 0.01; done
echo done
"""


def test_functions_are_built_side_by_side(fresh, project):
    files = {}
    for name in "abcd":
        files.update(function(MEET, name))
    # One of four equal builds would do for all.
    story = fresh("build", project(files), "--jobs", "4", "--verbose-build", "--no-cache").stderr
    for name in "abcd":
        assert f"p/{name} | done\n" in story and f"p/{name}: built in " in story


def test_jobs_bounds_them(fresh, project):
    script = "mkdir ../../../lock && sleep 0.05 && rmdir ../../../lock\n"
    root = project({**function(script, "a"), **function(script, "b"), **function(script, "c")})
    fresh("build", root, "--jobs=1")
    done = fresh("build", root, "--jobs=257", check=False)
    assert done.returncode == 2 and "--jobs takes at most 256" in done.stderr


def test_every_failure_is_told_in_order(fresh, project):
    root = project({**function("until [ -e ../b/ended ]; do sleep 0.01; done\nexit 3\n", "a"),
                    **function("echo why; touch ended; exit 4\n", "b"), **function("", "c")})
    done = fresh("build", root, "--jobs", "2", check=False)
    assert done.returncode == 1 and "p/b | why\n" in done.stderr
    first, second, last = done.stderr.splitlines()[-3:]
    assert first.endswith("p/a: 'packages/p/a/build.sh' exited with code 3")
    assert second.endswith("p/b: 'packages/p/b/build.sh' exited with code 4")
    assert last.endswith("2 builds failed")
    assert "p/c" not in done.stderr


def test_deploy_uploads_nothing_when_a_build_fails(dofn, platform, project):
    root = project({**function("", "one"), **function("exit 1\n", "two")}, "none")
    done = dofn("deploy", root, check=False)
    assert done.returncode == 1 and "nothing was uploaded" in done.stderr


# Output.

def test_output_is_shown_when_a_build_fails_or_on_request(fresh, project):
    root = project(function("echo fine\n"))
    assert "fine" not in fresh("build", root).stderr
    assert "p/f | fine\n" in fresh("build", root, "--verbose-build", "--no-cache").stderr
    (root / F / "build.sh").write_text("seq 100; echo problem >&2; exit 1\n")
    text = fresh("build", root, check=False).stderr
    assert "p/f: its output without the first 81 lines (--verbose-build shows all):\n" in text
    assert "p/f | 80\n" not in text and "p/f | 83\n" in text and "p/f | problem\n" in text
    assert "p/f | problem\n" in fresh("build", root, "-q", check=False).stderr
    text = fresh("build", root, "--verbose-build", check=False).stderr
    assert "without the first" not in text and text.count("p/f | 100\n") == 1 and "p/f | 1\n" in text


def test_json_has_every_line(fresh, project):
    root = project(function("seq 100; echo problem >&2; exit 1\n"))
    done = fresh("build", root, "-o", "json", check=False)
    events, _, _ = done.stdout.partition("{\n")
    events = [json.loads(line) for line in events.splitlines() if line.startswith('{"event"')]
    lines = [e for e in events if e["event"] == "build_line"]
    assert len(lines) == 101
    assert {"event": "build_line", "function": "p/f", "stream": "stderr", "text": "problem"} in lines
    assert {"event": "build_failed", "function": "p/f",
            "text": "'packages/p/f/build.sh' exited with code 1"} in events


def test_escape_sequences_are_made_visible(fresh, project):
    root = project(function("printf '\\033[2J\\033]0;title\\007\\r\\200x\\n'; exit 1\n"))
    text = fresh("build", root, check=False).stderr
    line = next(line for line in text.splitlines() if line.startswith("p/f | "))
    assert not set(line) & {"\x1b", "\x07", "\r", "\udc80"} and "title" in line and "x" in line


def test_a_gigabyte_of_output_takes_seconds_and_little_memory(fresh, project):
    root = project(function(f"yes {'x' * 800} | head -c 1G\necho the reason >&2\nexit 1\n"))
    start = time.monotonic()
    process = fresh.start("build", root)
    story, peak = read_to_the_end(process, process.stderr)
    assert time.monotonic() - start < 30
    assert "wrote more than 10 MiB of output; of the rest only the end is kept" in story
    assert "p/f | the reason\n" in story and len(story) < 30000
    if "ASAN_OPTIONS" not in os.environ:
        assert 0 < peak < 64 * 1024


# The end.

HANG = """echo $$ > ../../../pid-${PWD##*/}
(%s sleep 600; sleep 600) &
setsid sleep 600 > /dev/null 2>&1 &
echo $! > ../../../setsid-${PWD##*/}
sleep 600
"""


@pytest.mark.parametrize("signum, trap", [(signal.SIGINT, "trap '' TERM INT HUP;"), (signal.SIGTERM, "")])
def test_interrupt_ends_the_whole_tree_of_every_build(fresh, project, signum, trap):
    root = project({**function(HANG % trap, "a"), **function(HANG % trap, "b")})
    process = fresh.start("build", root, "--jobs", "2", "--no-cache")
    files = [root / f"{kind}-{name}" for kind in ("pid", "setsid") for name in "ab"]
    wait_until(lambda: all(f.exists() and f.read_text() for f in files), "the builds began")
    groups = [int((root / f"pid-{name}").read_text()) for name in "ab"]
    strays = [int((root / f"setsid-{name}").read_text()) for name in "ab"]
    process.send_signal(signum)
    _, story = process.communicate(timeout=20)
    assert process.returncode == -signum and "interrupted" in story
    for pid in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            group = int((pid / "stat").read_text().rpartition(")")[2].split()[2])
        except (FileNotFoundError, ProcessLookupError):
            continue
        assert group not in groups or not is_running(int(pid.name))
    assert not any(is_running(pid) for pid in strays)


@pytest.mark.parametrize("command, told", [
    ("sleep 600 &", "'packages/p/f/build.sh' left programs running in the background; they were ended"),
    ("setsid sleep 600 > /dev/null 2>&1 &", "programs that builds left running were ended: sleep"),
    ("setsid sleep 600 &", "programs that builds left running were ended: sleep"),
])
def test_a_daemon_is_ended_and_named(fresh, project, command, told):
    root = project(function(f"{command}\necho $! > pid\nsleep 0.1\n"))
    start = time.monotonic()
    story = fresh("build", root).stderr
    assert time.monotonic() - start < 10
    assert f"warning: p/f: {told}\n" in story or f"warning: {told}\n" in story
    assert not is_running(int((root / F / "pid").read_text()))


def test_a_program_that_ends_by_itself_is_no_daemon(fresh, project):
    root = project(function("exec > >(cat > log)\necho text\n"))
    assert "left" not in fresh("build", root).stderr
    assert (root / F / "log").read_text() == "text\n"


# npm, yarn, lib.

NPM = """#!/bin/sh
echo "${0##*/} $* in ${PWD##*/}, $FROM"
mkdir -p node_modules/dep && echo "exports.x = 1" > node_modules/dep/index.js
[ "$2" != build ] || echo built > made.js
"""


@pytest.mark.parametrize("options, install", [([], "npm install"), (["--yarn"], "yarn install")])
def test_packages_of_npm_and_yarn_go_into_the_artifact(fresh, project, programs, options, install):
    root = project({F + "index.js": "exports.main = () => {}\n", "vars": "FROM=vars\n",
                    F + "package.json": '{"main": "index.js", "scripts": {"build": "x"}}'})
    story = fresh("build", ".", "--build-env", "vars", "--verbose-build", *options, cwd=root,
                  env=programs(npm=NPM, yarn=NPM)).stderr
    assert f"p/f | {install}" in story and " in f, vars\n" in story
    assert f"p/f | {install.split()[0]} run build in f, vars\n" in story
    with zipfile.ZipFile(root / "dist/p/f.zip") as z:
        assert {"made.js", "node_modules/dep/index.js"} <= set(z.namelist())


@pytest.mark.skipif(not shutil.which("npm"), reason="npm is not installed")
def test_real_npm_runs_the_build_of_a_package(fresh, project):
    root = project({F + "index.js": "exports.main = () => {}\n", F + "package.json":
                    '{"name": "f", "version": "1.0.0", "main": "index.js", '
                    '"scripts": {"build": "node -e \\"fs.writeFileSync(\'made.js\', \'1\')\\""}}'})
    fresh("build", root, env={"npm_config_offline": "true"})
    assert (root / F / "made.js").read_text() == "1"


@pytest.mark.parametrize("files, made", [
    ({"lib/build.sh": "echo 'WORD = \"of lib\"' > made.py\n"}, "made.py"),
    ({"lib/package.json": '{"scripts": {"build": "x"}}'}, "made.js"),
])
def test_lib_is_built_first_and_can_be_included(fresh, project, programs, files, made):
    root = project({**files, F + "__main__.py": MAIN, F + ".include": f"__main__.py\n../../../lib/{made}\n"})
    fresh("build", root, env=programs(npm=NPM))
    with zipfile.ZipFile(root / "dist/p/f.zip") as z:
        assert made in z.namelist()


def test_failing_lib_stops_everything(fresh, project):
    root = project({**function("touch ran\n"), "lib/build.sh": "echo no; exit 7\n"})
    done = fresh("build", root, check=False)
    assert done.returncode == 1 and "lib | no\n" in done.stderr
    assert "'lib/build.sh' exited with code 7" in done.stderr
    assert not (root / F / "ran").exists()


# Secrets.

REACH = """import os, pathlib
out = open("reached", "w")
pid = "self"
ours = [pid]
while True:
    stat_ = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    pid = stat_[1]
    if pid == "0":
        break
    ours.append(pid)
print(dict(os.environ), file=out)
for pid in ours:
    for name in ("environ", "cmdline"):
        try:
            print(pid, name, pathlib.Path(f"/proc/{pid}/{name}").read_bytes(), file=out)
        except OSError as e:
            print(pid, name, e, file=out)
print("descriptors", sorted(os.listdir("/proc/self/fd")), file=out)
"""


def test_no_secret_of_the_environment_can_be_reached(fresh, project):
    root = project({**function("exec python3 reach.py\n"), F + "reach.py": REACH})
    env = {"DIGITALOCEAN_ACCESS_TOKEN": "dop_hushhush", "MY_PASSWORD": "hushhush", "OPEN": "said"}
    read, write = os.pipe()
    os.set_inheritable(read, True)
    try:
        fresh("build", root, env=env)
    finally:
        os.close(read)
        os.close(write)
    text = (root / F / "reached").read_text()
    assert "'OPEN': 'said'" in text and "hushhush" not in text
    descriptors = text.partition("descriptors ")[2]
    assert descriptors == "['0', '1', '2', '3', '4']\n"  # 3: reached, 4: of listdir() itself


def test_keys_of_the_command_line_cannot_be_reached(fresh, platform, project):
    root = project({**function("exec python3 reach.py\n"), F + "reach.py": REACH})
    fresh("deploy", root, "--dry-run", "--apihost", platform.apihost, "--auth", platform.auth)
    fresh("deploy", root, "--dry-run", "--apihost", platform.apihost, f"--auth={platform.auth}")
    text = (root / F / "reached").read_text()
    assert "--apihost" in text and platform.auth not in text
