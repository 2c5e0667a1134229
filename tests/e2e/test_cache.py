"""The cache of builds: what is run again, and what `dofn cache` shows."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest
from conftest import PROGRAM

from wheels import make_wheel

MAIN = "import greet\n\ndef main(event):\n    return {'body': greet.hello()}\n"
PLAIN = "def main(event):\n    return {'body': open('out/x.txt').read()}\n"
GREET = "def hello():\n    return 'hello'\n"

# Tells in a file of the project that it ran, and makes out/x.txt of src.txt.
COUNTING = "echo ${PWD##*/} >> ../../../ran\nmkdir -p out\ncat src.txt > out/x.txt\n"


def counting(name, script=COUNTING, source="one\n"):
    f = f"packages/p/{name}/"
    return {f + "__main__.py": PLAIN, f + "build.sh": script, f + "src.txt": source}


def ran(root):
    """The functions whose build.sh ran since the last time this was asked."""
    file = root / "ran"
    names = file.read_text().split() if file.exists() else []
    file.unlink(missing_ok=True)
    return names


def stories(text, *parts):
    return [sum(part in line for line in text.splitlines()) for part in parts]


@pytest.fixture
def wheels(tmp_path):
    make_wheel(tmp_path / "wheels", "greet", "1.0", {"greet.py": GREET})
    return "\n".join(["--no-index", f"--find-links {tmp_path / 'wheels'}", "greet"]) + "\n"


def python_functions(n, requirements):
    files = {}
    for i in range(n):
        files[f"packages/p/f{i:02}/__main__.py"] = MAIN + f"# {i}\n"
        files[f"packages/p/f{i:02}/requirements.txt"] = requirements
    return files


def greets(root, name):
    return (root / f"packages/p/{name}/virtualenv/lib/python3.11/site-packages/greet.py").exists()


def test_twenty_functions_with_the_same_requirements_install_once(fresh, project, wheels):
    root = project(python_functions(20, wheels))
    story = fresh("build", root, "--jobs", 4).stderr
    assert stories(story, "building with pip", "build taken from the cache") == [1, 19]
    assert all(greets(root, f"f{i:02}") for i in range(20))
    story = fresh("build", root).stderr
    assert stories(story, "building with pip", "build unchanged") == [0, 20]
    (root / "packages/p/f07/__main__.py").write_text(MAIN + "# changed\n")
    story = fresh("build", root).stderr
    assert stories(story, "building with pip", "build unchanged") == [0, 20]
    (root / "packages/p/f07/requirements.txt").write_text(wheels + "# again\n")
    story = fresh("build", root).stderr
    assert stories(story, "building with pip", "build unchanged") == [1, 19]


def test_all_artifacts_are_the_same_bytes(fresh, project, wheels):
    root = project(python_functions(3, wheels))
    for i in range(3):
        (root / f"packages/p/f{i:02}/__main__.py").write_text(MAIN)
    fresh("build", root)
    artifacts = {(root / f"dist/p/f{i:02}.zip").read_bytes() for i in range(3)}
    fresh("build", root, "--no-cache")
    artifacts |= {(root / f"dist/p/f{i:02}.zip").read_bytes() for i in range(3)}
    assert len(artifacts) == 1


def test_a_change_of_one_function_builds_only_that(fresh, project):
    root = project({**counting("f"), **counting("g", source="two\n"), **counting("h", source="three\n")})
    fresh("build", root)
    assert sorted(ran(root)) == ["f", "g", "h"]
    fresh("build", root)
    assert ran(root) == []
    (root / "packages/p/g/src.txt").write_text("four\n")
    story = fresh("build", root).stderr
    assert ran(root) == ["g"]
    assert stories(story, "p/f: build unchanged", "p/h: build unchanged") == [1, 1]


def test_a_fresh_clone_takes_all_from_the_cache(fresh, project):
    first = project(counting("f"), "first")
    fresh("build", first)
    second = project(counting("f"), "second")
    assert "p/f: build taken from the cache" in fresh("build", second).stderr
    assert ran(second) == []
    assert (first / "dist/p/f.zip").read_bytes() == (second / "dist/p/f.zip").read_bytes()


def test_what_times_do_not_tell_is_noticed(fresh, project):
    root = project({**counting("f"), "packages/p/f/extra.txt": "x"})
    f = root / "packages/p/f"
    fresh("build", root)
    assert ran(root) == ["f"]

    times = os.stat(f / "src.txt")
    (f / "src.txt").write_text("two\n")
    os.utime(f / "src.txt", ns=(times.st_atime_ns, times.st_mtime_ns))
    fresh("build", root)
    assert ran(root) == ["f"] and (f / "out/x.txt").read_text() == "two\n"

    (f / "extra.txt").unlink()
    fresh("build", root)
    assert ran(root) == ["f"]

    (f / "src.txt").chmod(0o755)
    fresh("build", root)
    assert ran(root) == ["f"]

    os.utime(f / "src.txt")
    fresh("build", root)
    assert ran(root) == []


def test_deploys_use_the_cache(dofn, platform, http, project):
    root = project(counting("cached"))
    dofn("deploy", root)
    assert http("GET", platform.web("p/cached")).body == b"one\n"
    story = dofn("deploy", root)
    assert "p/cached: build unchanged" in story.stderr and "unchanged" in story.stdout
    assert ran(root) == ["cached"]
    shutil.rmtree(root / "packages/p/cached/out")
    (root / "packages/p/cached/src.txt").write_text("two\n")
    dofn("deploy", root)
    assert http("GET", platform.web("p/cached")).body == b"two\n"


def test_events_say_where_from(fresh, project):
    root = project(counting("f"))
    fresh("build", root)

    def reused():
        lines = fresh("build", root, "-o", "json").stdout.splitlines()
        return [line.get("from") for line in map(json.loads, lines) if line["event"] == "build_reused"]

    assert reused() == ["folder"]
    shutil.rmtree(root / "packages/p/f/out")
    assert reused() == ["cache"]


def test_two_builds_at_once_both_end_right(fresh, project):
    slow = COUNTING.replace("mkdir", "sleep 0.5; mkdir")
    root = project({**counting("f", slow), **counting("g", slow, "two\n")})
    outs = [root.parent / "one", root.parent / "two"]
    running = [fresh.start("build", root, "--into", out, "--jobs", "2") for out in outs]
    told = [p.communicate(timeout=60)[1] for p in running]
    assert [p.returncode for p in running] == [0, 0], told
    assert sorted(ran(root)) == ["f", "g"]
    assert stories("".join(told), "waiting for another build in the same folder", "build unchanged") == [2, 2]
    assert (outs[0] / "p/f.zip").read_bytes() == (outs[1] / "p/f.zip").read_bytes()


def test_two_deploys_at_once_both_end_right(dofn, platform, http, project):
    slow = COUNTING.replace("mkdir", "sleep 0.5; mkdir")
    root = project({**counting("twice", slow), **counting("again", slow, "two\n")})
    running = [dofn.start("deploy", root, "--jobs", "2") for _ in range(2)]
    told = [p.communicate(timeout=60) for p in running]
    assert [p.returncode for p in running] == [0, 0], told
    assert sorted(ran(root)) == ["again", "twice"]
    assert http("GET", platform.web("p/twice")).body == b"one\n"
    assert http("GET", platform.web("p/again")).body == b"two\n"
    assert "2 unchanged" in dofn("deploy", root, "--dry-run").stdout


def test_two_clones_at_once_install_once(fresh, project, wheels):
    slow = 'echo ran >> "$HOME/ran"; sleep 0.5; mkdir -p out; cat src.txt > out/x.txt\n'
    roots = [project(counting("f", slow), name) for name in ("one", "two")]
    running = [fresh.start("build", root) for root in roots]
    told = [p.communicate(timeout=60)[1] for p in running]
    assert [p.returncode for p in running] == [0, 0], told
    assert stories("".join(told), "waiting for another build of the same", "taken from the cache") == [1, 1]
    assert all((root / "packages/p/f/out/x.txt").read_text() == "one\n" for root in roots)


def wait_for(path):
    end = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < end, path
        time.sleep(0.01)


def test_a_build_that_was_killed_is_run_again(fresh, project):
    hanging = ("mkdir -p out; echo half > out/x.txt; echo half > half.txt\n"
               "[ -e ../../../go ] || { : > ../../../started; exec sleep 60; }\n"
               "rm half.txt; cat src.txt > out/x.txt\n")
    root = project(counting("f", hanging))
    running = fresh.start("build", root)
    wait_for(root / "started")
    running.kill()
    running.communicate(timeout=60)
    (root / "go").write_text("")
    fresh("build", root)
    assert (root / "packages/p/f/out/x.txt").read_text() == "one\n"
    assert not (root / "packages/p/f/half.txt").exists()
    fresh("build", root)
    assert "build unchanged" in fresh("build", root).stderr


def test_a_restore_that_was_killed_is_done_again(fresh, project):
    many = "mkdir -p out; for i in {1..400}; do cat src.txt > out/$i.txt; done; cat src.txt > out/x.txt\n"
    root = project(counting("f", many))
    out = root / "packages/p/f/out"
    fresh("build", root)
    whole = sorted(p.name for p in out.iterdir())
    for delay in (0.002, 0.005, 0.01, 0.02, 0.04):
        shutil.rmtree(out)
        running = fresh.start("build", root)
        time.sleep(delay)  # somewhere in the middle of it, each time elsewhere
        running.send_signal(signal.SIGKILL)
        running.communicate(timeout=60)
        fresh("build", root)
        assert sorted(p.name for p in out.iterdir()) == whole
        assert {p.read_text() for p in out.iterdir()} == {"one\n"}


def test_a_damaged_entry_is_never_deployed(fresh, project):
    root = project(counting("f"))
    fresh("build", root)
    right = (root / "dist/p/f.zip").read_bytes()
    place = pathlib.Path(fresh.json("cache", "status")["place"])
    (entry,) = (place / "entries/build").iterdir()
    data = bytearray(entry.read_bytes())
    data[-2] ^= 1
    entry.write_bytes(data)
    shutil.rmtree(root / "packages/p/f/out")
    assert "what the cache had is damaged; building again" in fresh("build", root).stderr
    assert (root / "dist/p/f.zip").read_bytes() == right


# dofn cache


def test_status_and_clear(fresh, project, home):
    assert fresh("cache", "status").stdout == (
        f"0 entries, 0 bytes of at most 2.0 GiB, in '{home}/cache/dofn'\n")
    root = project(counting("f"))
    fresh("build", "--no-bytecode", root)
    status = fresh.json("cache", "status")
    assert status["entries"] == 1 and 100 < status["bytes"] < 2000
    assert status["limit"] == 2 << 30 and status["place"] == f"{home}/cache/dofn"
    assert fresh.json("cache", "clear") == {"entries": 1, "bytes": status["bytes"]}
    assert fresh("cache", "clear").stdout == "removed 0 entries, 0 bytes\n"
    fresh("build", "--no-bytecode", root)
    assert ran(root) == ["f", "f"]


def test_why_names_what_changed_and_no_values(fresh, project):
    root = project({**counting("f"), "packages/p/plain.py": "def main(e): return {}\n"})
    assert fresh("cache", "why", "p/plain", root).stdout == "p/plain: has nothing to build\n"
    text = fresh("cache", "why", "p/f", root).stdout
    assert text.startswith("p/f: would be built: it was not built here before\n  key ")
    fresh("build", root)
    assert "would not be built: nothing changed" in fresh("cache", "why", "p/f", cwd=root).stdout
    (root / "packages/p/f/src.txt").write_text("two\n")
    text = fresh("cache", "why", "p/f", root, env={"STAGE": "secret-value"}).stdout
    assert "would be built: what it sees changed since the last build\n  ~ file src.txt\n  + variable STAGE\n" in text
    assert "secret-value" not in text
    why = fresh.json("cache", "why", "p/f", root)
    assert (why["state"], why["changes"]) == ("build", ["~file src.txt"])
    shutil.rmtree(root / "packages/p/f/out")
    (root / "packages/p/f/src.txt").write_text("one\n")
    assert fresh.json("cache", "why", "p/f", root)["state"] == "cached"
    assert ran(root) == ["f"]


def test_why_says_why_a_build_is_never_reused(fresh, project):
    root = project(counting("f", COUNTING + "echo x >> src.txt\n"))
    fresh("build", root)
    text = fresh("cache", "why", "p/f", root).stdout
    assert "would be built: it is built each time\n  because 'src.txt' was changed during the build\n" in text


def test_why_of_no_function(fresh, project):
    root = project(counting("f"))
    done = fresh("cache", "why", "p/g", root, check=False)
    assert done.returncode == 2 and "there is no function 'p/g'" in done.stderr
    done = fresh("cache", "why", "f", root, check=False)
    assert done.returncode == 2 and "say 'default/f'" in done.stderr
    done = fresh("cache", "why", "p/", root, check=False)
    assert done.returncode == 2


def test_the_limit_is_kept(fresh, project):
    big = COUNTING + "head -c 60000 /dev/zero > out/big\n"
    root = project(counting("f", big))
    env = {"DOFN_CACHE_MAX": "150K"}
    for text in ("a", "b", "c", "d"):
        (root / "packages/p/f/src.txt").write_text(text)
        fresh("build", "--no-bytecode", root, env=env)
    status = fresh.json("cache", "status", env=env)
    assert status["entries"] == 2 and status["bytes"] <= status["limit"] == 150 * 1024
    done = fresh("cache", "status", env={"DOFN_CACHE_MAX": "lots"}, check=False)
    assert done.returncode == 2 and "DOFN_CACHE_MAX is 'lots', which is no size" in done.stderr


def test_no_cache_builds_in_any_case(fresh, project):
    root = project(counting("f"))
    fresh("build", root)
    fresh("build", root, "--no-cache")
    assert ran(root) == ["f", "f"]
    assert "build unchanged" in fresh("build", root).stderr


@pytest.mark.parametrize("make", ["file", "open"])
def test_without_a_usable_cache_builds_go_on_with_one_warning(fresh, project, tmp_path, make):
    root = project({**counting("f"), **counting("g")})
    place = tmp_path / "place"
    if make == "file":
        place.write_text("")
    else:
        place.mkdir()
        place.chmod(0o777)
    env = {"DOFN_CACHE": str(place)}
    for _ in range(2):
        story = fresh("build", root, env=env).stderr
        assert stories(story, "warning: ", "builds go on without the cache") == [1, 1]
        assert sorted(ran(root)) == ["f", "g"]


def limited(bytes_):
    """A file larger than that cannot be written, as on a full disk."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, bytes_))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def test_a_full_disk_stops_no_build(fresh, project, tmp_path):
    """Only the cache's file is larger than what may be written: 30 files of 4 kB in one."""
    many = COUNTING + "for i in {1..30}; do head -c 4000 /dev/zero > out/$i; done\n"
    root = project(counting("f", many))
    done = subprocess.run([PROGRAM, "build", root], env=fresh.env, capture_output=True, text=True,
                          preexec_fn=lambda: limited(60000), timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert stories(done.stderr, "warning: ", "what was built is not kept in the cache") == [1, 1]
    place = pathlib.Path(fresh.json("cache", "status")["place"])
    assert not list((place / "new").iterdir())
    assert (root / "packages/p/f/out/30").stat().st_size == 4000


def test_functions_without_a_build_make_no_cache(fresh, project, home):
    root = project({"packages/p/f.py": PLAIN, "packages/p/g/__main__.py": PLAIN})
    fresh("build", root)
    assert not (home / "cache").exists()
