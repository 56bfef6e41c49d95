"""Rendered heads: the one kind of picture in which a single thing changes at a time."""
