"""Rounds, medians and ratios: how two or more ways are compared fairly on a machine that is never quiet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Sample:
    """What one call took, on average over a round."""

    cpu: float
    """Seconds of processor time."""
    wall: float = 0.0
    """Seconds on the clock."""


@dataclass(frozen=True)
class Figure:
    """A measured value and the middle half of the rounds that it comes from."""

    value: float
    low: float
    high: float


def rounds(ways: Mapping[str, Callable[[], Sample]], count: int) -> dict[str, list[Sample]]:
    """Measure each way once a round, the ways in turns; each round begins with another one."""
    names = list(ways)
    samples: dict[str, list[Sample]] = {name: [] for name in names}
    for number in range(count):
        start = number % len(names)
        for name in names[start:] + names[:start]:
            samples[name].append(ways[name]())
    return samples


def ratio(subject: Sequence[float], base: Sequence[float]) -> Figure:
    """Return the ratio of the medians, with the quartiles of the ratios round by round."""
    low, high = _middle([ours / plain for ours, plain in zip(subject, base, strict=True)])
    return Figure(median(subject) / median(base), low, high)


def figure(values: Sequence[float]) -> Figure:
    """Return the median, with the quartiles."""
    return Figure(median(values), *_middle(values))


def _middle(values: Sequence[float]) -> tuple[float, float]:
    if len(values) == 1:
        return values[0], values[0]
    low, _, high = quantiles(values, n=4, method="inclusive")
    return low, high
