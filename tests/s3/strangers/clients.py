"""Clients of S3 that we did not write and that do not share an environment: each has one of its own.

    python tests/s3/strangers/clients.py minio      makes it on first use; prints its Python

An environment is kept in $KIT_CACHE, or ~/.cache/kit, under the hash of its list: another list, or
another Python, is another environment.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

PINS = {
    "awscli": """
        awscli==1.46.3 colorama==0.4.6 docutils==0.19 jmespath==1.1.0 pyasn1==0.6.5
        python-dateutil==2.9.0.post0 pyyaml==6.0.3 rsa==4.7.2 six==1.17.0 urllib3==2.8.0
    """,
    "minio": """
        minio==7.2.20 argon2-cffi==25.1.0 argon2-cffi-bindings==26.2.0 certifi==2026.10.18
        cffi==2.1.1 pycparser==3.12 pycryptodome==4.4.0 typing-extensions==4.16.0 urllib3==2.8.0
    """,
    "obstore": "obstore==0.12.1 typing-extensions==4.16.0",
    "pyarrow": "pyarrow==26.0.1",
}
INSTALL_S_MAX = 600


def environment(name: str) -> Path:
    """Return the Python of the client's environment, which is made unless it is there."""
    pins = PINS[name].split()
    key = sha256("\n".join([sys.version, *pins]).encode()).hexdigest()[:12]
    cache = Path(os.environ.get("KIT_CACHE") or Path.home() / ".cache" / "kit")
    home = cache / f"clients-{name}-{key}"
    if not home.is_dir():
        make(home, pins)
    return home / "bin" / "python"


def make(home: Path, pins: list[str]) -> None:
    """Install beside and rename: an environment that is there is whole."""
    home.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f"{home.name}-", dir=home.parent))
    try:
        run(sys.executable, "-m", "venv", str(draft))
        pip = [str(draft / "bin" / "python"), "-m", "pip", "install", "-q"]
        run(*pip, "--disable-pip-version-check", "--no-deps", *pins)
        draft.rename(home)
    except OSError:
        if not home.is_dir():  # else somebody else was quicker
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=sys.stderr, timeout=INSTALL_S_MAX)


if __name__ == "__main__":
    try:
        print(environment(sys.argv[1]))
    except (subprocess.SubprocessError, OSError) as error:
        sys.exit(f"{sys.argv[1]} cannot be installed: {error}")
