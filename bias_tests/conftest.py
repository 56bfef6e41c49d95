"""What ``pytest bias_tests`` leaves out."""

from __future__ import annotations

# The suite of arXiv 2408.14842 asks about race and gender, which rendered faces do not have: a run that named
# no dataset with them would end in usage errors. Named itself, ``pytest bias_tests/paper``, it is collected.
collect_ignore = ["paper"]
