"""How unlike the judges are in steadiness, read from the marks themselves.

Where all judges are alike, telling them apart only adds noise: then nobody's marks should count more than another's.
Where some are careless, a committee-wide noise would let them spoil the rest. So the noise variances are taken to
scatter around a centre like scaled inverse chi-squares with `prior` degrees of freedom, and both numbers are averaged
over a grid by how well they explain the judges' squared residuals (Student's marginal likelihood, closed form).
"""

import numpy as np
from scipy.special import gammaln

from .evidence import believed
from .marks import Floats

_PRIORS = np.array([3.0, 5.0, 9.0, 18.0, 40.0, 100.0, 300.0])
_CENTRES = np.array([0.3, 0.45, 0.6, 0.75, 0.9, 1.05])


def steadied(squares: Floats, free: Floats, noise: float) -> Floats:
    """Return every judge's noise variance, from the sum of squares, its degrees of freedom and the pooled variance."""
    likelihood = _likelihood(squares, free, noise)
    share = np.exp(likelihood - likelihood.max())
    share /= share.sum()
    strength = float(np.exp(share.sum(axis=1) @ np.log(_PRIORS)))
    centre = float(np.exp(share.sum(axis=0) @ np.log(_CENTRES))) * noise
    steady: Floats = (strength * centre + squares) / (strength + free)
    return steady


def of_steadiness(doubt: float, squares: Floats, free: Floats, noise: float) -> float:
    """Return how far unlike steadiness is believed, against judges who all have the pooled variance."""
    equal = -0.5 * float(free.sum() * np.log(2.0 * noise) + squares.sum() / noise)
    return believed(doubt, _likelihood(squares, free, noise), equal)


def _likelihood(squares: Floats, free: Floats, noise: float) -> Floats:
    """Return the log likelihood of the judges' sums of squares, shape (priors, centres)."""
    prior = _PRIORS[:, None, None]
    scaled = _PRIORS[:, None, None] * _CENTRES[:, None] * noise
    likelihood: Floats = (
        0.5 * prior * np.log(scaled)
        + gammaln(0.5 * (prior + free))
        - gammaln(0.5 * prior)
        - 0.5 * (prior + free) * np.log(scaled + squares)
    ).sum(axis=2)
    return likelihood
