"""A deploy that is killed or interrupted at any moment: the next one brings the same live state.

DOFN_KILLS says how many times (20), DOFN_SEED which moments.
"""

import base64
import hashlib
import json
import os
import random
import signal
import time

import pytest
from conftest import Dofn

KILLS = int(os.environ.get("DOFN_KILLS", "20"))
SEED = int(os.environ.get("DOFN_SEED", "7"))
PACKAGES = ("killed", "other", "link")


def trigger(name, cron):
    return {"name": name, "type": "SCHEDULED", "scheduledDetails": {"cron": cron, "body": {"n": 1}}}


def config(odd):
    """Of the one or the other version of the project; all that a deploy can change differs."""
    moving = {"name": "moves", "annotations": {"which": odd}}
    functions = [
        {"name": "built", "runtime": "python:3.11", "environment": {"E": f"e{odd}"},
         "triggers": [trigger("kill-a", f"{odd} 3 * * *"), trigger(f"kill-b{odd}", "0 4 * * *")]},
        {"name": "large", "limits": {"timeout": 1000 + odd}, "triggers": [] if odd else [trigger("kill-c", "0 5 * * *")]},
        {"name": "chain", "sequence": ["killed/built", "killed/large"][::-1 if odd else 1]}]
    return json.dumps({"parameters": {"all": odd}, "packages": [
        {"name": "killed", "parameters": {"p": odd}, "environment": {"PE": f"{odd}"}, "functions": functions},
        {"name": "other", "functions": [moving]},
        {"name": "link", "binding": {"namespace": "_", "name": ("killed", "other")[odd]}, "parameters": {"l": odd}}]})


def files(odd):
    code = f"def main():\n    return {{'body': '{odd}'}}\n"
    few = {f"packages/other/f{i}.py": code + f"# {i}\n" for i in range(4)}
    return {"project.yml": config(odd), **few, "packages/other/moves.py": code,
            "packages/killed/built/__main__.py": code, "packages/killed/built/build.sh": "sleep 0.02\ncp __main__.py made.py\n",
            "packages/killed/large/__main__.py": code,
            "packages/killed/large/data": random.Random(odd).randbytes(3 << 20)}


def difference(got, wanted):
    """Lines that name what differs, down to the member."""
    lines = []
    for path in sorted(got.keys() | wanted.keys()):
        one, other = got.get(path, {}), wanted.get(path, {})
        lines += [f"{path}: {key} is {one.get(key)}, wanted {other.get(key)}"
                  for key in sorted(one.keys() | other.keys()) if one.get(key) != other.get(key)]
    return "\n".join(lines)


class Killed:
    """A project on the platform, with a cache of its own."""

    def __init__(self, platform, http, project, tmp_path):
        self.platform, self.http, self.project = platform, http, project
        self.cache = tmp_path / "cache"
        self.dofn = Dofn({**platform.dofn.env, "XDG_CACHE_HOME": str(self.cache)})
        self.head = {"Authorization": "Basic " + base64.b64encode(platform.auth.encode()).decode()}

    def become(self, odd):
        self.root = self.project(files(odd))
        return self.root

    def get(self, path):
        answer = self.http("GET", f"{self.platform.apihost}/api/v1/namespaces/_/{path}", headers=self.head)
        assert answer.status == 200, path
        return answer.json()

    def entity(self, path):
        item = self.get(path)
        if code := item.get("exec", {}).get("code"):
            item["exec"]["code"] = hashlib.sha256(code.encode()).hexdigest()
        item["annotations"] = {a["key"]: a["value"] for a in item["annotations"]}
        item["annotations"].get("deployer", {}).pop("version", None)
        for key in ("version", "updated", "actions", "feeds"):
            item.pop(key, None)
        return item

    def live(self):
        """All that the platform holds of the project."""
        state = {f"packages/{p}": self.entity(f"packages/{p}") for p in PACKAGES}
        for item in self.get("actions?limit=200"):
            package = item["namespace"].partition("/")[2]
            if package in PACKAGES:
                path = f"actions/{package}/{item['name']}"
                state[path] = self.entity(path)
        for t in self.dofn.json("triggers", "list"):
            if t["name"].startswith("kill-"):
                state["triggers/" + t["name"]] = {k: t[k] for k in ("function", "is_enabled", "scheduled_details")}
        return state

    def kept(self):
        """Files of the project and of the cache."""
        return {p for top in (self.root, self.cache) for p in top.rglob("*") if not p.is_dir()}

    def become_old(self):
        """What is young may belong to somebody who is at work."""
        for top in (self.root, self.cache):
            for p in top.rglob("*"):
                os.utime(p, (time.time() - 1e6, time.time() - 1e6), follow_symlinks=False)

    def processes(self):
        """Those that work in the project's folder."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{pid}/cwd").startswith(str(self.root)):
                    found.append(pid)
            except OSError:
                pass
        return found

    def wait_for_silence(self):
        until = time.monotonic() + 20
        while self.processes() and time.monotonic() < until:
            time.sleep(0.01)
        assert self.processes() == []

    def undeploy(self):
        for package in ("link", "killed", "other"):
            self.dofn("undeploy", "--packages", package, "--yes", check=False)


@pytest.fixture
def killed(platform, http, project, tmp_path):
    it = Killed(platform, http, project, tmp_path)
    yield it
    it.undeploy()


def test_deploy_after_an_end_at_any_moment_converges(killed):
    chance = random.Random(SEED)
    wanted, seconds = [], []
    for odd in (0, 1, 0):
        root = killed.become(odd)
        begin = time.monotonic()
        killed.dofn("deploy", root)
        seconds.append(time.monotonic() - begin)
        wanted.append(killed.live())
    assert not difference(wanted[2], wanted[0]) and difference(wanted[1], wanted[0])
    kept, ended = killed.kept(), 0
    for i in range(KILLS):
        odd = (i + 1) % 2
        killed.become(odd)
        how = chance.choice((signal.SIGKILL, signal.SIGINT))
        after = chance.uniform(0, max(seconds))
        told = f"seed {SEED}, number {i}: {how.name} after {after:.4f} s"
        running = killed.dofn.start("deploy", root)
        time.sleep(after)
        running.send_signal(how)
        _, story = running.communicate(timeout=30)
        assert running.returncode in (0, -how), f"{told}: {story}"
        ended += running.returncode != 0
        killed.wait_for_silence()
        done = killed.dofn("deploy", root, check=False)
        assert done.returncode == 0, f"{told}: {story}\n{done.stderr}"
        assert "elsewhere" not in done.stderr, f"{told}: {done.stderr}"
        differs = difference(killed.live(), wanted[odd])
        assert not differs, f"{told}: {differs}\n{story}\n{done.stderr}"
        if i % 4 == 0:
            done = killed.dofn("deploy", root, "--dry-run", "--detailed-exitcode", check=False)
            assert done.returncode == 0, f"{told}: {done.stdout}"
    assert ended * 5 >= KILLS, "nearly all of them ran to their end"
    left = killed.kept() - kept
    killed.become_old()
    for odd in (1, 0, 1):
        killed.dofn("deploy", killed.become(odd))
    assert killed.kept() - kept == set(), f"{left} were left behind"
