"""How Amazon S3 works: an object store, from the first byte of a request to the nines."""
