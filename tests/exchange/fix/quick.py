"""A QuickFIX client in a process of its own: C++ that we did not write, and that may end its process.

test ──► {"send": …}  ──► QuickFIX ──► FIX
test ◄── {"app": …}   ◄── QuickFIX ◄── FIX         a line of JSON each way
"""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.waiting import until

BEGIN = "FIX.4.4"
WAIT_S = 20


class Client:
    """An initiator whose session outlives its connections, seen from a test."""

    def __init__(self, folder, port, name, target="KIT", others=""):
        words = (
            sys.executable,
            "-m",
            "tests.exchange.fix.quick",
            folder,
            port,
            name,
            target,
            others,
        )
        self.told, self.session_messages = [], []
        self.is_on, self.done = False, 0
        self.changed = threading.Condition()
        self.process = subprocess.Popen(
            list(map(str, words)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            ((kind, what),) = json.loads(line).items()
            with self.changed:
                if kind == "on":
                    self.is_on = what
                elif kind == "done":
                    self.done += 1
                else:
                    (self.told if kind == "app" else self.session_messages).append(what)
                self.changed.notify_all()

    def wait(self, holds, what):
        """Wait until `holds()`; fail with what has come instead."""
        with self.changed:
            came = self.changed.wait_for(holds, WAIT_S)
            assert came, f"{what}; {self.told}, {self.session_messages}"

    def logged_on(self):
        self.wait(lambda: self.is_on, "no logon")
        return self

    def until(self, count):
        """Return what was told, once that is `count` messages."""
        self.wait(lambda: len(self.told) >= count, f"{count} messages expected")
        return self.told

    def do(self, **what):
        """Have the process do something; return once it is done."""
        done = self.done + 1
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        self.wait(lambda: self.done >= done, f"{what} is not done")

    def send(self, kind, **words):
        body = {"60": time.strftime("%Y%m%d-%H:%M:%S", time.gmtime())}
        body |= {name.removeprefix("t"): str(value) for name, value in words.items()}
        self.do(send=[kind, body])

    def order(self, name, side, lots, price, **words):
        self.send("D", t11=name, t55="ACME", t54=side, t38=lots, t40="2", t44=price, **words)

    def stop(self):
        self.process.stdin.close()
        self.process.wait(WAIT_S)
        self.reader.join(WAIT_S)
        self.process.stdout.close()


def fields(text):
    """Return a message's fields; the last of a repeated tag."""
    return dict(each.split("=", 1) for each in text.split("\x01") if each)


def main(folder, port, name, target, others=""):
    """Be the process: QuickFIX, told what to do on standard input."""
    import quickfix

    def say(**what):
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()

    class Noting(quickfix.Application):
        """Only notes what came: whatever is raised in a callback ends the process."""

        def onCreate(self, session):  # noqa: N802
            self.id = session

        def onLogon(self, session):  # noqa: N802
            say(on=True)

        def onLogout(self, session):  # noqa: N802
            say(on=False)

        def toAdmin(self, message, session): ...  # noqa: N802
        def toApp(self, message, session): ...  # noqa: N802

        def fromAdmin(self, message, session):  # noqa: N802
            say(admin=fields(message.toString()))

        def fromApp(self, message, session):  # noqa: N802
            say(app=fields(message.toString()))

    file = Path(folder) / f"{name}.cfg"
    file.write_text(
        f"[DEFAULT]\nConnectionType=initiator\nStartTime=00:00:00\nEndTime=00:00:00\n"
        f"HeartBtInt={1 if others else 10}\n"
        "ReconnectInterval=1\nUseDataDictionary=N\nSocketNodelay=Y\n"
        f"SocketConnectHost=127.0.0.1\nSocketConnectPort={port}\nFileStorePath={folder}/{name}\n"
        f"{elsewhere(others)}"
        f"[SESSION]\nBeginString={BEGIN}\nSenderCompID={name}\nTargetCompID={target}\n"
    )
    application, settings = Noting(), quickfix.SessionSettings(str(file))
    store = quickfix.FileStoreFactory(settings)
    initiator = quickfix.SocketInitiator(application, store, settings)
    initiator.start()
    for line in sys.stdin:
        ((what, words),) = json.loads(line).items()
        session = quickfix.Session.lookupSession(application.id)
        if what == "send":
            quickfix.Session.sendToTarget(written(quickfix, *words), application.id)
        elif what == "expect":
            expect(session, words)
        elif what == "skip":
            session.setNextSenderMsgSeqNum(session.getExpectedSenderNum() + words)
        say(done=what)
    initiator.stop()


def elsewhere(ports):
    """Return the settings for a client that turns to another machine when one is gone."""
    hosts = [
        f"SocketConnectHost{number}=127.0.0.1\nSocketConnectPort{number}={port}\n"
        for number, port in enumerate(filter(None, ports.split(",")), 1)
    ]
    return "".join([*hosts, "ResetOnLogon=Y\n"] if hosts else [])


def expect(session, number):
    """Let the session believe that message `number`, which it has had, is still to come."""
    # A message is counted after its callback: one that is just being told is not yet.
    until(lambda: session.getExpectedTargetNum() > number)
    session.setNextTargetMsgSeqNum(number)


def written(quickfix, kind, body):
    message = quickfix.Message()
    message.getHeader().setField(35, kind)
    for tag, value in body.items():
        part = message.getHeader() if tag in ("43", "97") else message
        part.setField(int(tag), value)
    return message


if __name__ == "__main__":
    main(*sys.argv[1:])
