"""Runs as an audit hands them to the reports: small, plausible, built from numbers that a reader can check."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.predictions import Column, Predictions
from fer_audit.records import Provenance
from fer_audit.report.cells import CellTable
from fer_audit.results import (
    CellResult,
    Comparison,
    Fault,
    Outcome,
    Record,
    RunResult,
    Unassessable,
    Verdict,
)
