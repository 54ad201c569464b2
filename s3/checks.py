"""What the store's exercises check: each section's own stages, and a whole store on the learner's code.

The stages of `auth`, `storage`, `durability` and the lifecycle stand beside their code; all come together
here. Page: docs/s3/index.md
"""

from collections.abc import Iterator
from hashlib import sha256
from random import Random

from chapters.checking import JSON, Case, Stage
from s3 import check_encryption, check_lifecycle, check_metadata, check_words
from s3.auth import checks as auth
from s3.durability import checks as durability
from s3.scene.store import BUCKET, Store
from s3.storage import checks as storage

SYSTEM_OBJECTS = 24


def serves(seed: int, objects: int) -> JSON:
    """Drive six nodes and three replicas: write, lose two nodes, read, list, repair."""
    rng = Random(seed)
    contents = {f"a/{number % 3}/{number:03}": rng.randbytes(rng.randint(1, 200_000))
                for number in range(objects)}  # fmt: skip
    with Store(seed, replicas=3) as store:
        client = store.with_bucket().client()
        etags = [client.put(f"/{BUCKET}/{key}", body).etag for key, body in contents.items()]
        for node in rng.sample(store.nodes, 2):
            node.kill()
            node.restart(is_empty=True)
        wrong = sum(client.get(f"/{BUCKET}/{key}").body != body for key, body in contents.items())
        query = {"delimiter": "/", "prefix": "a/"}
        listed = client.ask("GET", f"/{BUCKET}", query=query).body
        mended = store.service.upkeep.repair().mended
        left = store.service.upkeep.repair().wounded
    return {
        "objects": objects,
        "wrong": wrong,
        "prefixes": listed.count(b"<CommonPrefixes>"),
        "mended": mended,
        "wounded after repair": left,
        "digest": sha256("".join(etags).encode()).hexdigest()[:16],
    }


def seeds(rng: Random) -> Iterator[Case]:
    """One store of a seed."""
    yield rng.randrange(1_000_000), SYSTEM_OBJECTS


def summary(args: Case, got: JSON) -> str:
    """Say what the store did on the learner's code."""
    assert isinstance(got, dict)
    return (
        f"the store serves on your code: {got['objects']} objects written, two of six nodes lost, "
        f"{got['wrong']} wrong, {got['mended']} stripes repaired"
    )


STAGES = {
    **check_words.STAGES,
    **check_metadata.STAGES,
    **check_lifecycle.STAGES,
    **check_encryption.STAGES,
    **auth.STAGES,
    **storage.STAGES,
    **durability.STAGES,
}

SYSTEM = Stage("the store serves, loses two nodes and repairs", seeds, serves, summary=summary)
