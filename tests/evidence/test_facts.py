"""Facts about a session: the commit, and where its files can be read."""

import subprocess

import pytest

from evidence.facts import git_facts, web_address


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/a-b/c.d",
        "https://github.com/a-b/c.d.git",
        "https://someone:token@github.com/a-b/c.d.git",
        "git@github.com:a-b/c.d.git",
        "ssh://git@github.com/a-b/c.d/",
    ],
)
def test_files_of_a_commit_on_github_have_an_address_without_secrets(remote):
    assert web_address(remote, "3f1c") == "https://github.com/a-b/c.d/blob/3f1c/"


@pytest.mark.parametrize("remote", [None, "", "/srv/git/c.git", "https://example.org/a/c.git", "https://github.com.evil.org/a/c"])
def test_other_hosts_have_none(remote):
    assert web_address(remote, "3f1c") is None


def test_nothing_is_known_outside_a_checkout(tmp_path):
    assert git_facts(tmp_path) == {"sha": None, "dirty": None, "url": None}


def test_checkout_tells_its_commit_and_where_it_came_from(tmp_path):
    def git(*arguments):
        who = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        subprocess.run(["git", "-C", str(tmp_path), *who, *arguments], check=True, capture_output=True)

    git("init")
    git("commit", "--allow-empty", "-m", "first")
    git("remote", "add", "origin", "https://github.com/a/b.git")
    found = git_facts(tmp_path)
    assert len(found["sha"]) == 40 and found["dirty"] is False
    assert found["url"] == f"https://github.com/a/b/blob/{found['sha']}/"
    (tmp_path / "new.py").touch()
    assert git_facts(tmp_path)["dirty"] is True
