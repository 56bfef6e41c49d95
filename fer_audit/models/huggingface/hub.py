"""Repositories of the Hugging Face hub: which commit is meant, and its files on this disk.

Only what a transformers checkpoint of safetensors needs is ever downloaded: no pickle, and no code.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fer_audit.errors import ConfigurationError, ModelError
from fer_audit.models.extras import import_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

__all__ = ["Repository"]

_COMMIT = re.compile(r"[0-9a-f]{40}")
_WANTED = ("*.json", "*.safetensors", "*.model", "*.txt")
_SUBFOLDERS = ("*/*",)


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository of models at one revision.

    Attributes:
        name: ``OWNER/NAME``.
        revision: a commit, a tag or a branch; empty for what is in the cache, else the newest of the main
            branch.
        model: short name of the model, for messages.
        extra: the extra that installs what reads it, for messages.
    """

    name: str
    revision: str
    model: str
    extra: str

    def commit(self) -> str:
        """The commit that is meant: a branch means what is in the cache of it, else what the hub says.

        Raises:
            ConfigurationError: the hub has no such repository or revision, or keeps it from this account.
            ModelError: the hub is needed and cannot be reached.
        """
        if _COMMIT.fullmatch(self.revision):
            return self.revision
        with self._hub() as hub:
            wanted = {"filename": "config.json", "revision": self.revision or None}
            try:
                found = hub.hf_hub_download(self.name, **wanted, local_files_only=True)
            except hub.errors.LocalEntryNotFoundError:
                found = hub.hf_hub_download(self.name, **wanted)
        return Path(found).parent.name

    def folder(self, is_complete: Callable[[Path], bool]) -> Path:
        """The folder with its files, downloaded where the cache lacks some.

        Args:
            is_complete: whether a folder holds all that is needed.

        Raises:
            ConfigurationError: the hub has no such repository or revision, or keeps it from this account.
            ModelError: the hub is needed and cannot be reached.
        """
        commit = self.commit()
        with self._hub() as hub:
            wanted = {"revision": commit, "allow_patterns": _WANTED, "ignore_patterns": _SUBFOLDERS}
            try:
                cached = Path(hub.snapshot_download(self.name, **wanted, local_files_only=True))
            except hub.errors.LocalEntryNotFoundError:
                pass
            else:
                if is_complete(cached):
                    return cached
            return Path(hub.snapshot_download(self.name, **wanted))

    @contextmanager
    def _hub(self) -> Iterator[ModuleType]:
        """The library of the hub, silent; its errors in words of our own, which repeat none of its own.

        Those hold addresses and request numbers, and could hold a token.
        """
        hub = import_extra("huggingface_hub", extra=self.extra, model=self.model)
        # The library gives its modules as attributes once they are imported.
        for module in ("errors", "utils", "constants"):
            import_extra(f"huggingface_hub.{module}", extra=self.extra, model=self.model)
        errors = hub.errors
        try:
            with _silent(hub):
                yield hub
        except errors.HFValidationError as error:
            raise ConfigurationError(
                f"model {self.model!r}: {self.name!r} is neither a folder nor a name on the hub; write "
                "OWNER/NAME, OWNER/NAME@REVISION or the path of a folder"
            ) from error
        except errors.GatedRepoError as error:
            raise ConfigurationError(
                f"model {self.model!r}: {self.name} is given only to those who accepted its licence; accept "
                "it on its page on the hub, then put a token of that account into HF_TOKEN"
            ) from error
        except errors.RepositoryNotFoundError as error:
            raise ConfigurationError(
                f"model {self.model!r}: there is no folder {self.name!r}, and the hub has no repository of "
                "that name (or a private one, for which HF_TOKEN is needed); check the name or the path"
            ) from error
        except errors.RevisionNotFoundError as error:
            raise ConfigurationError(
                f"model {self.model!r}: {self.name} has no revision {self.revision!r}; name a commit, a tag "
                "or a branch of it"
            ) from error
        except errors.RemoteEntryNotFoundError as error:
            raise ConfigurationError(
                f"model {self.model!r}: {self.name} has no config.json, so it is no checkpoint of "
                "transformers; name one that is"
            ) from error
        except (OSError, errors.HTTPError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise ModelError(
                    f"model {self.model!r}: {self.name} cannot be kept in the cache of the hub "
                    f"({error.strerror}); make room there, or set HF_HOME to a folder on another disk"
                ) from error
            revision = f" --revision {self.revision}" if self.revision else ""
            raise ModelError(
                f"model {self.model!r}: {self.name} is not in the cache of the hub, and the hub cannot be "
                f"reached ({type(error.__cause__ or error).__name__}); where it can be, run hf download "
                f"{self.name}{revision}, and set HF_HOME to where that keeps it, or give the path of a folder"
            ) from error


@contextmanager
def _silent(hub: ModuleType) -> Iterator[None]:
    """Neither progress bars nor warnings of the hub's library, which go to the terminal unasked."""
    tools = hub.utils
    verbosity = tools.logging.get_verbosity()
    # Where the environment demands bars they stay: the library warns when they are taken away.
    has_bars = not tools.are_progress_bars_disabled() and hub.constants.HF_HUB_DISABLE_PROGRESS_BARS is None
    tools.logging.set_verbosity(tools.logging.CRITICAL)
    if has_bars:
        tools.disable_progress_bars()
    try:
        yield
    finally:
        tools.logging.set_verbosity(verbosity)
        if has_bars:
            tools.enable_progress_bars()
