"""What a store as large as the big one takes: disks, machines, traffic, repair, money.

Inputs say where they are from; what nobody has published says *assumed*, and is there to be argued
with: `kit scale s3 --set object_bytes=4e6`. Page: docs/s3/capacity.md
"""

from chapters.measure.capacity import Input, Model, Step

INPUTS = (
    Input("objects", 350e12, "objects", "the article; AWS said as much in 2024"),
    Input("object_bytes", 1e6, "B/object", "assumed: makes 350 EB, and AWS says hundreds"),
    Input("request_rate", 100e6, "requests/s", "AWS, 2023: an average of over 100 million"),
    Input("peak_traffic", 1e15, "B/s", "the article: 1 PB/s at peak"),
    Input("cached_share", 0.9, "", "assumed: of peak requests, never reach a disk"),
    Input("overhead", 1.5, "", "4+2: six shards for four; kit run erasure"),
    Input("shards_read", 4, "", "of a stripe: to read it, or to rebuild a lost one"),
    Input("fill", 0.8, "", "assumed: the rest is room for repair and growth"),
    Input("disk_bytes", 24e12, "B/disk", "a large hard disk of 2024"),
    Input("disk_iops", 120, "requests/s/disk", "Warfield, FAST '23: flat for 20 years"),
    Input("disk_rate", 200e6, "B/s/disk", "assumed: in large reads, half of a data sheet's"),
    Input("disks_per_machine", 100, "disks/machine", "assumed; dense machines have so many"),
    Input("afr", 0.014, "1/year", "Backblaze, 2023: 1.40 % of disks die in a year"),
    Input("repair_time", 24, "h", "assumed: to make a dead disk's shards anew"),
    Input("record_bytes", 300, "B/object", "s3/records.py: a plain object's record"),
    Input("replicas", 3, "", "of the metadata; a Raft group"),
    Input("partition_objects", 1e8, "objects", "assumed: a range of keys that one group holds"),
    Input("yearly_loss", 1e-11, "1/year", "eleven nines, as Amazon designs for"),
    Input("disk_price", 300, "dollars/disk", "assumed: 12.5 dollars a TB"),
    Input("disk_life", 5, "year", "assumed"),
    Input("disk_power", 0.01, "kW/disk", "assumed: 7 W, and its share of machine and cooling"),
    Input("power_price", 0.08, "dollars/kW/h", "assumed"),
)

STEPS = (
    Step("payload", "objects * object_bytes", "EB"),
    Step("stored", "payload * overhead / fill", "EB", "what the disks must hold"),
    Step("disks_for_bytes", "ceil(stored / disk_bytes)", "disks"),
    Step(
        "disks_for_requests",
        "ceil(request_rate * shards_read * (1 - cached_share) / disk_iops)",
        "disks",
        "a stripe asks four disks at once",
    ),
    Step("disks_for_traffic", "ceil(peak_traffic * (1 - cached_share) / disk_rate)", "disks"),
    Step(
        "disks",
        "max(disks_for_bytes, disks_for_requests, disks_for_traffic)",
        "disks",
        "bytes decide; so the disks' motion is spare",
    ),
    Step("machines", "ceil(disks / disks_per_machine)", "machines"),
    Step("deaths", "disks * afr", "disks/day", "some die every hour, all day"),
    Step("being_repaired", "deaths * repair_time", "disks", "at any moment"),
    Step(
        "repair_traffic",
        "deaths * disk_bytes * fill * (shards_read + 1)",
        "GB/s",
        "four shards read and one written for each lost",
    ),
    Step("repair_each", "repair_traffic / disks", "kB/s/disk", "spread over all: nothing"),
    Step(
        "one_to_one",
        "disk_bytes * fill / disk_rate",
        "h",
        "rebuilt on one spare disk: its writing alone",
    ),
    Step("metadata", "objects * record_bytes * replicas", "PB"),
    Step("partitions", "ceil(objects / partition_objects)", "", "each a Raft group of its own"),
    Step("lost_a_year", "objects * yearly_loss", "objects/year", "eleven nines are not all nines"),
    Step("disk_cost", "disks * disk_price / disk_life", "dollars/month"),
    Step("power_cost", "disks * disk_power * power_price", "dollars/month"),
    Step(
        "cost_per_TB",
        "(disk_cost + power_cost) / payload",
        "dollars/TB/month",
        "disks and power alone; a list price is above 20",
    ),
)


def capacity() -> Model:
    """Return the arithmetic of an object store of 350 trillion objects."""
    return Model("An object store as large as S3", inputs=INPUTS, steps=STEPS)
