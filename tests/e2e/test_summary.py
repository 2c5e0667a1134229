"""dofn deploy --github: a page of Markdown for a job."""

import pytest

HELLO = 'def main(args):\n    return {"body": "hello"}\n'


@pytest.fixture
def deploy(dofn, tmp_path):
    """Deploys and gives what it added to the summary."""
    path = tmp_path / "summary.md"

    def run(root, *args, check=True):
        before = path.read_text() if path.exists() else ""
        run.done = dofn("deploy", root, "--github", *args, env={"GITHUB_STEP_SUMMARY": str(path)}, check=check)
        text = path.read_text()
        assert text.startswith(before)
        return text[len(before):]

    return run


def test_rows_have_plan_result_and_url(deploy, platform, project):
    root = project({"packages/gh1/a.py": HELLO, "packages/gh1/b.py": HELLO})
    text = deploy(root)
    assert text.startswith("### dofn: deployed, fn&#45;")
    assert "| | plan | result |\n|---|---|---|\n" in text
    assert f"| [gh1/a](<{platform.web('gh1/a')}>) | create | deployed, version 0.0.1 |\n" in text
    assert "| gh1 (package) | create | written |\n" in text
    (root / "packages/gh1/a.py").write_text(HELLO + "# more\n")
    text = deploy(root)
    assert "| update: code | deployed, version 0.0.2 |\n" in text
    assert "<details><summary>2 unchanged</summary>" in text
    assert "Nothing to do." in deploy(root)


def test_a_plan_alone_has_no_results(deploy, project):
    text = deploy(project({"packages/gh2/a.py": HELLO}), "--dry-run")
    assert text.startswith("### dofn: plan, ")
    assert "| | plan |\n|---|---|\n" in text
    assert "| gh2/a | create |\n" in text


def test_a_failure_is_told_with_its_reason(deploy, project):
    text = deploy(project({"packages/gh3/a.py": HELLO, "project.yml": "packges: []\n"}), check=False)
    assert deploy.done.returncode == 2
    assert text.startswith("### dofn: deploy failed\n\n> 1 error in the project")


def test_text_from_outside_is_no_markup(deploy, project):
    text = deploy(project({"packages/gh4/a.py": HELLO,
                           "project.yml": "packages: [{name: gh4, functions: [{name: a, environment: "
                                          "{'<b>|x': '1'}}]}]\n"}), check=False)
    assert "<b>" not in text


def test_without_the_variable_nothing_is_done(dofn, project):
    done = dofn("deploy", project({"packages/gh5/a.py": HELLO}), "--github", check=False)
    assert done.returncode == 2
    assert "GITHUB_STEP_SUMMARY" in done.stderr
    assert dofn("functions", "get", "gh5/a", check=False).returncode == 1


def test_a_summary_that_cannot_be_written_is_a_failure(dofn, project, tmp_path):
    done = dofn("deploy", project({"packages/gh6/a.py": HELLO}), "--github",
                env={"GITHUB_STEP_SUMMARY": str(tmp_path)}, check=False)
    assert done.returncode == 1
    assert "cannot write the summary" in done.stderr
    assert dofn("functions", "get", "gh6/a", check=False).returncode == 0


def test_a_cell_has_an_end(deploy, project):
    """GitHub shows nothing of a summary that is larger than a mebibyte."""
    names = {f"VARIABLE_{i:036}": "1" for i in range(1000)}
    root = project({"packages/gh6/a.py": HELLO, "project.yml": "packages: [{name: gh6, functions: [{name: a}]}]\n"})
    deploy(root)
    (root / "project.yml").write_text("packages: [{name: gh6, functions: [{name: a, environment: {"
                                      + ", ".join(f"{k}: '{v}'" for k, v in names.items()) + "}}]}]\n")
    text = deploy(root)
    assert "VARIABLE&#95;" in text
    assert len(text) < 10000
