"""Clients in Python that need an environment of their own: each makes one journey (see journeys/)."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

JOURNEYS = Path(__file__).with_name("journeys")


@pytest.mark.parametrize("name", ["minio", "pyarrow"])
def test_the_client_puts_reads_lists_and_deletes(shell, python_with, bucket, name):
    shell.run(python_with(name), JOURNEYS / f"with_{name}.py", bucket)


def test_obstore_writes_on_conditions_too(shell, python_with, boto, bucket):
    boto.create_bucket(Bucket=bucket)  # it makes none itself
    shell.run(python_with("obstore"), JOURNEYS / "with_obstore.py", bucket)
