"""Everything small, so that a few entries make blocks, filters, tables and merges."""

from collections.abc import Iterator

import pytest

from chapters.lsm import compaction, table, tree, writer


@pytest.fixture(scope="module")
def small_numbers() -> Iterator[None]:
    """Blocks of a few entries, a filter for two of them, merges in steps of three."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "BLOCK_BYTES", 60)
        patch.setattr(writer, "WRITE_BYTES", 150)
        patch.setattr(writer, "BLOCKS_PER_FILTER", 2)
        patch.setattr(table, "BLOCKS_PER_FILTER", 2)
        patch.setattr(compaction, "TABLE_ENTRIES_LEAST", 1)
        patch.setattr(tree, "STEP_ENTRIES", 3)
        patch.setattr(tree, "PACE", 2)
        yield
