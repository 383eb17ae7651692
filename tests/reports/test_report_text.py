"""The report for people."""

import io
import subprocess
import sys
from dataclasses import replace

import pytest
from report_samples import (
    EVERYTHING,
    HOOK,
    NOTHING,
    PASSWORD,
    PLACE,
    PLANTED,
    SPREAD,
    TOKEN,
    rendered,
)

from secretsweep.model import Coverage, Credential, Report, Skip, Target
from secretsweep.reports import _safe, text
from secretsweep.reports._advice import rotate


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def only(*credentials: Credential, kind: str = "history") -> Report:
    """A complete report of these alone."""
    coverage = Coverage(commits=2, blobs=3, files=1, bytes=10)
    return replace(
        NOTHING, target=Target(kind, ".", "ee" * 20), coverage=coverage, credentials=tuple(credentials)
    )


def lines(report: Report, **options: int | bool) -> list[str]:
    return rendered("text", report, **options).splitlines()


def test_one_credential_reads_from_what_it_is_to_what_to_do() -> None:
    assert lines(only(TOKEN), width=96) == [
        "CRITICAL  GitHub personal access token (classic)  ghp_...",
        "  where     main.tf:12:15  variable.token.default  terraform",
        "  since     2024-03-02  commit 1a2b3c4d5e6f  Ada L",
        "  HEAD      still there",
        "  branches  dev, main",
        f"  id        {'11' * 16}",
        "  next      1. Treat it as leaked: rotate it first. Issue a new token at GitHub, move every",
        "               consumer to it, then revoke this one.",
        "            2. Then put the new value into a secret store, and let the file refer to it.",
        "            3. Keep it on your list until the old value is refused.",
        "",
        "Scanned 3 blobs in 2 commits (10 B): 1 credential, 1 critical",
    ]


def test_files_have_no_history_to_tell() -> None:
    labels = {line[2:11].strip() for line in lines(only(TOKEN, kind="files")) if line[2:3].isalpha()}
    assert not labels & {"HEAD", "since", "branches"}


def test_what_is_only_staged_has_not_leaked_yet() -> None:
    page = rendered("text", only(TOKEN, kind="staged"))
    assert "It is not committed yet" in page
    assert "Treat it as leaked" not in page
    assert page.endswith("Scanned 1 staged file (10 B): 1 credential, 1 critical\n")


def test_places_branches_and_tags_beyond_the_first_are_counted() -> None:
    places = tuple(replace(place, tags=(f"v{place.line}",)) for place in SPREAD)
    page = lines(only(replace(PASSWORD, occurrences=places)))
    assert "            +3 more (-v shows all)" in page
    assert "  branches  release/1, release/2, release/3, +5 more" in page
    assert "  tags      v1, v2, v3, +5 more" in page


def test_verbose_shows_every_place_and_every_branch() -> None:
    page = rendered("text", only(PASSWORD), verbose=1)
    assert all(f"k8s/db.yaml:{line}:15" in page for line in range(1, 9))
    assert "release/8" in page
    assert "more" not in page.replace("once more", "")


def test_places_in_head_come_first_and_removed_ones_say_when() -> None:
    credential = replace(TOKEN, occurrences=(SPREAD[0], PLACE))
    page = lines(only(credential))
    assert page[1:3] == [
        "  where     main.tf:12:15  variable.token.default  terraform",
        "            k8s/db.yaml:1:15  data.password  [base64]  kubernetes  (removed 2024-05-01)",
    ]
    assert "  HEAD      still there, in 1 of 2 places" in page


def test_what_is_in_no_file_is_named_by_what_holds_it() -> None:
    assert lines(only(HOOK))[1:3] == [
        "  where     commit-message 1a2b3c4d5e6f:12:15  text",
        "            a dir/ü[1].sh:12:15  shell  (stash)",
    ]


def test_nothing_found_is_one_honest_sentence() -> None:
    assert lines(NOTHING) == [
        "Scanned 12 files (3.4 kB): nothing found that secretsweep would recognise as a credential."
    ]


def test_nothing_found_in_an_incomplete_scan_does_not_look_like_all_clear() -> None:
    report = replace(NOTHING, coverage=replace(NOTHING.coverage, skipped=(Skip("partial", "", "", "blobs"),)))
    assert lines(report) == [
        "INCOMPLETE: 1 thing was not read, so there may be more credentials than these.",
        "  partial (1): left out by a partial clone",
        "      blobs",
        "    what to do: git fetch --refetch --no-filter",
        "  To accept this: --allow-incomplete partial",
        "",
        "Scanned 12 files (3.4 kB): nothing found that secretsweep would recognise as a credential;",
        "  incomplete.",
    ]


def test_a_reason_that_is_not_known_here_is_still_shown() -> None:
    report = replace(NOTHING, coverage=Coverage(skipped=(Skip("solar-flare", "x", ""),)))
    assert "  solar-flare (1): solar flare" in lines(report)


def test_skipped_paths_beyond_five_are_counted_unless_verbose() -> None:
    assert "      +2 more (-v shows all)" in lines(EVERYTHING)
    assert "      dumps/6.sql  (120 MB)" not in lines(EVERYTHING)
    assert "      dumps/6.sql  (120 MB)" in lines(EVERYTHING, verbose=1)


def test_dismissed_matches_are_shown_when_verbose_and_only_then() -> None:
    assert "Dismissed" not in rendered("text", EVERYTHING)
    page = lines(EVERYTHING, verbose=1)
    at = page.index("Dismissed: 2 matches")
    assert page[at + 1 : at + 3] == [
        "  values.yaml:9  generic-password: a placeholder",
        "  main.tf:4  generic-password: a reference",
    ]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_asked(width: int) -> None:
    assert max(map(_safe.columns, lines(EVERYTHING, width=width, verbose=1))) <= width


def test_a_wide_character_takes_two_columns() -> None:
    place = replace(PLACE, path="設定" * 8 + ".tf", key="鍵" * 90)
    assert max(map(_safe.columns, lines(only(replace(TOKEN, occurrences=(place,))), width=60))) <= 60


def test_without_colour_there_is_no_escape_sequence_and_with_it_the_words_are_the_same() -> None:
    plain, coloured = rendered("text", EVERYTHING), rendered("text", EVERYTHING, colour=True)
    assert "\x1b" not in plain
    for code in ("1;31", "31", "33", "1", "2", "0"):
        assert f"\x1b[{code}m" in coloured
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == plain


def test_hostile_names_stay_on_their_line() -> None:
    place = replace(PLACE, path="a\nCRITICAL\x1b[2J\u202e.tf\udcff", key="k\r\x9b")
    assert lines(only(replace(TOKEN, occurrences=(place,))))[1] == (
        "  where     a\\nCRITICAL\\x1b[2J\\u202e.tf\\xff:12:15  k\\r\\u009b  terraform"
    )


def test_a_long_key_is_shortened_and_a_path_never() -> None:
    place = replace(PLACE, path="d/" * 50 + "main.tf", key="k" * 300)
    page = rendered("text", only(replace(TOKEN, occurrences=(place,))), width=60)
    assert f"{place.path}:12:15" in page
    assert "kkk...kkk" in page


def test_values_are_shown_on_a_terminal_when_asked_for() -> None:
    out = Terminal()
    text.render(only(TOKEN), out, show=True)
    assert out.getvalue().splitlines()[1] == f"  value: {PLANTED.decode()}"


def test_values_are_shown_to_nothing_but_a_terminal() -> None:
    out = io.StringIO()
    with pytest.raises(ValueError, match="terminal only"):
        text.render(only(TOKEN), out, show=True)
    assert PLANTED.decode() not in out.getvalue()


def test_the_page_needs_neither_rich_nor_json_so_that_a_hook_can_afford_it() -> None:
    code = "import secretsweep.reports.text, sys; print({'rich', 'json', 'urllib'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


def test_nobody_is_sent_to_a_command_line_to_change_a_password() -> None:
    assert rotate("password", "Command line").endswith(
        "Change the password where it is accepted; where two users or two passwords can overlap, nothing goes down."
    )
    assert "at GitHub" in rotate("api-token", "GitHub")
