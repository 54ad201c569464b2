"""A file is written whole or not at all, and a device is not replaced by a file."""

import os
import stat

import pytest

from chapters.new_file import written_whole


def test_a_failed_draft_leaves_the_old_file_and_no_rest(tmp_path):
    path = tmp_path / "a"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), written_whole(path) as draft:
        draft.write_text("ne")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_a_finished_draft_takes_the_place(tmp_path):
    path = tmp_path / "a"
    with written_whole(path) as draft:
        draft.write_text("new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_what_is_no_plain_file_is_written_as_it_is(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with written_whole(path) as draft:
        assert draft == path
    assert stat.S_ISFIFO(path.stat().st_mode)
