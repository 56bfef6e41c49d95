"""What the statistics assume, in one value that every verdict prints."""

from __future__ import annotations

from dataclasses import dataclass

from fer_audit.errors import ConfigurationError

__all__ = ["Settings"]

# A variance needs two people, and below four the t quantiles are so wide that nothing can be decided.
_FEWEST_PEOPLE = 4


@dataclass(frozen=True, slots=True)
class Settings:
    """The error rate and the assumptions behind PASS and FAIL; configuration, not constants.

    Attributes:
        alpha: error rate of one criterion: of FAIL over all its comparisons, of PASS for each.
        fail_floor: least correlation between images of one person that FAIL reckons with.
        pass_floor: the same for PASS; it assumes no more than this unless the data show more.
        least_people: people below which a slice, or a label in a slice, cannot be assessed.

    Raises:
        ConfigurationError: a value outside its range.

    >>> Settings().note
    'alpha 0.05; PASS assumes a between-person correlation of at most 0.2 unless the data show more, FAIL of \
at least 0.1; a slice or label needs 8 people'
    """

    alpha: float = 0.05
    fail_floor: float = 0.1
    pass_floor: float = 0.2
    least_people: int = 8

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 0.5:  # noqa: PLR2004 - beyond one half a bound lies on the wrong side
            raise ConfigurationError(f"alpha is {self.alpha}; it must lie between 0 and 0.5, e.g. 0.05")
        for name, floor in (("fail_floor", self.fail_floor), ("pass_floor", self.pass_floor)):
            if not 0 <= floor <= 1:
                raise ConfigurationError(f"{name} is {floor}; a correlation floor lies between 0 and 1")
        if self.least_people < _FEWEST_PEOPLE:
            raise ConfigurationError(
                f"least_people is {self.least_people}; fewer than {_FEWEST_PEOPLE} people carry no variance, "
                "use 8 or more"
            )

    @property
    def note(self) -> str:
        """The settings as one line of a report."""
        return (
            f"alpha {self.alpha:g}; PASS assumes a between-person correlation of at most {self.pass_floor:g} "
            f"unless the data show more, FAIL of at least {self.fail_floor:g}; "
            f"a slice or label needs {self.least_people} people"
        )
