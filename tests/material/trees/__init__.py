"""Test trees: for each set a copy with its real names and counts, filled with rendered faces.

Nothing here is shared with the loaders: names and counts are transcribed into ``lists/``, and what is written
is counted as it is written. What is published nowhere (which pictures are missing, how many women a group
has) is chosen, and the list or the function that chooses says so.
"""

from __future__ import annotations

from trees.garden import Garden, tended
from trees.ground import Tree
from trees.growing import TREES, grow

__all__ = ["TREES", "Garden", "Tree", "grow", "tended"]
