"""Repositories on the hub: asked of a server of the tests that speaks its protocol, by a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("huggingface_hub")
pytest.importorskip("platformdirs")

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "hf_canary0f3a9c"  # noqa: S105 - looked for in everything that is said
OLD, NEW = "0" * 39 + "1", "0" * 39 + "2"
FILES = {
    "config.json": b'{"model_type": "vit"}',
    "preprocessor_config.json": b"{}",
    "model.safetensors": b"weights",
    "pytorch_model.bin": b"pickle",
    "modeling_evil.py": b"raise SystemExit",
    "onnx/model.json": b"{}",
}

ASK = """
import json, sys
from pathlib import Path
from fer_audit.errors import FerAuditError
from fer_audit.models.huggingface.checkpoints import PROCESSOR, find_checkpoint

said = {}
for name in sys.argv[1:]:
    found = find_checkpoint(name, Path("/"), model="mine", extra="huggingface", needs=(PROCESSOR,))
    try:
        weights, folder = found.describe()["weights"], found.folder()
        said[name] = [weights, *sorted(path.name for path in folder.rglob("*"))]
    except FerAuditError as error:
        said[name] = [type(error).__name__, str(error)]
print(json.dumps(said))
"""


class Hub(ThreadingHTTPServer):
    """The server, what its main branch points to, and what was asked of it."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        self.newest = OLD
        self.asked: list[str] = []


class Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        path = self.path.partition("?")[0].strip("/").removeprefix("api/models/")
        self.server.asked.append(path)
        owner, name, what, revision, *rest = [*path.split("/"), "", "", ""]
        commit = {"main": self.server.newest}.get(revision, revision)
        if owner == "gated":
            self.reply(401 if name == "unknown" else 403, error="GatedRepo")
        elif owner != "acme":
            self.reply(401, error="RepoNotFound")
        elif commit not in (OLD, NEW):
            self.reply(404, error="RevisionNotFound")
        elif what == "resolve":
            self.file(name, "/".join(rest).strip("/"), commit)
        elif what == "tree":
            self.reply(200, json.dumps(tree(name)).encode(), kind="application/json")
        else:
            info = {"id": f"{owner}/{name}", "sha": commit, "siblings": []}
            self.reply(200, json.dumps(info).encode(), kind="application/json")

    do_HEAD = do_GET  # noqa: N815 - the name is http.server's

    def file(self, name: str, path: str, commit: str) -> None:
        if path not in FILES or (name, path) == ("bare", "config.json"):
            self.reply(404, error="EntryNotFound")
        else:
            self.reply(200, FILES[path], commit=commit)

    def reply(
        self,
        status: int,
        content: bytes = b"",
        *,
        error: str = "",
        commit: str = "",
        kind: str = "application/octet-stream",
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Type", kind)
        if commit:
            self.send_header("X-Repo-Commit", commit)
            self.send_header("ETag", f'"{sha256(content).hexdigest()}"')
        if error:
            self.send_header("X-Error-Code", error)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing is written to the terminal."""


def tree(name: str) -> list[dict[str, object]]:
    """What the hub says of the files of a repository."""
    return [
        {"type": "file", "path": path, "size": len(content), "oid": "0" * 40}
        for path, content in FILES.items()
        if not (name == "pickled" and path.endswith(".safetensors"))
    ]


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    with Hub() as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@dataclass(frozen=True)
class Asker:
    """A user who has a cache, and asks in a new process each time."""

    hub: Hub
    home: Path

    def __call__(self, *names: str, **environment: str) -> dict[str, list[str]]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING"))}
        ended = subprocess.run(
            [sys.executable, "-c", ASK, *names],
            env={
                **kept,
                "HF_ENDPOINT": self.hub.address,
                "HF_HOME": str(self.home),
                "HF_TOKEN": TOKEN,
                "HF_HUB_DISABLE_XET": "1",
                "NO_PROXY": "127.0.0.1",
                **environment,
            },
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        # Neither a progress bar nor a warning, and nowhere the key.
        assert ended.stderr == ""
        assert TOKEN not in ended.stdout
        said: dict[str, list[str]] = json.loads(ended.stdout)
        return said


@pytest.fixture
def ask(hub: Hub, tmp_path: Path) -> Asker:
    hub.newest = OLD
    hub.asked.clear()
    return Asker(hub, tmp_path / "home")


def test_safetensors_and_settings_are_fetched_and_neither_pickle_nor_code(ask: Asker, hub: Hub) -> None:
    (found,) = ask("acme/whole").values()
    assert found == [f"acme/whole@{OLD}", "config.json", "model.safetensors", "preprocessor_config.json"]
    assert not [path for path in hub.asked if path.endswith((".bin", ".py", "onnx/model.json"))]


def test_what_is_in_the_cache_stays_what_is_meant_and_needs_no_hub(ask: Asker, hub: Hub) -> None:
    first = ask("acme/whole")
    hub.newest = NEW
    hub.asked.clear()
    assert ask("acme/whole") == first
    assert not [path for path in hub.asked if path.startswith("acme")]
    assert ask("acme/whole", HF_HUB_OFFLINE="1") == first
    (newer,) = ask(f"acme/whole@{NEW}").values()
    assert newer[0] == f"acme/whole@{NEW}"


def test_a_download_that_was_cut_is_taken_up_again(ask: Asker) -> None:
    (first,) = ask("acme/whole").values()
    (weights,) = ask.home.rglob("model.safetensors")
    weights.unlink()
    (again,) = ask("acme/whole").values()
    assert again == first


def test_each_fault_of_a_repository_has_its_message(ask: Asker) -> None:
    said = ask("gated/unknown", "gated/known", "nobody/nothing", "acme/whole@v9", "acme/bare", "a/b/c")
    assert {name: kind for name, (kind, _) in said.items()} == dict.fromkeys(said, "ConfigurationError")
    told = {name: message for name, (_, message) in said.items()}
    licence = (
        "is given only to those who accepted its licence; accept it on its page on the hub, then put a token of "
        "that account into HF_TOKEN"
    )
    assert told == {
        "gated/unknown": f"model 'mine': gated/unknown {licence}",
        "gated/known": f"model 'mine': gated/known {licence}",
        "nobody/nothing": "model 'mine': there is no folder 'nobody/nothing', and the hub has no repository of "
        "that name (or a private one, for which HF_TOKEN is needed); check the name or the path",
        "acme/whole@v9": "model 'mine': acme/whole has no revision 'v9'; name a commit, a tag or a branch of it",
        "acme/bare": "model 'mine': acme/bare has no config.json, so it is no checkpoint of transformers; name "
        "one that is",
        "a/b/c": "model 'mine': 'a/b/c' is neither a folder nor a name on the hub; write OWNER/NAME, "
        "OWNER/NAME@REVISION or the path of a folder",
    }


def test_a_repository_of_pickles_is_refused(ask: Asker) -> None:
    assert ask("acme/pickled")["acme/pickled"] == [
        "ModelError",
        "model 'mine': checkpoint acme/pickled cannot be used: it has no model.safetensors; give a checkpoint "
        "of safetensors",
    ]


def test_a_hub_that_may_not_be_asked(ask: Asker) -> None:
    (kind, message) = ask("acme/whole@main", HF_HUB_OFFLINE="1")["acme/whole@main"]
    assert kind == "ModelError"
    assert message == (
        "model 'mine': acme/whole is not in the cache of the hub, and the hub cannot be reached "
        "(OfflineModeIsEnabled); where it can be, run hf download acme/whole --revision main, and set HF_HOME "
        "to where that keeps it, or give the path of a folder"
    )
