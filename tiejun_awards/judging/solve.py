"""The linear heart of the fit: severities of the judges and levels of the subjects for given weights.

Every sheet says  y = spread*level + severity + noise  with precision c. A level is expected at
middle + d * (mean severity of the subject's judges), with precision p; a severity at 0. Setting the derivatives of
the sum of squares to zero gives

    [ diag(D)   C                ] (level   )   (r)      C = c*spread - p*d/n, one entry a sheet
    [ C'        diag(E) + p d²M'M] (severity) = (q)      M = 1/n, the mean over the n sheets of a subject

Taking the levels out leaves the judges' matrix  S = diag(E) + p d² M'M - C' D⁻¹ C,  as large as there are judges.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from .layout import Layout
from .marks import Floats

DENSE_CELLS = 1 << 16
"""Up to this many subject x judge cells (and 256 judges) S is written out; above, conjugate gradients."""


@dataclass(frozen=True, slots=True)
class Equations:
    """The conditions above: C by sheet, D by subject, E by judge, p*d² as `tie`."""

    layout: Layout
    cross: Floats
    subject_precision: Floats
    judge_precision: Floats
    tie: float

    def diagonal(self) -> Floats:
        """Return the diagonal of S, by judge."""
        layout = self.layout
        own = self.tie * layout.share**2 - self.cross**2 / self.subject_precision[layout.subject]
        return self.judge_precision + layout.by_judge(own)

    def times(self, severity: Floats) -> Floats:
        """Return S @ severity without writing S out."""
        layout = self.layout
        told = severity[layout.judge]
        back = self.cross * self.levels(told)[layout.subject]
        if self.tie:
            back += self.tie * layout.share * layout.by_subject(told * layout.share)[layout.subject]
        return self.judge_precision * severity + layout.by_judge(back)

    def levels(self, told: Floats) -> Floats:
        """Return -D⁻¹ C times a severity given by sheet: how the levels answer to the severities."""
        return -self.layout.by_subject(self.cross * told) / self.subject_precision

    def table(self, values: Floats) -> sparse.csr_array:
        """Return a value of every sheet as a sparse table, shape (subjects, judges)."""
        layout = self.layout
        ends = np.append(layout.first, layout.subject.size)
        return sparse.csr_array((values, layout.judge, ends), shape=(layout.subjects, layout.judges))

    def matrix(self) -> Floats:
        """Return S, shape (judges, judges)."""
        layout = self.layout
        cross, mean = np.zeros((2, layout.subjects, layout.judges))
        cross[layout.subject, layout.judge] = self.cross
        matrix = -(cross.T @ (cross / self.subject_precision[:, None]))
        if self.tie:
            mean[layout.subject, layout.judge] = layout.share
            matrix += self.tie * (mean.T @ mean)
        matrix[np.diag_indices_from(matrix)] += self.judge_precision
        return matrix


def is_small(layout: Layout) -> bool:
    """Tell whether S is written out in every pass."""
    return layout.judges <= 256 and layout.judges * layout.subjects <= DENSE_CELLS


def conjugate_gradients(
    equations: Equations, right: Floats, start: Floats, *, scale: Floats, tolerance: float
) -> Floats:
    """Solve S x = right from `start` until no entry moves by `tolerance` (points); `scale` is one over S's diagonal."""
    x = start.copy()
    residual = right - equations.times(x)
    step = scale * residual
    direction = step.copy()
    energy = float(residual @ step)
    for _ in range(200):
        if energy <= 0.0 or float(np.abs(step).max()) < tolerance:
            break
        image = equations.times(direction)
        length = energy / float(direction @ image)
        x += length * direction
        residual -= length * image
        step = scale * residual
        energy, before = float(residual @ step), energy
        direction *= energy / before
        direction += step
    return x
