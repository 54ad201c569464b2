"""What Netflix's exercises check: each section's own stages, which stand beside its code.

Page: docs/netflix/index.md
"""

from chapters.checking import Stage
from netflix.abr import checks as abr
from netflix.cdn import checks as cdn
from netflix.control import checks as control
from netflix.encode import checks as encode
from netflix.events import checks as events
from netflix.package import checks as package

SECTIONS = (encode, package, cdn, abr, control, events)

STAGES: dict[str, list[Stage]] = {
    name: stages for section in SECTIONS for name, stages in section.STAGES.items()
}
