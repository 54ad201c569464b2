"""The Bloom filter: "certainly not", or "probably", from ten bits a key.

Page: docs/chapters/bloom.md
"""

from chapters.bloom.errors import BadRate, DamagedFilter
from chapters.bloom.filter import Bloom
from chapters.bloom.sizing import bits_for, false_positive_rate, hashes_for

__all__ = ["Bloom", "bits_for", "hashes_for", "false_positive_rate", "DamagedFilter", "BadRate"]
