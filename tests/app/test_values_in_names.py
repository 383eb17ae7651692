"""A token that somebody used as a file name or a key is not shown there either."""

from repositories import Repo, audited, password, rendered, token


def test_a_token_in_a_path_or_an_address_is_masked(repo: Repo) -> None:
    value = token("in a name")
    repo.commit(
        {
            f"keys/{value}.yml": f"token: {value}\n",
            "users.yml": f"{value}:\n  password: {password('below a token')}\n",
        }
    )
    report = audited(repo)
    assert len(report.credentials) == 2
    assert value not in rendered(report)
    assert "••••••••" in rendered(report)


def test_a_word_that_is_the_password_of_a_url_leaves_paths_as_they_are(repo: Repo) -> None:
    repo.commit({"docker-flask/app.env": "DATABASE_URL=mysql://app:flask@db.internal.example.net/app\n"})
    assert [o.path for c in audited(repo).credentials for o in c.occurrences] == ["docker-flask/app.env"]


def test_a_token_in_a_branch_a_tag_or_a_damaged_file_is_masked(repo: Repo) -> None:
    value = token("in a branch")
    repo.commit({"a.yml": f"token: {value}\n", f"{value}.gz": b"\x1f\x8b\x08 no gzip at all"})
    repo.run("branch", f"leak/{value}")
    repo.run("tag", f"v-{value}")
    report = audited(repo, explain=True)
    assert report.coverage.skipped
    assert value not in rendered(report)
    assert [o.tags for c in report.credentials for o in c.occurrences] == [("v-••••••••",)]
