"""What can be wrong with a file, or with the machine that encodes it.

    KitError
    ├── Definite
    │   ├── BadMedia         the file cannot be used (netflix/errors.py)
    │   └── EncodeFailed     FFmpeg did not finish, and says why; nothing was published
    │       └── Stopped      not for the file's sake: the disk is full, or it was killed
    └── UsageError
        └── NoFfmpeg         the encoder is not installed

Page: docs/netflix/ingest.md
"""

from chapters.errors import Definite, UsageError


class EncodeFailed(Definite):
    """FFmpeg did not finish; the message has its reason. Chunks that were finished stay."""


class Stopped(EncodeFailed):
    """The machine ended FFmpeg; the same call goes on where it stopped."""


class NoFfmpeg(UsageError):
    """There is no FFmpeg: the wheel `imageio-ffmpeg` brings one."""
