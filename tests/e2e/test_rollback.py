"""Putting back what was live before."""

import base64
import json
import os
import pty
import re
import subprocess

import pytest
from conftest import PROGRAM, Dofn
from test_plan import own_plan

CONFIG = """\
packages:
  - name: back
    functions:
      - name: one
        runtime: python:3.11
        parameters: {p: %s}
        environment: {E: %s}
"""


def body(text):
    return f"def main(event):\n    return {{'body': '{text} ' + str(event.get('p'))}}\n"


class Tree:
    """A project whose function says which version it is, deployed as often as it is told."""

    def __init__(self, program, root):
        self.dofn, self.root = program, root

    def deploy(self, text, extra=""):
        (self.root / "packages/back").mkdir(parents=True, exist_ok=True)
        (self.root / "packages/back/one.py").write_text(body(text))
        (self.root / "project.yml").write_text(CONFIG % (text, text) + extra)
        return self.dofn("deploy", self.root, "-o", "json")

    def answer(self):
        return self.dofn.json("functions", "invoke", "back/one")["body"]

    def back(self, *flags, status=0):
        done = self.dofn("rollback", "back/one", "-o", "json", *flags, check=False)
        assert done.returncode == status, done
        return json.loads(done.stdout) if status == 0 else done.stdout + done.stderr

    def list(self):
        return self.back("--list")


@pytest.fixture
def own(dofn, tmp_path):
    """The program on the session's platform with a history of its own."""
    program = Dofn({**dofn.env, "XDG_STATE_HOME": str(tmp_path / "state")})
    program("undeploy", "back/one", check=False)
    return program


@pytest.fixture
def tree(own, tmp_path):
    return Tree(own, tmp_path / "project")


def history(tree):
    """The files of the only namespace, by number."""
    folder, = (tree.root.parent / "state/dofn/history").iterdir()
    return {int(f.name): f for f in folder.iterdir()}


def test_what_was_live_before_answers_again(tree):
    tree.deploy("first")
    tree.deploy("second")
    assert tree.answer() == "second second"
    done = tree.back("--yes")
    assert done["changed"] and done["number"] == 1 and done["version"] == "0.0.3"
    assert tree.answer() == "first first"


def test_next_deploy_sees_what_is_live(tree):
    tree.deploy("first")
    tree.deploy("second")
    tree.back("--yes")
    assert own_plan(tree.deploy("second"))["back/one"] == {"code", "parameters", "variables"}
    assert tree.answer() == "second second"
    tree.back("--yes")
    assert own_plan(tree.deploy("first"))["back/one"] == "unchanged"


def test_every_further_one_goes_back_one_more(tree):
    for text in ("first", "second", "third"):
        tree.deploy(text)
    tree.back("--yes")
    assert tree.answer() == "second second"
    tree.back("--yes")
    assert tree.answer() == "first first"
    assert "nothing earlier of 'back/one' is kept" in tree.back("--yes", status=1)
    assert tree.answer() == "first first"


def test_one_can_be_chosen_by_its_number(tree):
    for text in ("first", "second", "third"):
        tree.deploy(text)
    tree.back("--to", 1, "--yes")
    assert tree.answer() == "first first"
    tree.back("--to", 3, "--yes")
    assert tree.answer() == "third third"
    assert tree.back("--to", 3)["changed"] is False  # nothing to ask for
    assert "no number 9" in tree.back("--to", 9, "--yes", status=2)


def test_list_names_what_is_kept_and_live(tree):
    tree.deploy("first")
    tree.deploy("second")
    assert [(v["number"], v["version"], v["live"]) for v in tree.list()] == [
        (2, "0.0.2", True), (1, "0.0.1", False)]
    tree.back("--yes")
    assert [v["live"] for v in tree.list()] == [False, True]
    lines = tree.dofn("rollback", "back/one", "--list").stdout.splitlines()
    assert re.fullmatch(r"NUMBER +DEPLOYED +VERSION +COMMIT +BYTES", lines[0])
    assert re.fullmatch(r"1 +\d{4}-\d\d-\d\d [\d:]{8} +0\.0\.1 +- +\d+ +live", lines[2])


def test_commit_is_told(tree):
    git = ["git", "-c", "user.name=n", "-c", "user.email=e", "-C", str(tree.root)]
    for text in ("first", "second"):
        (tree.root / "packages/back").mkdir(parents=True, exist_ok=True)
        (tree.root / "packages/back/one.py").write_text(body(text))
        (tree.root / "project.yml").write_text(CONFIG % (text, text))
        subprocess.run([*git[:-2], "init", "-q", str(tree.root)], check=True)
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-qm", text], check=True)
        tree.deploy(text)
    heads = subprocess.run([*git, "log", "--format=%h", "--abbrev=8"], check=True, capture_output=True,
                           text=True).stdout.split()
    assert [v["commit"] for v in tree.list()] == heads
    assert f", commit {heads[1]} (version" in tree.dofn("rollback", "back/one", "--yes").stdout


def test_unchanged_functions_are_kept_once(tree):
    tree.deploy("first")
    tree.deploy("first")
    assert len(tree.list()) == 1


def test_five_versions_are_kept_and_older_files_go(tree):
    for i in range(17):
        tree.deploy(f"v{i}")
    assert [v["number"] for v in tree.list()] == [17, 16, 15, 14, 13]
    assert len(history(tree)) <= 5 + 8
    tree.back("--to", 13, "--yes")
    assert tree.answer() == "v12 v12"


def test_going_back_and_forth_loses_nothing(tree):
    tree.deploy("first")
    tree.deploy("second")
    for _ in range(10):
        tree.back("--to", 1, "--yes")
        tree.back("--to", 2, "--yes")
    assert [v["number"] for v in tree.list()] == [2, 1]


def test_another_machine_has_nothing_to_put_back(tree):
    tree.deploy("first")
    tree.deploy("second")
    other = Tree(Dofn({**tree.dofn.env, "XDG_STATE_HOME": str(tree.root / "elsewhere")}), tree.root)
    why = other.back("--yes", status=1)
    assert "nothing of 'back/one' is kept here" in why and "earlier commit" in why
    assert other.list() == []
    assert not (tree.root / "elsewhere").exists()


def put(platform, http, **change):
    """As the control panel does."""
    url = f"{platform.apihost}/api/v1/namespaces/_/actions/back/one?overwrite=true"
    auth = base64.b64encode(platform.auth.encode()).decode()
    done = http("PUT", url, json.dumps(change), {"Authorization": f"Basic {auth}",
                                                 "Content-Type": "application/json"})
    assert done.status == 200, done.body


CHANGES = {
    "code": {"exec": {"kind": "python:3.11", "code": "def main():\n  return {'body': 'panel'}\n"}},
    "parameter": {"parameters": [{"key": "p", "value": "panel"}]},
    "limit": {"limits": {"timeout": 4000}},
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_elsewhere_is_not_lost(tree, platform, http, change):
    tree.deploy("first", "        limits: {timeout: 3000}\n")
    tree.deploy("second", "        limits: {timeout: 3000}\n")
    put(platform, http, **CHANGES[change])
    why = tree.back("--yes", status=1)
    assert "changed elsewhere" in why and "version 0.0.3" in why and "--force" in why
    assert not any(v["live"] for v in tree.list())
    assert "none of them" in tree.dofn("rollback", "back/one", "--list").stderr
    tree.back("--force", "--yes")  # the latest that is kept
    assert tree.answer() == "second second"


def test_deleted_function_comes_back_when_forced(tree):
    tree.deploy("first")
    tree.dofn("undeploy", "back/one")
    assert "not live in the namespace" in tree.back("--yes", status=1)
    tree.back("--yes", "--force")
    assert tree.answer() == "first first"


def test_annotations_and_limits_that_came_later_go(tree):
    tree.deploy("first")
    tree.deploy("second", "        limits: {timeout: 5000}\n        annotations: {note: hi}\n")
    tree.back("--yes")
    live = tree.dofn.json("functions", "get", "back/one")
    assert live["limits"]["timeout"] == 3000
    assert "note" not in {a["key"] for a in live["annotations"]}
    assert own_plan(tree.deploy("first"))["back/one"] == "unchanged"


def test_archive_comes_back_byte_for_byte(tree):
    for i in range(2):
        folder = tree.root / "packages/back/zip"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__main__.py").write_text("import data\ndef main():\n    return {'body': data.n}\n")
        (folder / "data.py").write_text(f"n = {i}\n")
        (folder / "noise").write_bytes(os.urandom(300_000))
        tree.dofn("deploy", tree.root)
        if i == 0:
            tree.dofn("functions", "get", "back/zip", "--save-as", tree.root / "first.zip")
    done = tree.dofn.json("rollback", "back/zip", "--yes")
    assert done["bytes"] > 300_000
    tree.dofn("functions", "get", "back/zip", "--save-as", tree.root / "now.zip")
    assert (tree.root / "now.zip").read_bytes() == (tree.root / "first.zip").read_bytes()
    assert tree.dofn.json("functions", "invoke", "back/zip")["body"] == 0
    tree.dofn("undeploy", "back/zip")


def test_sequences_come_back(tree):
    chain = "      - name: chain\n        sequence: [back/one%s]\n"
    tree.deploy("first", chain % "")
    tree.deploy("first", chain % ", back/one")
    assert len(tree.dofn.json("functions", "get", "back/chain")["exec"]["components"]) == 2
    tree.dofn("rollback", "back/chain", "--yes")
    assert len(tree.dofn.json("functions", "get", "back/chain")["exec"]["components"]) == 1
    tree.dofn("undeploy", "back/chain")


def test_triggers_of_now_are_not_forgotten(tree):
    trigger = "        triggers:\n          - {name: back_tick, sourceType: scheduler, sourceDetails: {cron: '0 0 1 1 *'}}\n"
    tree.deploy("first")
    tree.deploy("second", trigger)
    tree.back("--yes")
    assert "back_tick" in tree.dofn("triggers", "list").stdout
    tree.deploy("third")
    assert "back_tick" not in tree.dofn("triggers", "list").stdout


def test_nothing_is_asked_without_a_terminal(tree):
    tree.deploy("first")
    tree.deploy("second")
    assert "--yes" in tree.back(status=2)
    assert tree.answer() == "second second"


@pytest.mark.parametrize("word, answer", [("y", "first first"), ("n", "second second")])
def test_terminal_is_asked(tree, word, answer):
    tree.deploy("first")
    tree.deploy("second")
    ours, its = pty.openpty()
    os.write(ours, f"{word}\n".encode())
    done = subprocess.run([PROGRAM, "rollback", "back/one"], env=tree.dofn.env, stdin=its, stderr=its,
                          stdout=subprocess.PIPE, check=False, timeout=30)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    os.close(its)
    assert "put back 'back/one'" in shown and "number 1 of 2" in shown
    assert done.returncode == (0 if word == "y" else 2)
    assert tree.answer() == answer


def test_only_the_user_can_read_what_is_kept(tree):
    tree.deploy("first")
    state = tree.root.parent / "state"
    for path in state.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_folder_that_others_can_read_is_refused(tree):
    tree.deploy("first")
    folder = history(tree)[1].parent
    folder.chmod(0o755)
    assert "not for you alone" in tree.back("--list", status=1)
    done = tree.deploy("second")
    assert "not kept for 'dofn rollback'" in done.stdout + done.stderr


DAMAGE = {
    "truncated": lambda data: data[:-5],
    "emptied": lambda data: b"",
    "code edited": lambda data: data[:-3] + b"'x\n",
    "meta edited": lambda data: data.replace(b'"p"', b'"q"', 1),
    "name edited": lambda data: data.replace(b"back/one", b"back/two", 1),
    "no head": lambda data: b"nonsense" * 100,
    "endless head": lambda data: b"dofn 1 version " + b"9" * 4000,
    "huge": lambda data: re.sub(rb"version (\d+) (\d+) (\d+)", rb"version \1 \2 99999999", data, count=1),
    "not JSON": lambda data: data.replace(b'{"time"', b'["time"', 1),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_version_is_not_put_back(tree, damage):
    tree.deploy("first")
    tree.deploy("second")
    file = history(tree)[1]
    file.write_bytes(DAMAGE[damage](file.read_bytes()))
    why = tree.back("--yes", status=1)
    assert "damaged" in why or "nothing earlier" in why
    assert tree.answer() == "second second"
    tree.deploy("third")
    assert tree.back("--yes")["number"] == 2
    assert tree.answer() == "second second"


def test_strangers_in_the_folder_are_left_alone(tree):
    tree.deploy("first")
    folder = history(tree)[1].parent
    (folder / "notes").write_text("mine")
    (folder / "007").write_text("mine")
    (folder / "9").symlink_to("/dev/zero")
    os.mkfifo(folder / "8")
    tree.deploy("second")
    assert tree.back("--yes")["number"] == 1
    assert (folder / "notes").exists() and (folder / "007").exists()


def test_deploy_goes_on_when_nothing_can_be_kept(tree):
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    state = tree.root.parent / "state"
    state.mkdir()
    (state / "dofn").write_text("in the way")
    done = tree.deploy("first")
    assert "not kept for 'dofn rollback'" in done.stdout
    assert tree.answer() == "first first"


def test_full_disk_is_told_and_leaves_whole_entries(tree):
    """By the limit for a file's size, which ends a write in the same way."""
    tree.deploy("first")
    (tree.root / "packages/back/large").mkdir()
    (tree.root / "packages/back/large/__main__.py").write_text("def main():\n    return {}\n")
    (tree.root / "packages/back/large/noise").write_bytes(os.urandom(200_000))
    done = subprocess.run(["bash", "-c", f'ulimit -f 100; trap "" XFSZ; "{PROGRAM}" deploy "$0" -o json',
                           str(tree.root)], env={**tree.dofn.env, "XDG_CACHE_HOME": str(tree.root / "c")},
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    assert "not kept for 'dofn rollback'" in done.stdout and "cannot write" in done.stdout
    assert history(tree)[2].stat().st_size == 0
    assert len(tree.list()) == 1
    tree.dofn("undeploy", "back/large")


def test_nothing_is_kept_when_told_so(tree):
    tree.dofn.env["DOFN_HISTORY_MAX"] = "0"
    tree.deploy("first")
    assert not (tree.root.parent / "state").exists()
    assert tree.list() == []


def test_oldest_go_when_there_is_too_much(tree):
    tree.dofn.env["DOFN_HISTORY_MAX"] = "2K"
    for i in range(6):
        tree.deploy(f"v{i}")
    assert 1 <= len(tree.list()) < 5
    assert sum(f.stat().st_size for f in history(tree).values()) <= 2048


def test_size_must_be_one(tree):
    tree.dofn.env["DOFN_HISTORY_MAX"] = "much"
    tree.root.mkdir()
    done = tree.dofn("deploy", tree.root, check=False)
    assert done.returncode == 2


def test_dry_run_keeps_nothing(tree):
    tree.deploy("first")
    (tree.root / "packages/back/one.py").write_text(body("other"))
    tree.dofn("deploy", tree.root, "--dry-run")
    assert len(history(tree)) == 1


@pytest.mark.parametrize("name", ["", "..", "a/b/c", "back/", "/x"])
def test_names_that_are_none_are_refused(own, name):
    assert own("rollback", name, "--yes", check=False).returncode == 2


def test_usage(own):
    assert own("rollback", check=False).returncode == 2
    assert own("rollback", "back/one", "--list", "--to", "1", check=False).returncode == 2


def test_own_write_is_not_taken_for_somebody_elses(tree):
    tree.deploy("first")
    tree.deploy("second")
    tree.back("--yes")
    done = tree.deploy("first")
    assert own_plan(done)["back/one"] == "unchanged" and "elsewhere" not in done.stdout


def test_without_a_server_nothing_is_changed(tree):
    tree.deploy("first")
    done = tree.dofn("rollback", "back/one", "--yes", "--apihost", "http://127.0.0.1:9", "--auth", "u:p",
                     check=False, env={"DOFN_TIMEOUT": "0.1"})
    assert done.returncode == 1 and "127.0.0.1" in done.stderr
