"""Names of control factors as a criterion takes them."""

from __future__ import annotations

from fer_audit.errors import ConfigurationError

__all__ = ["factor_names", "spell_given"]


def factor_names(criterion: str, given: str | tuple[str, ...]) -> tuple[str, ...]:
    """Names of control factors; a lone string is one name.

    Args:
        criterion: name of the criterion, for messages.
        given: as written.

    Raises:
        ConfigurationError: a name twice, or an empty one.

    >>> factor_names("Gap", "light")
    ('light',)
    """
    names = (given,) if isinstance(given, str) else tuple(given)
    if not all(names):
        raise ConfigurationError(
            f"{criterion}(given={given!r}) names no control factor; give names of attributes or covariates, "
            "e.g. given='light'"
        )
    if len(set(names)) < len(names):
        raise ConfigurationError(f"{criterion}(given={given!r}) names a factor twice; name each once")
    return names


def spell_given(given: str | tuple[str, ...]) -> str:
    """The end of a criterion's repr; nothing where nothing is held fixed.

    >>> spell_given(("light",)), spell_given(("light", "age")), spell_given(())
    (", given='light'", ", given=('light', 'age')", '')
    """
    if not given:
        return ""
    return f", given={given[0]!r}" if len(given) == 1 else f", given={given!r}"
