"""Points as whole hundredths: the one place where a number is rounded (half up, once, at the end)."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from numpy.typing import ArrayLike

from .marks import Floats, Ints

_DUST = 1e-6
"""Hundredths by which binary arithmetic may miss a decimal half; far below anything a mark can express."""


def hundredths(points: Floats) -> Ints:
    """Round measured points (floats) half up to hundredths. For exact values use the two functions below."""
    return np.floor(np.asarray(points, dtype=np.float64) * 100.0 + (0.5 + _DUST)).astype(np.int64)


def exact_hundredths(points: Decimal) -> int:
    """Round exact decimal points half up to hundredths: 89.995 is 9000, 89.994 is 8999."""
    return int((points * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def half_up(numerator: ArrayLike, denominator: ArrayLike) -> Ints:
    """Divide whole numbers exactly and round half up: the mean of sums of hundredths. Denominators are positive."""
    top, bottom = np.asarray(numerator, dtype=np.int64), np.asarray(denominator, dtype=np.int64)
    quotient: Ints = (2 * top + bottom) // (2 * bottom)
    return quotient
