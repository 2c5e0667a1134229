"""What is uploaded: the same bytes from the same files, and just the files that were meant."""

import hashlib
import os
import pathlib
import shutil
import stat
import subprocess
import zipfile

import pytest

MAIN = "def main():\n    return {'body': 'ok'}\n"
FILES = {
    "packages/art/many/__main__.py": MAIN,
    "packages/art/many/tool.sh": "#!/bin/sh\necho tool\n",
    "packages/art/many/data/a.txt": "a" * 5000,
    "packages/art/many/data/empty": "",
    "packages/art/many/data/deep/er/b.bin": bytes(range(256)) * 300,
    "packages/art/many/with space.txt": "x",
    "packages/art/many/grüße/日本.txt": "y",
    "packages/art/many/Z": "z", "packages/art/many/a": "z", "packages/art/many/_": "z",
}


def save(dofn, name, file):
    dofn("functions", "get", name, "--save-as", file)
    return file.read_bytes()


@pytest.fixture
def packed(dofn, tmp_path):
    """packed(root, "art/f") deploys and gives the open archive."""
    def pack(root, name, *args, **kw):
        dofn("deploy", "--no-bytecode", root, *args, **kw)
        file = tmp_path / "got.zip"
        save(dofn, name, file)
        return zipfile.ZipFile(file)

    return pack


@pytest.fixture
def many(project):
    root = project(FILES)
    (root / "packages/art/many/tool.sh").chmod(0o755)
    return root


def test_archive_is_what_unzip_and_python_read(dofn, many, packed, tmp_path):
    with packed(many, "art/many") as z:
        assert z.testzip() is None
        assert sorted(z.namelist()) == sorted(p.removeprefix("packages/art/many/") for p in FILES)
        assert z.namelist() == sorted(z.namelist(), key=str.encode)
        for path, text in FILES.items():
            want = text if isinstance(text, bytes) else text.encode()
            assert z.read(path.removeprefix("packages/art/many/")) == want
    subprocess.run(["unzip", "-tq", tmp_path / "got.zip"], check=True, stdout=subprocess.DEVNULL)


def test_modes_are_two_and_times_are_fixed(many, packed):
    with packed(many, "art/many") as z:
        modes = {i.filename: stat.S_IMODE(i.external_attr >> 16) for i in z.infolist()}
        assert modes.pop("tool.sh") == 0o755
        assert set(modes.values()) == {0o644}
        assert {i.date_time for i in z.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def elsewhere(root, target, reverse):
    """A copy made in another order, with other times and modes that mean the same."""
    target.mkdir(parents=True)
    for path in sorted(root.rglob("*"), reverse=reverse):
        if path.is_file():
            copy = target / path.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
            copy.chmod(0o700 if os.access(path, os.X_OK) and path.suffix == ".sh" else 0o600)
            os.utime(copy, (1, 1))
    return target


def test_bytes_do_not_depend_on_place_time_umask_zone_or_locale(dofn, many, tmp_path):
    dofn("deploy", many)
    first = save(dofn, "art/many", tmp_path / "1.zip")
    for i, env in enumerate([{"TZ": "Asia/Kolkata", "LC_ALL": "C"},
                             {"TZ": "America/St_Johns", "LC_ALL": "de_DE.UTF-8"}]):
        copy = elsewhere(many, tmp_path / f"other place {i}/p", reverse=i == 0)
        old = os.umask(0o077 if i else 0)
        try:
            dofn("deploy", ".", cwd=copy, env=env)
        finally:
            os.umask(old)
        again = save(dofn, "art/many", tmp_path / "2.zip")
        assert hashlib.sha256(again).digest() == hashlib.sha256(first).digest()


def test_source_date_epoch_is_the_time(many, packed):
    with packed(many, "art/many", "--force", env={"SOURCE_DATE_EPOCH": "1700000000"}) as z:
        assert {i.date_time for i in z.infolist()} == {(2023, 11, 14, 22, 13, 20)}


def test_nothing_is_left_in_the_source_tree(dofn, many):
    before = sorted(many.rglob("*"))
    dofn("deploy", many)
    assert sorted(many.rglob("*")) == before


def test_ignore_leaves_out_what_git_would(packed, project):
    root = project({
        "packages/art/ign/__main__.py": MAIN,
        "packages/art/ign/.ignore": "*.log\n!keep.log\n/top\nbuild/\n# comment\n\\#odd\ndoc/**/x\n",
        "packages/art/ign/a.log": "", "packages/art/ign/keep.log": "",
        "packages/art/ign/top": "", "packages/art/ign/sub/top": "",
        "packages/art/ign/build/x": "", "packages/art/ign/sub/build/x": "",
        "packages/art/ign/#odd": "", "packages/art/ign/doc/x": "",
        "packages/art/ign/doc/a/b/x": "", "packages/art/ign/doc/y": "",
        "packages/art/ign/sub/A.LOG": "",
    })
    with packed(root, "art/ign") as z:
        assert set(z.namelist()) == {"__main__.py", "keep.log", "sub/top", "doc/y", "sub/A.LOG"}


def test_include_takes_what_it_lists_also_from_lib(packed, project):
    root = project({
        "packages/art/inc/__main__.py": MAIN,
        "packages/art/inc/.include": "__main__.py\n../../../lib/shared.py\n../../../lib/kit\n\ndata\n",
        "packages/art/inc/left_out.py": "", "packages/art/inc/data/x": "1",
        "lib/shared.py": "shared = 1\n", "lib/other.py": "", "lib/kit/a.py": "", "lib/kit/b/c.py": "",
    })
    with packed(root, "art/inc") as z:
        assert z.namelist() == ["__main__.py", "data/x", "kit/a.py", "kit/b/c.py", "shared.py"]


def test_what_belongs_to_the_build_stays_out(packed, project):
    root = project({
        "packages/art/ctl/__main__.py": MAIN, "packages/art/ctl/b.py": "",
        "packages/art/ctl/build.sh": "#!/bin/sh\necho made > made.txt\n",
        "packages/art/ctl/.git/config": "", "packages/art/ctl/x~": "", "packages/art/ctl/.DS_Store": "",
    })
    with packed(root, "art/ctl") as z:
        assert z.namelist() == ["__main__.py", "b.py", "made.txt"]


def test_links_inside_go_as_their_contents(packed, project):
    root = project({"packages/art/lnk/__main__.py": MAIN, "packages/art/lnk/real.txt": "r",
                    "packages/art/lnk/folder/x": "x", "lib/far.txt": "far"})
    base = root / "packages/art/lnk"
    (base / "link.txt").symlink_to("real.txt")
    (base / "again").symlink_to("folder")
    (base / "far.txt").symlink_to("../../../lib/far.txt")
    with packed(root, "art/lnk") as z:
        assert z.namelist() == ["__main__.py", "again/x", "far.txt", "folder/x", "link.txt",
                                "real.txt"]
        assert z.read("link.txt") == b"r" and z.read("far.txt") == b"far"
        assert not any(stat.S_ISLNK(i.external_attr >> 16) for i in z.infolist())


@pytest.mark.parametrize("path", ["packages/art/one.py", "packages/art/one/__main__.py",
                                  "packages/art/one/any_name.py"])
def test_single_file_goes_as_text_byte_for_byte(dofn, project, tmp_path, path):
    text = "# Größe €\r\n\tdef = '\\u0000'\n\n\n" + MAIN + "# no line end"
    dofn("deploy", project({path: text.encode()}))
    assert save(dofn, "art/one", tmp_path / "one.py") == text.encode()
    record = dofn.json("functions", "get", "art/one")
    assert record["exec"]["binary"] is False


def test_ready_archive_goes_as_it_is(dofn, project, http, platform, tmp_path):
    file = tmp_path / "ready.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("__main__.py", MAIN)
        z.writestr("note.txt", "n" * 1000)
    dofn("deploy", project({"packages/art/ready.python-3.11.zip": file.read_bytes()}))
    assert save(dofn, "art/ready", tmp_path / "back.zip") == file.read_bytes()
    assert http("GET", platform.web("art/ready")).body == b"ok"


def test_save_names_the_file_after_the_function(dofn, many, tmp_path):
    dofn("deploy", many)
    folder = tmp_path / "here"
    folder.mkdir()
    dofn("functions", "get", "art/many", "--save", cwd=folder)
    assert [p.name for p in folder.iterdir()] == ["many.zip"]
    assert zipfile.is_zipfile(folder / "many.zip")


def test_digest_is_that_of_the_bytes(dofn, many, tmp_path):
    out = dofn("deploy", many, "--force", "-o", "json").stdout
    data = save(dofn, "art/many", tmp_path / "d.zip")
    assert f'"digest":"{hashlib.sha256(data).hexdigest()}"' in out
    assert f'"bytes":{len(data)}' in out


def test_file_names_that_are_not_utf8_survive(packed, project):
    root = project({"packages/art/odd/__main__.py": MAIN})
    odd = pathlib.Path(os.fsdecode(os.fsencode(root / "packages/art/odd") + b"/caf\xe9"))
    odd.write_text("latin")
    with packed(root, "art/odd") as z:
        assert len(z.namelist()) == 2
        assert z.read(z.namelist()[1]) == b"latin"
