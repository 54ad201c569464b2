"""Clocks that are turned back, a sixth device, and a download that is torn.

Page: docs/spotify/offline.md
"""

from collections import Counter

from chapters.errors import Refused
from chapters.log import Log
from chapters.sim.chance import Chance
from chapters.sim.clock import S, VirtualClock
from chapters.sim.disk import SimDisk
from chapters.sim.errors import Crashed, at_least
from chapters.sim.promises import Outcome, Verdict
from spotify.accounts.users import User
from spotify.catalogue.catalogue import Catalogue
from spotify.offline.desk import DEVICES_MAX, OfflineDesk
from spotify.offline.licence import DAY_S, VALID_S
from spotify.offline.vault import Vault
from spotify.scene.imagined import album

ADA = User("ada", "SE", "", "", "")


class _Holiday:
    """A service, a device, and an album to take along."""

    def __init__(self, seed: int) -> None:
        self.chance, self.clock = Chance(seed), VirtualClock()
        self.clock.advance(1_767_297_600 * S)
        self.album, self.files = album(self.chance.stream("album"))
        catalogue = Catalogue([self.album])
        log = Log(disk=SimDisk(rng=self.chance.stream("service")))
        self.desk = OfflineDesk(lambda: catalogue, log, b"secret", clock=self.clock)
        self.disk = SimDisk(rng=self.chance.stream("device"))
        self.track, self.asked = self.album.tracks[0], Counter[int]()

    def vault(self, clock: VirtualClock | None = None) -> Vault:
        """Return the device, opened anew."""
        rng = self.chance.stream("nonces")
        return Vault(Log(disk=self.disk), self.desk.public, clock=clock or self.clock, rng=rng)

    def fetch(self, file: str, first: int, end: int) -> bytes:
        """Return bytes of a file, and count the request."""
        self.asked[first] += 1
        return self.files[f"/{self.album.id}/{file}"][first:end]

    def sync(self, vault: Vault) -> int:
        """Take the track along."""
        return vault.sync(
            self.track.id, self.track.renditions[0], self.desk.key(self.track.id), self.fetch
        )


def clock_back(*, seed: int = 7, days: int = 40) -> Outcome:
    """Go offline for longer than a licence lasts, and set the clock back."""
    at_least(31, days=days)
    scene = _Holiday(seed)
    vault = scene.vault()
    vault.take_licence(scene.desk.grant(ADA, "phone", [scene.track.id]))
    scene.sync(vault)
    heard = 0
    for _ in range(days):
        scene.clock.advance(DAY_S * S)
        heard += _plays(vault, scene.track.id) == ""
    late = _plays(vault, scene.track.id)
    back = VirtualClock()
    back.advance(scene.clock.now_ns() - 35 * DAY_S * S)
    turned = _plays(scene.vault(back), scene.track.id)
    vault.take_licence(scene.desk.grant(ADA, "phone", [scene.track.id]))
    again = _plays(vault, scene.track.id)
    return Outcome(
        title=f"{days} days without a network, and then a clock that is set back",
        verdicts=(
            Verdict(
                "it plays for as long as the licence says",
                heard == VALID_S // DAY_S,
                f"{heard} days",
            ),
            Verdict("then it falls silent, and says why", late == "expired", f"reason {late!r}"),
            Verdict(
                "a clock that is set back does not help", turned == "clock", f"reason {turned!r}"
            ),
            Verdict("a moment online does", again == "", "it plays, and nothing was fetched again"),
        ),
        lines=(
            "all bytes are on the device; the licence has the key, and the log the latest time",
        ),
        next_commands=("kit start spotify/offline-licence", "kit break spotify torn-download"),
        replay=f"kit break spotify clock-back --days {days} --seed {seed}",
    )


def _plays(vault: Vault, track: str) -> str:
    """Nothing if it plays, else the reason why not."""
    try:
        vault.play(track, 0)
        return ""
    except Refused as refused:
        return refused.reason


def torn_download(*, seed: int = 7, crashes: int = 12) -> Outcome:
    """Crash the device again and again while it takes an album along; then take along what is missing."""
    at_least(1, crashes=crashes)
    scene, rng, happened = _Holiday(seed), Chance(seed).stream("crashes"), 0
    done = False
    while not done:
        if happened < crashes:
            scene.disk.crash_after(rng.randrange(1, 5))
        try:
            vault = scene.vault()
            vault.take_licence(scene.desk.grant(ADA, "phone", [scene.track.id]))
            scene.sync(vault)
            done = True
        except Crashed:
            happened += 1
            scene.disk.crash()
    own = scene.track.renditions[0]
    data = scene.files[f"/{scene.album.id}/{own.file}"]
    same = sum(
        vault.play(scene.track.id, n) == data[p.offset : p.offset + p.size]
        for n, p in enumerate(own.pieces)
    )
    sealed = all(data[p.offset : p.offset + 64] not in _everything(scene.disk) for p in own.pieces)
    again = sum(scene.asked.values()) - len(own.pieces)
    devices = [f"device-{number}" for number in range(2, DEVICES_MAX + 1)]
    for device in devices:
        scene.desk.grant(ADA, device, [scene.track.id])
    return Outcome(
        title=f"a download that is torn {happened} times, and five devices",
        verdicts=(
            Verdict(
                "in the end all of it is there, and right",
                same == len(own.pieces),
                f"{same} pieces",
            ),
            Verdict(
                "what was there is not fetched again",
                again <= 16 * happened,
                f"{again} pieces, of a torn batch each",
            ),
            Verdict("on the disk it cannot be read", sealed, "no piece is there as it sounds"),
            Verdict(
                "a sixth device is refused, and the five are named",
                _sixth(scene.desk, scene.track.id),
                "403, devices",
            ),
        ),
        lines=("pieces are committed sixteen at a time: what was torn is fetched with the next",),
        next_commands=("kit break spotify clock-back", "kit run spotify/playback"),
        replay=f"kit break spotify torn-download --crashes {crashes} --seed {seed}",
    )


def _everything(disk: SimDisk) -> bytes:
    return b"".join(disk.read(name) for name in disk.names())


def _sixth(desk: OfflineDesk, track: str) -> bool:
    try:
        desk.grant(ADA, "one-too-many", [track])
        return False
    except Refused as refused:
        return refused.reason == "devices" and all(
            name in str(refused) for name in desk.devices("ada")
        )
