"""Where the bytes of objects live: extents on a disk, disks in nodes, and codes across nodes."""
