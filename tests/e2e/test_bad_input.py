"""Projects that cannot be deployed: each has a message with the way out, and nothing is uploaded."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import zipfile

import pytest
from conftest import PROGRAM, TIMEOUT
from faulty import Faulty

OK = "def main():\n    return {}\n"
NOBODY = 65534


class Refusing:
    """Deploys to a server that takes everything, and sees to it that nothing comes."""

    def __init__(self, program, server):
        self.program, self.server = program, server

    def __call__(self, folder, *options, status=2, **kw):
        done = self.program("deploy", folder, *options, *self.server.flags, check=False, **kw)
        assert done.returncode == status, done.stderr
        assert self.server.seen("PUT") == []
        assert done.stdout == ""
        assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr
        return done.stderr


@pytest.fixture
def server():
    with Faulty() as s:
        yield s


@pytest.fixture
def refused(fresh, server):
    return Refusing(fresh, server)


@pytest.fixture
def accepted(fresh, server):
    """Deploys and returns what is told."""
    return lambda folder, **kw: fresh("deploy", folder, *server.flags, **kw).stderr


# What is no project.


def test_missing_folder(refused, tmp_path):
    assert f"there is no folder '{tmp_path}/nowhere'" in refused(tmp_path / "nowhere")


def test_file_instead_of_a_folder(refused, project):
    root = project({"packages/p/f.py": OK})
    assert "is not a folder" in refused(root / "packages/p/f.py")


def test_folder_without_packages(refused, project):
    assert "there is no packages/ folder" in refused(project({"README": "x"}))


def test_folder_inside_a_project_is_told_where_the_project_is(refused, project):
    root = project({"project.yml": "packages: []\n", "packages/p/f.py": OK})
    text = refused(root / "packages/p")
    assert "looks like the project's folder" in text and "/../.." in text


def test_packages_without_functions(refused, project):
    root = project({"packages/p/.keep": ""})
    assert "no function" in refused(root)


# project.yml


def test_yaml_error_shows_line_column_and_caret(refused, project):
    root = project({"project.yml": "packages:\n  - name: p\n    functions: [\n  - oops\n",
                    "packages/p/f.py": OK})
    lines = refused(root).splitlines()
    assert lines[0].startswith("project.yml:") and ": error: " in lines[0]
    _, line, column, _ = lines[0].split(":", 3)
    source, caret = lines[1:3]
    written = (root / "project.yml").read_text().splitlines()[int(line) - 1]
    assert source.endswith(written) and caret.strip() == "^"
    assert caret.index("^") == len(source) - len(written) + int(column) - 1
    assert "1 error in the project" in lines[-1]


def test_all_mistakes_are_told_in_one_run_in_order(refused, project):
    root = project({"project.yml": """\
packges: []
packages:
  - name: p
    functions:
      - name: f
        limits: {timeout: fast}
        wbe: true
""", "packages/p/f.py": OK})
    findings = [x for x in refused(root).splitlines() if x.startswith("project.yml:")]
    assert [f.split(": error: ")[0] for f in findings] == [
        "project.yml:1:1", "project.yml:6:27", "project.yml:7:9"]
    assert "'packges'" in findings[0] and "did you mean 'packages'?" in findings[0]
    assert "'timeout' must be a whole number" in findings[1]
    assert "'wbe'" in findings[2] and "did you mean 'web'?" in findings[2]


@pytest.mark.parametrize("config, texts", [
    ("packages: {}\n", ["'packages' must be a list"]),
    ("packages: [{functions: []}]\n", ["needs a 'name'"]),
    ("packages: [{name: p, functions: [{name: g}]}]\n", ["'g' has no files", "packages/p/g.py"]),
    ("packages: [{name: q, functions: [{name: f}]}]\n", ["no folder packages/q"]),
    ("packages: [{name: p, functions: [{name: f, runtime: 'python:2'}]}]\n",
     ["unknown runtime 'python:2'", "python:3.11"]),
    ("packages: [{name: p, functions: [{name: f, limits: {memory: 64}}]}]\n",
     ["'memory' must be a whole number from 128 to 1024 (MB)"]),
    ("packages: [{name: p, functions: [{name: f, environment: {A: 1}}]}]\n",
     ["'A' must be a string", "quotes"]),
    ("packages: [{name: p}, {name: p}]\n", ["a second package 'p'"]),
    ("packages: [{name: a/b}]\n", ["'a/b' cannot be the name of a package"]),
    ("packages: [{name: p, functions: [{name: -f}]}]\n", ["'-f' cannot be the name of a function"]),
    ("parameters: {a: '${NOT_SET_ANYWHERE}'}\n", ["NOT_SET_ANYWHERE"]),
    ("just text\n", ["expected a mapping"]),
    ("- list\n", ["expected a mapping"]),
    ("\tpackages: []\n", ["project.yml:1:1", "TAB", "use spaces"]),
    (b"packages: [\xff]\n", ["project.yml:1", "UTF-8"]),
    (b"a: \x00\n", ["project.yml:1"]),
    ("a: &a [*a]\n", ["project.yml:1"]),
    ("a: " + "[" * 10000, ["project.yml:1"]),
    ("a: [" + "x, " * 500000 + "]", ["project.yml"]),
], ids=lambda x: str(x)[:40])
def test_bad_configuration(refused, project, config, texts):
    stderr = refused(project({"project.yml": config, "packages/p/f.py": OK}))
    assert "project.yml" in stderr
    for text in texts:
        assert text in stderr
    assert len(stderr) < 20000


def test_configuration_that_is_a_folder(refused, project):
    root = project({"packages/p/f.py": OK, "project.yml/x": ""})
    assert "project.yml" in refused(root)


def test_finding_as_json_has_its_place(fresh, server, project):
    root = project({"project.yml": "parameters: 5\n", "packages/p/f.py": OK})
    done = fresh("deploy", root, *server.flags, "-o", "json", check=False)
    assert done.returncode == 2
    assert '"event":"finding"' in done.stdout and '"line":1,"column":13' in done.stdout


# Files of functions.


def test_function_folder_without_files(refused, project):
    root = project({"packages/p/f.py": OK})
    (root / "packages/p/empty/sub").mkdir(parents=True)
    assert "the folder of the function 'empty' has no files" in refused(root)


@pytest.mark.parametrize("name", ["-f", "fü", "a+b", "f "])
def test_name_of_a_file_that_is_no_name_for_a_function(refused, project, name):
    text = refused(project({f"packages/p/{name}/__main__.py": OK}))
    assert f"'{name}' cannot be the name of a function" in text


def test_name_of_a_folder_that_is_no_name_for_a_package(refused, project):
    assert "cannot be the name of a package" in refused(project({"packages/a+b/f.py": OK}))


def test_file_and_folder_of_one_name(refused, project):
    text = refused(project({"packages/p/f.py": OK, "packages/p/f/__main__.py": OK}))
    assert "are both the function 'f'" in text


def test_several_files_without_an_entry(refused, project):
    text = refused(project({"packages/p/f/a.py": OK, "packages/p/f/b.py": OK}))
    assert "no '__main__.py'" in text and "packages/p/f" in text


PYTHON = "packages: [{name: p, functions: [{name: f, runtime: 'python:3.11'}]}]\n"


def test_zip_without_an_entry(refused, project):
    root = project({"project.yml": PYTHON, "packages/p/f.zip": ""})
    with zipfile.ZipFile(root / "packages/p/f.zip", "w") as z:
        z.writestr("sub/__main__.py", OK)
    assert "packages/p/f.zip: error: holds no '__main__.py' at its top" in refused(root)


def test_zip_that_is_none(refused, project):
    root = project({"project.yml": PYTHON, "packages/p/f.zip": "no zip at all"})
    assert "packages/p/f.zip: error: is no zip archive" in refused(root)


def test_zip_that_cannot_be_read_here_goes_with_a_warning(accepted, project):
    root = project({"project.yml": PYTHON, "packages/p/f.zip": b"PK\3\4" + bytes(50)})
    assert "packages/p/f.zip: warning: may not be usable: " in accepted(root)


def test_archive_whose_runtime_is_not_told(refused, project):
    root = project({"packages/p/f.zip": b"PK\5\6" + bytes(18)})
    assert "runtime" in refused(root)


def test_source_that_is_not_utf8_is_named_with_its_line(refused, project):
    text = refused(project({"packages/p/f.py": b"# fine\n# caf\xe9\n"}))
    assert "'packages/p/f.py' is not UTF-8 in line 2" in text and "save it as UTF-8" in text


def test_fifo(refused, project):
    root = project({"packages/p/f/__main__.py": OK, "packages/p/f/b.py": ""})
    os.mkfifo(root / "packages/p/f/pipe")
    text = refused(root)
    assert "'packages/p/f/pipe'" in text and ".ignore" in text


@pytest.mark.parametrize("name", ["build.sh", ".ignore", ".include"])
def test_link_to_nothing_in_place_of_a_file_that_is_read(refused, project, name):
    root = project({"packages/p/f/__main__.py": OK, "packages/p/f/b.py": ""})
    (root / "packages/p/f" / name).symlink_to("nowhere")
    assert f"packages/p/f/{name}" in refused(root)


@pytest.mark.parametrize("name", ["build.sh", ".ignore", ".include"])
def test_fifo_in_place_of_a_file_that_is_read(refused, project, name):
    root = project({"packages/p/f/__main__.py": OK, "packages/p/f/b.py": ""})
    os.mkfifo(root / "packages/p/f" / name)
    assert f"packages/p/f/{name}" in refused(root)


def test_fifo_in_place_of_project_yml(refused, project):
    root = project({"packages/p/f.py": OK})
    os.mkfifo(root / "project.yml")
    assert "project.yml" in refused(root)


@pytest.mark.parametrize("target", ["__main__.py/../../../../../../outside", "/etc/passwd",
                                    "../../../../outside"])
def test_link_out_of_the_project_is_named_with_both_ends(refused, project, tmp_path, target):
    (tmp_path / "outside").write_text("secret")
    root = project({"packages/p/f/__main__.py": OK, "packages/p/f/b.py": ""})
    (root / "packages/p/f/out").symlink_to(target)
    text = refused(root)
    assert "packages/p/f/out" in text
    assert "passwd" in text or "outside" in text or "__main__.py" in text


def test_links_in_a_circle(refused, project):
    root = project({"packages/p/f/__main__.py": OK, "packages/p/f/b.py": ""})
    (root / "packages/p/f/x").symlink_to("y")
    (root / "packages/p/f/y").symlink_to("x")
    assert "packages/p/f/x" in refused(root)


def test_link_to_a_folder_above_it(refused, project):
    root = project({"packages/p/f/__main__.py": OK, "packages/p/f/b.py": ""})
    (root / "packages/p/f/again").symlink_to(".")
    assert "packages/p/f/again" in refused(root)


def test_link_to_nothing(refused, project):
    root = project({"packages/p/f/__main__.py": OK, "packages/p/f/b.py": ""})
    (root / "packages/p/f/gone").symlink_to("nowhere")
    text = refused(root)
    assert "packages/p/f/gone" in text and "nowhere" in text


def test_unreadable_file_is_named(server):
    """As a user who is not root, for whom everything is readable."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="dofn-unreadable-"))
    try:
        file = folder / "p/packages/p/f/secret.txt"
        file.parent.mkdir(parents=True)
        file.with_name("__main__.py").write_text(OK)
        file.write_text("x")
        file.chmod(0)
        program = shutil.copy(PROGRAM, folder / "dofn")
        user = {}
        if os.getuid() == 0:
            user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            for path in [folder, *folder.rglob("*")]:
                os.chown(path, NOBODY, NOBODY)
        done = subprocess.run([program, "deploy", folder / "p", *server.flags], **user,
                              env={"PATH": os.environ["PATH"], "HOME": str(folder)}, cwd=folder,
                              capture_output=True, text=True, timeout=TIMEOUT, check=False)
        assert done.returncode in (1, 2), done.stderr
        assert "packages/p/f/secret.txt" in done.stderr and "ermission denied" in done.stderr
        assert server.seen("PUT") == []
    finally:
        shutil.rmtree(folder)


def test_zip_that_would_be_too_large_names_its_largest_files(refused, project):
    root = project({"packages/p/f/__main__.py": OK})
    (root / "packages/p/f/big.bin").write_bytes(os.urandom(37 * 1024 * 1024))
    text = refused(root)
    assert "'packages/p/f' is too large" in text and "big.bin" in text and ".ignore" in text


def test_text_that_is_too_large_is_not_even_read(refused, project):
    root = project({"packages/p/f.py": ""})
    os.truncate(root / "packages/p/f.py", 200 << 20)
    before = time.monotonic()
    assert "too large" in refused(root)
    assert time.monotonic() - before < 5


@pytest.mark.parametrize("item, text", [
    ("/etc/passwd", "is an absolute path"),
    ("../../../outside", "is neither in the function's folder nor in the project's lib/"),
    ("nothing.py", "does not exist"),
    ("", "is empty"),
])
def test_bad_item_of_include(refused, project, item, text):
    root = project({"packages/p/f/__main__.py": OK, "packages/p/f/.include": item + "\n"})
    stderr = refused(root)
    assert "packages/p/f/.include" in stderr and text in stderr


def test_include_and_ignore_together(refused, project):
    root = project({"packages/p/f/__main__.py": OK, "packages/p/f/.include": "x",
                    "packages/p/f/.ignore": "y"})
    assert "both .include and .ignore" in refused(root)


# Builds.


def test_failing_build_shows_output_and_exit_code(refused, project):
    root = project({"packages/p/f/__main__.py": OK, "packages/p/f/build.sh":
                    "#!/bin/bash\necho step one\necho wrong >&2\nexit 7\n", "packages/p/g.py": OK})
    text = refused(root, status=1)
    assert "p/f | step one\n" in text and "p/f | wrong\n" in text
    assert "'packages/p/f/build.sh' exited with code 7" in text
    assert "nothing was uploaded" in text


def test_build_that_a_signal_ends(refused, project):
    root = project({"packages/p/f/__main__.py": OK,
                    "packages/p/f/build.sh": "#!/bin/bash\nkill -9 $$\n"})
    assert "was ended by signal 9" in refused(root, status=1)


def test_failing_lib_build_stops_everything(refused, project):
    root = project({"packages/p/f.py": OK, "lib/build.sh": "#!/bin/sh\nexit 3\n"})
    assert "'lib/build.sh' exited with code 3" in refused(root, status=1)


def test_build_with_windows_line_ends_and_no_execute_bit_runs_with_notes(accepted, project):
    root = project({"packages/p/f/__main__.py": OK, "packages/p/f/build.sh":
                    b"#!/bin/bash\r\nset -e\r\nif true; then\r\necho made > made.txt\r\nfi\r\n"})
    text = accepted(root)
    assert "is not executable; it runs all the same" in text
    assert "has Windows line ends" in text
    assert (root / "packages/p/f/made.txt").read_text() == "made\n"


@pytest.fixture
def few_programs(tmp_path):
    """few_programs("pip") gives a PATH with a shell and these, which do nothing."""
    def make(*names, **scripts):
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / "bash").symlink_to("/bin/bash")
        for name in names:
            scripts[name] = "exit 0"
        for name, text in scripts.items():
            (folder / name).write_text(f"#!/bin/sh\n{text}\n")
            (folder / name).chmod(0o755)
        return {"PATH": str(folder)}

    return make


VENV_BUILD = "#!/bin/bash\nset -e\nvirtualenv --without-pip virtualenv\n" \
    "pip install -r requirements.txt --target virtualenv/lib/python3.11/site-packages\n"
VENV = {
    "project.yml": "packages: [{name: p, functions: [{name: f, runtime: 'python:3.11'}]}]\n",
    "packages/p/f/__main__.py": OK, "packages/p/f/requirements.txt": "",
    "packages/p/f/build.sh": VENV_BUILD,
}


@pytest.mark.parametrize("there, missing, package", [
    (["pip", "python3.11"], "virtualenv", "virtualenv"),
    (["virtualenv", "python3.11"], "pip", "python3-pip"),
    (["virtualenv", "pip"], "python3.11", "python3.11"),
])
def test_missing_tool_is_named_with_what_installs_it(refused, project, few_programs, there,
                                                     missing, package):
    text = refused(project(VENV), status=1, env=few_programs(*there))
    assert f"'{missing}'" in text and f"apt-get install {package}" in text


def test_other_python_is_named(refused, project, few_programs):
    path = few_programs("pip", "virtualenv", python3="echo 3.13")
    text = refused(project(VENV), status=1, env=path)
    assert "has no 'python3.11' (python3 is 3.13)" in text


def test_missing_shell_is_named(refused, project, tmp_path):
    root = project({"packages/p/f/__main__.py": OK, "packages/p/f/build.sh": "#!/opt/none/zsh\n"})
    text = refused(root, status=1, env={"PATH": str(tmp_path)})
    assert "needs 'zsh', which is not installed: apt-get install zsh" in text


@pytest.mark.parametrize("options, missing, command", [
    ([], "npm", "apt-get install npm"), (["--yarn"], "yarn", "npm install --global yarn"),
])
def test_missing_npm_is_named_with_what_installs_it(refused, project, few_programs, options,
                                                    missing, command):
    root = project({"packages/p/f/index.js": "",
                    "packages/p/f/package.json": '{"dependencies": {"x": "1"}}'})
    text = refused(root, *options, status=1, env=few_programs())
    assert f"'packages/p/f/package.json' needs '{missing}', which is not installed: {command}" in text
