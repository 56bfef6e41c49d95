"""Sets that say who people are and not what they show: gender, race and age are what is recognised.

Each is three kinds of dataset, one a task, over the same pictures. What is not the label divides people into
groups, and so does the label itself where a test asks for it.
"""

from __future__ import annotations

from fer_audit.datasets.demographic.fairface import FAIRFACE, FAIRFACE_AGE, FAIRFACE_RACE
from fer_audit.datasets.demographic.utkface import UTKFACE, UTKFACE_AGE, UTKFACE_RACE

__all__ = ["FAIRFACE", "FAIRFACE_AGE", "FAIRFACE_RACE", "UTKFACE", "UTKFACE_AGE", "UTKFACE_RACE"]
