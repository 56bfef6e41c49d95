"""Programs of tests that Ctrl-C ends, wherever the tests themselves are run."""

from __future__ import annotations

INTERRUPTIBLE = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
"""Goes before a program's code: what a shell starts in the background ignores Ctrl-C, and hands that on."""
