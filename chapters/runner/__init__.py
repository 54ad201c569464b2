"""The machinery of the course: catalogue, starters, overlay, checks, boxes, progress, grading."""
