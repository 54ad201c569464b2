"""Watch mode: once now, once per save, until it passes or somebody ends it."""

from chapters.runner.watch import keys, watch


def test_it_checks_again_after_each_save_until_it_passes(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("0")
    seen = []

    def check():
        seen.append(file.read_text())
        return file.read_text() == "22"

    def save_meanwhile(seconds):
        file.write_text({"0": "1" * 3, "111": "22"}[file.read_text()])
        return False

    assert watch([file], check, asked_to_end=save_meanwhile) is True
    assert seen == ["0", "111", "22"]


def test_it_ends_when_asked(tmp_path):
    waits = iter([False, False, True])
    assert watch([tmp_path / "gone"], lambda: False, asked_to_end=lambda _: next(waits)) is False


def test_without_a_terminal_nobody_presses_q():
    with keys() as asked_to_end:
        assert asked_to_end(0.0) is False
