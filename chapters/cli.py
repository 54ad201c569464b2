"""The `kit` command: one line for every error, and an exit code that a script can use.

    0    it holds
    1    it does not: a check failed, a promise was broken, a test failed
    2    nobody can say: the words of the call are wrong, or what it needs is
    130  Ctrl-C

Nothing is imported before `run`, so that Ctrl-C is one line from the first millisecond on.
Page: docs/how-it-works.md
"""

import errno
import os
import sys

FAILED, NO_VERDICT, INTERRUPTED = 1, 2, 130


def main(words: "list[str] | None" = None) -> None:
    """Run the command line and exit with its code."""
    try:
        # A shell may have closed either one (`kit list >&-`); what nobody reads goes nowhere.
        sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 - open to the end
        sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")
        code = run(sys.argv[1:] if words is None else words)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, `head` perhaps, has gone: that is no error of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = NO_VERDICT
    except KeyboardInterrupt:
        code = _say("stopped", INTERRUPTED)
    sys.exit(code)


def run(words: "list[str] | tuple[str, ...]") -> int:
    """Run the command line and return its exit code; every error has become one line on stderr."""
    try:
        from chapters.commands.verbs import kit

        code = kit(words)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BaseException as error:
        return _explained(error, words)
    return _say("stopped", INTERRUPTED) if code == INTERRUPTED else code


def _explained(error: BaseException, words: "list[str] | tuple[str, ...]") -> int:
    """Say what went wrong in one line and return the exit code."""
    from chapters.errors import KitError, Unsolved

    match error:
        case BrokenPipeError() | SystemExit(__context__=BrokenPipeError()):
            return NO_VERDICT
        case SystemExit(code=code):
            return code if isinstance(code, int) else NO_VERDICT if code else 0
        case KitError():
            return _say(str(error), NO_VERDICT)
        case Unsolved():
            return _say(f"{error} is not written yet: kit check shows how far it is", FAILED)
        case OSError():
            return _say(_os_line(error), NO_VERDICT)
    if type(error).__name__ == "NoArgsIsHelpError":  # `kit s3` alone asks what there is
        sys.stdout.write(f"{error.format_message()}\n")  # type: ignore[attr-defined]
        return 0
    if hasattr(error, "format_message"):  # what Typer says about the words of the call
        from chapters.commands.words import what_is_wrong

        return _say(what_is_wrong(error, words), NO_VERDICT)
    return _bug(error)


def _os_line(error: OSError) -> str:
    reason = error.strerror or str(error)
    remedies = {
        errno.EADDRINUSE: "; choose another with --port",
        errno.ENOSPC: "; free some space",
        errno.EROFS: "; choose a folder that can be written to",
        errno.EACCES: "; choose a place that you may use",
    }
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{reason}{remedies.get(error.errno or 0, '')}"


def _bug(error: BaseException) -> int:
    """An error nobody foresaw: one line with its place; KIT_DEBUG=1 shows the whole."""
    if os.environ.get("KIT_DEBUG"):
        raise error
    import traceback

    place = traceback.extract_tb(error.__traceback__)[-1]
    at = f"{os.path.basename(place.filename)}:{place.lineno}"
    said = f"{type(error).__name__}: {error}"
    return _say(
        f"a mistake of ours at {at}: {said} (KIT_DEBUG=1 shows where it came from)", NO_VERDICT
    )


def _say(text: str, code: int) -> int:
    sys.stderr.write(f"kit: {' '.join(text.split())}\n")
    return code


if __name__ == "__main__":
    main()
elif "__mp_main__" in sys.modules:  # what multiprocessing calls the main file in a new process
    from chapters.commands.chosen import inherited_overlay

    inherited_overlay()
