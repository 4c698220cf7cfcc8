"""The runner of pages: a page that went stale must not pass."""

from pathlib import Path

import pytest

from tests.docs.console import Console, first_missing


def follow(folder: Path, page: str, *, at_hand: frozenset[str] = frozenset()) -> Console:
    file = folder / "page.md"
    file.write_text(page, "utf-8")
    with Console(folder, replaced={"8080": "4711"}, at_hand=at_hand) as console:
        console.follow(file)
    return console


def test_a_page_that_tells_the_truth_passes(tmp_path: Path) -> None:
    page = (
        "Save it as `a.txt`:\n\n```text\nport 8080\n```\n\n```console\n$ cat a.txt\nport 8080\n```"
    )
    follow(tmp_path, page)
    assert (tmp_path / "a.txt").read_text() == "port 4711\n"


def test_a_file_can_be_added_to(tmp_path: Path) -> None:
    page = "as `a.txt`:\n\n```text\na\n```\n\nAdd this to `a.txt`:\n\n```text\nb\n```"
    follow(tmp_path, page)
    assert (tmp_path / "a.txt").read_text() == "a\n\nb\n"


def test_files_can_be_taken_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("as `a.txt`:\n\n```text\na\n```\n\n```console\n$ false\n```", "utf-8")
    with Console(tmp_path, replaced={}) as console:
        console.take_files(page)
    assert (tmp_path / "a.txt").read_text() == "a\n"


def test_what_was_exported_stays(tmp_path: Path) -> None:
    follow(tmp_path, "```console\n$ export A='b\n> c'\n$ echo \"$A.\"\nb\nc.\n```")


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("```console\n$ echo a\nb\n```", r"line 2: \$ echo a\ndoes not print: b"),
        ("```console\n$ true\n$ false\n```", r"line 3: \$ false\nended with 1"),
        ("```console\n$ echo a; echo b\nb\na\n```", "does not print: a"),
        ("```console\n$ echo a &\nb\n```", "ended:\na"),
        ("```console\nb\n```", "output without a command"),
        ("```sh\nls\n```", "line 2: neither a file nor commands"),
    ],
)
def test_a_page_that_went_stale_fails_with_its_line(tmp_path: Path, page: str, told: str) -> None:
    with pytest.raises(AssertionError, match=told):
        follow(tmp_path, page)


def test_what_stays_running_is_ended(tmp_path: Path) -> None:
    console = follow(tmp_path, "```console\n$ sleep 600 &\n```")
    assert [process.poll() for process in console.running] == [-15]


def test_a_block_that_needs_something_is_left_out_without_it(tmp_path: Path) -> None:
    page = "<!-- needs: luck -->\n```console\n$ false\n```"
    assert follow(tmp_path, page).left_out == ["luck"]
    with pytest.raises(AssertionError):
        follow(tmp_path, page, at_hand=frozenset({"luck"}))


@pytest.mark.parametrize(
    ("shown", "output", "missing"),
    [
        (["a", "…", "c"], "a\nb\nc", None),
        (["a … c"], "a   long  c\n", None),
        (["a … d"], "a b c", "a … d"),
        (["a"], "aa", "a"),
        (["b", "a"], "a\nb", "a"),
    ],
)
def test_lines_appear_in_order(shown: list[str], output: str, missing: str | None) -> None:
    assert first_missing(shown, output) == missing
