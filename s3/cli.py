"""The store's own commands: `kit s3 …`, a client for this store and any other that speaks S3.

Page: docs/s3/client.md
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from chapters.commands.screen import progress, say_json
from chapters.errors import UsageError

if TYPE_CHECKING:
    from s3.client.app import Client
    from s3.client.carrying import Errand
    from s3.client.places import Anywhere

app = typer.Typer(no_args_is_help=True, help="Buckets and objects from the command line.")

MIB = 1024 * 1024
EXPIRES_S = 3600

Where = Annotated[str, typer.Argument(metavar="s3://BUCKET/KEY", show_default=False)]
Source = Annotated[
    str, typer.Argument(metavar="SOURCE", help="A file or folder here, or s3://bucket/key.")
]
Target = Annotated[
    str, typer.Argument(metavar="TARGET", help="Likewise; one of the two is in the store.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Recursive = Annotated[
    bool, typer.Option("--recursive", "-r", help="Everything below the folder or prefix.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]


@app.callback()
def options(
    ctx: typer.Context,
    endpoint: Annotated[
        str, typer.Option(envvar="KIT_S3_ENDPOINT", help="Where the store answers.")
    ] = "",
    access_key: Annotated[str, typer.Option(envvar="AWS_ACCESS_KEY_ID", show_default=False)] = "",
    secret_key: Annotated[
        str, typer.Option(envvar="AWS_SECRET_ACCESS_KEY", show_default=False)
    ] = "",
    region: Annotated[str, typer.Option(envvar="AWS_REGION", show_default=False)] = "",
) -> None:
    """Buckets and objects from the command line; without keys, those of the local server."""
    from dataclasses import replace

    from s3.client.wire import Endpoint

    told = {"url": endpoint, "access_key": access_key, "secret_key": secret_key, "region": region}
    known = Endpoint.from_environment()
    ctx.obj = replace(known, **{name: value for name, value in told.items() if value})


@app.command(epilog="Example: kit s3 mb s3://photos")
def mb(ctx: typer.Context, bucket: Where) -> None:
    """Make a bucket."""
    with _client(ctx) as client:
        client.store.make_bucket(_bucket(bucket))


@app.command(epilog="Example: kit s3 rb s3://photos --force")
def rb(
    ctx: typer.Context,
    bucket: Where,
    force: Annotated[bool, typer.Option("--force", help="Delete its objects first.")] = False,
) -> None:
    """Remove a bucket."""
    name = _bucket(bucket)
    with _client(ctx) as client:
        if force:
            _remove_below(client, bucket)
        client.store.remove_bucket(name)


@app.command(epilog="Examples: kit s3 ls · kit s3 ls -l s3://photos/2026/")
def ls(
    ctx: typer.Context,
    place: Annotated[str, typer.Argument(metavar="[s3://BUCKET/PREFIX]", show_default=False)] = "",
    long: Annotated[bool, typer.Option("-l", "--long", help="With date and size.")] = False,
    recursive: Recursive = False,
    as_json: Json = False,
) -> None:
    """List buckets, or what is in one."""
    from s3.client import listed
    from s3.client.places import Place
    from s3.client.store import Found

    with _client(ctx) as client:
        if place:
            where = Place.read(place)
            found = client.store.listing(where, "" if recursive else "/")
        else:
            found = (Found(name, 0, made_s) for name, made_s in client.store.buckets())
        if as_json:
            say_json([listed.facts(each) for each in found])
            return
        for each in found:
            typer.echo(listed.line(each, bool(place)) if long else each.key)


@app.command(
    epilog="Examples: kit s3 cp notes.txt s3://photos/ · kit s3 cp -r s3://photos/2026 here/"
)
def cp(
    ctx: typer.Context,
    source: Source,
    target: Target,
    recursive: Recursive = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Copy to the store, from it, or within it."""
    from s3.client import carrying
    from s3.client.places import anywhere

    here, there = anywhere(source), anywhere(target)
    with _client(ctx) as client:
        if recursive:
            carrying.must_exist(client, here)
            errands = carrying.errands(here, there, carrying.below(client, here))
        else:
            errands = [carrying.single(client, here, there)]
        _run(client, errands, [], there, dry_run, as_json)


@app.command(epilog="Examples: kit s3 sync site/ s3://www --delete · kit s3 sync s3://www copy/")
def sync(
    ctx: typer.Context,
    source: Source,
    target: Target,
    delete: Annotated[
        bool, typer.Option("--delete", help="Remove from the target what the source has not.")
    ] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Make a target like a source, copying what differs.

    By size and time, and by ETag where those leave a doubt.
    """
    from s3.client import carrying
    from s3.client.places import anywhere
    from s3.client.sync import plan

    here, there = anywhere(source), anywhere(target)
    with _client(ctx) as client:
        carrying.must_exist(client, here)
        equal = partial(carrying.is_equal, here, there)
        have = carrying.below(client, there)
        made = plan(carrying.below(client, here), have, is_equal=equal, with_removal=delete)
        errands = carrying.errands(here, there, made.carry)
        _run(client, errands, made.remove, there, dry_run, as_json)


@app.command(epilog="Examples: kit s3 rm s3://photos/a.jpg · kit s3 rm -r s3://photos/2025/")
def rm(
    ctx: typer.Context, place: Where, recursive: Recursive = False, dry_run: DryRun = False
) -> None:
    """Delete an object, or all below a prefix."""
    from s3.client.places import Place

    where = Place.read(place)
    with _client(ctx) as client:
        if recursive:
            _remove_below(client, place, dry_run)
            return
        if not where.key:
            raise UsageError(
                f"{where} is a bucket; kit s3 rb removes it, rm --recursive empties it"
            )
        if dry_run:
            typer.echo(f"would delete {where}")
            return
        client.store.delete(where)


@app.command(epilog="Example: kit s3 cat s3://photos/notes.txt | head")
def cat(ctx: typer.Context, place: Where) -> None:
    """Write an object to the standard output."""
    from s3.client.places import Place

    with _client(ctx) as client:
        for block in client.store.get(Place.read(place)):
            sys.stdout.buffer.write(block)
        sys.stdout.buffer.flush()


@app.command(epilog="Example: kit s3 presign s3://photos/a.jpg --expires 600")
def presign(
    ctx: typer.Context,
    place: Where,
    expires: Annotated[
        int, typer.Option(min=1, max=604_800, help="Seconds from now; a week at most.")
    ] = EXPIRES_S,
    method: Annotated[str, typer.Option(help="GET to read, PUT to write.")] = "GET",
    as_json: Json = False,
) -> None:
    """Print a URL that needs no keys to read, or write, one object."""
    from s3.client.places import Place

    with _client(ctx) as client:
        url = client.store.presigned(method.upper(), Place.read(place), expires)
    if as_json:
        say_json({"url": url, "method": method.upper(), "expires_s": expires})
    else:
        typer.echo(url)


def _client(ctx: typer.Context) -> "Client":
    from s3.client.app import Client
    from s3.client.wire import Endpoint

    known: Endpoint | None = ctx.find_object(Endpoint)
    return Client(known or Endpoint.from_environment())


def _bucket(text: str) -> str:
    """Return the bucket's name; s3:// may be left out. Raises `UsageError` for a key."""
    from s3.client.places import SCHEME, Place

    place = Place.read(text if text.startswith(SCHEME) else SCHEME + text)
    if place.key:
        raise UsageError(f"{place} names an object; a bucket is s3://{place.bucket}")
    return place.bucket


def _run(
    client: "Client",
    errands: "list[Errand]",
    names: list[str],
    there: "Anywhere",
    dry_run: bool,
    as_json: bool,
) -> None:
    """Do the errands and remove the names, or say what that would be; then report."""
    from s3.client import carrying
    from s3.client.listed import human

    if dry_run and not as_json:
        for errand in errands:
            typer.echo(f"would copy {errand.source} to {errand.target}")
        for name in names:
            typer.echo(f"would delete {carrying.at(there, name)}")
    if not dry_run:
        with _told(errands, as_json) as told:
            for _ in client.each(lambda errand: carrying.carry(client, errand, told), errands):
                pass
        carrying.remove(client, there, names)
    size = sum(errand.size_bytes for errand in errands)
    if as_json:
        report = {"copied": len(errands), "size_bytes": size, "deleted": len(names)}
        say_json(report | {"dry_run": dry_run})
    elif not dry_run:
        gone = f", {len(names):,} deleted" if names else ""
        typer.echo(f"{len(errands):,} copied, {human(size)}{gone}")


@contextmanager
def _told(errands: "list[Errand]", is_quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show a bar of MiB; give a function that hears of bytes, on any thread."""
    total = sum(errand.size_bytes for errand in errands)
    sent = [0]
    with progress("copying, MiB", -(-total // MIB), quiet=is_quiet) as bar:

        def told(size_bytes: int) -> None:
            sent[0] += size_bytes
            bar(done=sent[0] // MIB)

        yield told


def _remove_below(client: "Client", text: str, dry_run: bool = False) -> None:
    from s3.client.places import SCHEME, Place
    from s3.client.store import DELETE_MAX

    place = Place.read(text if text.startswith(SCHEME) else SCHEME + text)
    keys = [each.key for each in client.store.listing(place.folder())]
    if dry_run:
        for key in keys:
            typer.echo(f"would delete {Place(place.bucket, key)}")
        return
    with progress("deleting", len(keys)) as told:
        for start in range(0, len(keys), DELETE_MAX):
            client.store.delete_all(place.bucket, keys[start : start + DELETE_MAX])
            told(done=start)


@app.command(epilog="Example: kit s3 operations")
def operations() -> None:
    """List Amazon's operations, and what the store does with each.

    Each operation in botocore's model is asked of a store in this process.
    """
    from s3 import probe

    for line in probe.table(probe.in_simulation()):
        typer.echo(line)


@app.command(hidden=True)
def part(name: str) -> None:
    """Be a storage node or a metadata replica of `kit serve s3 --cluster`."""
    from s3.app import part as run

    run(name)
