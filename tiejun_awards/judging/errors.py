"""The ways a table of marks can be unusable, each with a name of its own."""


class BadMarks(ValueError):
    """The marks handed in cannot be scored; the subclass says why."""


class NoMarks(BadMarks):
    """There is not a single mark (for instance because every judge was recused)."""


class UnequalColumns(BadMarks):
    """The four columns are not one-dimensional and of one length."""


class UnknownCode(BadMarks):
    """A judge, subject or indicator code is not a whole number inside its range."""


class MarkOutOfRange(BadMarks):
    """A mark is not a number, infinite, below zero, or above its indicator's maximum."""


class MarkedTwice(BadMarks):
    """One judge marked one indicator of one subject more than once."""


class BadMaxima(BadMarks):
    """The indicators' maxima are not finite positive numbers."""
