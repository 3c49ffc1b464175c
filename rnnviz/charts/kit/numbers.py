"""Expressions that write a number as `words.numbers` does, text for text: its rules stand there."""

from __future__ import annotations

from rnnviz.words.numbers import DIGITS, INFINITE, NOT_A_NUMBER, PLAIN, RAISED


def size(value: str, digits: int = DIGITS, *, plus: bool = False) -> str:
    """A number of any size."""
    scientific = f"format({value}, '.{digits - 1}~e')"
    plain = f"format({value}, abs({value}) < {10 ** (digits - 1)} ? ',.{digits}~r' : ',.0f')"
    within = f"inrange(toNumber(format(abs({value}), '.{digits - 1}e')), [{10.0 ** PLAIN[0]}, {10 ** PLAIN[1] - 1e-3}])"
    power = f"replace(split({scientific}, 'e')[1], '+', '')"
    for digit, letter in RAISED.items():
        power = f"replace({power}, regexp('{digit}', 'g'), '{letter}')"
    by_power = f"replace(split({scientific}, 'e')[0] + '·10', regexp('^(−?)1·'), '$1') + {power}"
    special = _special(f"format({value}, 'f')")
    number = f"(!isFinite({value}) ? {special} : {value} == 0 || {within} ? {plain} : {by_power})"
    return f"(({value} > 0 ? '+' : '') + {number})" if plus else number


def fixed(value: str, decimals: int = 2, *, plus: bool = False) -> str:
    """A number with that many decimals."""
    if not plus:
        return _special(f"format({value}, ',.{decimals}f')")
    return _special(f"replace(format({value}, '+,.{decimals}f'), regexp('^[+−](0[.]?0*|NaN)$'), '$1')")


def percent(share: str, decimals: int = 0) -> str:
    """A share of 1, which is nothing or all only where it is exactly that."""
    least = 10.0**-decimals
    sign, hundredths = f"({share} < 0 ? '−' : '')", f"100*abs({share})"
    next_to_none = f"{sign} + '<{least:.{decimals}f}%'"
    next_to_all = f"{sign} + '>{100 - least:.{decimals}f}%'"
    number = _special(f"format(100*({share}), ',.{decimals}f') + '%'")
    whole = f"replace({number}, '{NOT_A_NUMBER}%', '{NOT_A_NUMBER}')"
    return (
        f"({share} != 0 && {hundredths} < {least / 2} ? {next_to_none}"
        f" : {hundredths} >= {100 - least / 2} && {hundredths} < 100 ? {next_to_all} : {whole})"
    )


def count(value: str) -> str:
    """A whole number."""
    return fixed(value, 0)


def _special(text: str) -> str:
    return f"replace({text}, 'Infinity', '{INFINITE}')"
