"""The prediction store: what a model answered is kept under what it was asked, and never asked again.

A folder with one SQLite file. Answers are JSON, each under a hash of the image and of everything else that it
depends on: a model, crop or label that changes makes another key, so nothing is ever out of date. Beside them
lie what was measured on pictures and the vectors of embedders, under hashes of the same kind, what was spent,
and which batches of questions are out. SQLite's write-ahead log lets several processes read and write at
once, and a killed process loses nothing that `put` returned from. The log needs shared memory: the folder
must be on a local disk, not on a network share.
"""

from __future__ import annotations

from fer_audit.store.batches import Batch, Batches
from fer_audit.store.keys import key
from fer_audit.store.prediction_store import PredictionStore
from fer_audit.store.spending import Spent

__all__ = ["Batch", "Batches", "PredictionStore", "Spent", "key"]
