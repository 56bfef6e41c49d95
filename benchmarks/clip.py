"""Asking CLIP about photographs of 2444 x 1718 pixels, against the loop of open_clip's own README.

Run it by itself: `python benchmarks/clip.py [--images 256] [--architecture ViT-B-32] [--device cpu]`. Needs
the extra `clip`; the weights are drawn, since time does not depend on them. It prints one line a peer: name,
ours, peer, ratio, target; then the same for a run that finds all answers stored, and for one that asks in
other words and finds all vectors stored; the memory at its peak with all pictures and with half of them; and
the throughput of embedding as a share of the bare forward pass on the device.

Each side runs in a process of its own, after some small pictures have made it load what it needs; loading the
net counts for neither. Times are processor time of all threads, of the share wall time. A share says little
on a device that waits for pictures: a fast card needs many cores to prepare them, or a larger architecture.
Memory does not grow beyond two batches of 64 pictures: one that is asked, one that is decoded ahead.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
from measuring import Figure
from PIL import Image

from fer_audit.catalog import Catalog
from fer_audit.datasets import manifest_dataset
from fer_audit.inference import Asking, gather
from fer_audit.models import choose_model
from fer_audit.models.torch_runtime.vision import import_with_torchvision
from fer_audit.pixels import decode
from fer_audit.records import VectorReader
from fer_audit.store import PredictionStore

if TYPE_CHECKING:
    from collections.abc import Mapping

SIZE = (2444, 1718)
LABELS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
NET = "net"
PROCESS = Path("/proc/self")
AGREEMENT = 0.99
"""Cosine that vectors of both sides must reach: decoding at a smaller scale and bf16 cost less than that."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one process took: processor seconds of each run, and MiB that the first had at its peak."""

    seconds: list[float]
    peak: float
    vectors: list[list[float]]


def write_net(folder: Path, config: Mapping[str, Any]) -> None:
    """A net with drawn weights, as open_clip saves one."""
    open_clip = import_with_torchvision("open_clip", extra="clip", model="clip")
    from safetensors.torch import save_file  # noqa: PLC0415 - part of the extra

    folder.mkdir()
    save_file(open_clip.CLIP(**config).state_dict(), folder / "open_clip_model.safetensors")
    content = {"model_cfg": dict(config), "preprocess_cfg": {}}
    (folder / "open_clip_config.json").write_text(json.dumps(content))


def write_pictures(folder: Path, images: int, size: tuple[int, int]) -> Path:
    """Photographs, as far as a decoder is concerned: soft shapes under some grain; and their manifest."""
    generator = np.random.default_rng(0)
    folder.mkdir()
    grain = generator.normal(0, 3, (size[1], size[0], 3))
    rows = ["image,identity,expression,gender"]
    for number in range(images):
        coarse = Image.fromarray(generator.integers(0, 256, (12, 16, 3)).astype(np.uint8))
        soft = np.asarray(coarse.resize(size, Image.Resampling.BICUBIC))
        pixels = np.clip(soft + np.roll(grain, 97 * number, axis=1), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:05d}.jpg", quality=92)
        rows.append(f"{number:05d}.jpg,p{number // 7},{LABELS[number % 7]},{'fm'[number // 7 % 2]}")
    (folder / "people.csv").write_text("\n".join(rows) + "\n")
    return folder / "people.csv"


def ours(small: Path, manifest: Path) -> Taken:
    """Gathering from nothing, then with all answers stored, then in other words with all vectors stored."""
    root = manifest.parent.parent
    spec = choose_model(f"clip:local-dir:{NET}", Catalog("model"), root=root)
    loaded = spec.load(LABELS)
    spec = replace(spec, load=lambda _: loaded)
    with tempfile.TemporaryDirectory() as folder:
        gather(
            spec, manifest_dataset(small), PredictionStore(Path(folder) / "small"), asking=Asking(prompts=2)
        )
        store = PredictionStore(Path(folder) / "store")
        seconds = []
        peak = 0.0
        for asking in (Asking(), Asking(), Asking(prompts=2)):
            forget_peak()
            start = time.process_time()
            gather(spec, manifest_dataset(manifest), store, asking=asking)
            seconds.append(time.process_time() - start)
            peak = peak or peak_memory()
        store.close()
    if not isinstance(loaded, VectorReader):
        raise SystemExit("what was loaded reads no vectors")
    first = [
        decode(path.read_bytes(), name=path.name, smallest_side=spec.smallest_side)
        for path in sorted(manifest.parent.glob("*.jpg"))[:4]
    ]
    return Taken(seconds, peak, loaded.embed(first).tolist())


def naive(small: Path, manifest: Path, batch: int = 1) -> Taken:
    """The loop of open_clip's README: open, preprocess, encode, compare with the texts."""
    open_clip = import_with_torchvision("open_clip", extra="clip", model="clip")
    import torch  # noqa: PLC0415 - part of the extra

    name = f"local-dir:{manifest.parent.parent / NET}"
    model, _, preprocess = open_clip.create_model_and_transforms(name)
    model.eval()
    with torch.no_grad():
        texts = model.encode_text(open_clip.get_tokenizer(name)([f"a photo of {label}" for label in LABELS]))
        texts /= texts.norm(dim=-1, keepdim=True)

    def run(folder: Path) -> list[list[float]]:
        paths, found = sorted(folder.glob("*.jpg")), []
        for start in range(0, len(paths), batch):
            images = torch.stack([preprocess(Image.open(path)) for path in paths[start : start + batch]])
            with torch.no_grad():
                features = model.encode_image(images)
                features /= features.norm(dim=-1, keepdim=True)
                (100.0 * features @ texts.T).softmax(dim=-1)
            found += features.tolist()
        return found

    run(small.parent)
    start = time.process_time()
    vectors = run(manifest.parent)
    return Taken([time.process_time() - start], peak_memory(), vectors[:4])


def share(small: Path, manifest: Path) -> Taken:
    """Wall seconds of embedding pictures that are decoded, and of the bare forward pass on as many."""
    del small
    from fer_audit.models.clip.zero_shot import ZeroShot  # noqa: PLC0415 - imports torch
    from fer_audit.models.torch_runtime import TorchRuntime  # noqa: PLC0415

    spec = choose_model(f"clip:local-dir:{NET}", Catalog("model"), root=manifest.parent.parent)
    loaded = spec.load(LABELS)
    if not isinstance(loaded, ZeroShot):
        raise SystemExit("what was loaded is no zero-shot recognizer")
    import torch  # noqa: PLC0415

    images = [
        decode(path.read_bytes(), name=path.name, smallest_side=spec.smallest_side)
        for path in sorted(manifest.parent.glob("*.jpg"))
    ]
    started = TorchRuntime("clip", "clip").start()
    embedder: Any = loaded._embedder  # noqa: SLF001 - the bare net is not for users
    prepared = torch.stack([embedder._preprocess(image) for image in images])  # noqa: SLF001
    size = 256 if started.device.type == "cuda" else 32
    batches = [
        prepared[at : at + size].to(started.device, started.dtype) for at in range(0, len(prepared), size)
    ]
    ours, bare = [], []
    with torch.inference_mode():
        for _ in range(4):
            start = time.perf_counter()
            loaded.embed(images)
            middle = time.perf_counter()
            for one in batches:
                embedder._net.encode_image(one).cpu()  # noqa: SLF001
            ours.append(middle - start)
            bare.append(time.perf_counter() - middle)
    return Taken([median(ours[1:]), median(bare[1:])], peak_memory(), [])


def in_batches(small: Path, manifest: Path) -> Taken:
    """The same loop, 32 pictures at a time."""
    return naive(small, manifest, 32)


SIDES = {"ours": ours, "naive": naive, "batches": in_batches, "share": share}


def forget_peak() -> None:
    """Start measuring the peak anew, where the system can: loading a net takes more than using it."""
    if PROCESS.exists():
        (PROCESS / "clear_refs").write_text("5")


def peak_memory() -> float:
    """MiB that this process had at its peak."""
    if PROCESS.exists():
        lines = (PROCESS / "status").read_text().splitlines()
        (line,) = (line for line in lines if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def run(side: str, small: Path, manifest: Path) -> Taken:
    """One side in a process of its own."""
    command = [sys.executable, __file__, "--side", side, str(small), str(manifest)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Taken(**json.loads(done.stdout.splitlines()[-1]))


def measure(
    images: int, runs: int, config: Mapping[str, Any], size: tuple[int, int] = SIZE
) -> tuple[list[Figure], list[float], float]:
    """Figures of time; MiB at the peak with half of the pictures and with all; the share."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ.setdefault("FER_AUDIT_CACHE", str(folder / "cache"))
        write_net(folder / NET, config)
        small = write_pictures(folder / "small", 2, (64, 48))
        half = write_pictures(folder / "half", images // 2, size)
        whole = write_pictures(folder / "whole", images, size)
        found: dict[str, list[Taken]] = {side: [] for side in ("ours", "naive", "batches")}
        for _ in range(runs):
            for side, taken in found.items():
                taken.append(run(side, small, whole))
        few = run("ours", small, half).peak
        embedded = run("share", small, half)
    for peer in ("naive", "batches"):
        cosines = (np.array(found["ours"][0].vectors) * np.array(found[peer][0].vectors)).sum(axis=1)
        np.testing.assert_array_less(AGREEMENT, cosines)
    first, again, words = (median(one.seconds[part] for one in found["ours"]) / images for part in range(3))
    loop, batches = (median(one.seconds[0] for one in found[side]) / images for side in ("naive", "batches"))
    figures = [
        Figure("CLIP, an image", first, "open_clip's loop", loop, ">= 3"),
        Figure("CLIP, an image", first, "the loop in batches of 32", batches, ">= 3"),
        Figure("CLIP, an image, answers stored", again, "open_clip's loop", loop, ">= 50"),
        Figure("CLIP, an image, other words, vectors stored", words, "open_clip's loop", loop, ">= 50"),
    ]
    peaks = [few, median(one.peak for one in found["ours"])]
    return figures, peaks, embedded.seconds[1] / embedded.seconds[0]


def main() -> None:
    """Measure and print; or be one side."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=256)
    parser.add_argument("--architecture", default="ViT-B-32")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--side", choices=SIDES)
    parser.add_argument("paths", nargs="*", type=Path)
    given = parser.parse_args()
    if given.side:
        print(json.dumps(asdict(SIDES[given.side](*given.paths))))
        return
    os.environ["FER_AUDIT_DEVICE"] = given.device
    open_clip = import_with_torchvision("open_clip", extra="clip", model="clip")
    config = open_clip.get_model_config(given.architecture)
    figures, peaks, bare = measure(given.images, 1, config)
    for figure in figures:
        print(figure)
    few, many = (f"{peak:.0f} MiB" for peak in peaks)
    print(f"peak memory of asking  {many}, of half the pictures {few}  target flat")
    print(f"embedding on {given.device}  {bare:.0%} of the bare forward pass  target >= 90 %")


if __name__ == "__main__":
    main()
