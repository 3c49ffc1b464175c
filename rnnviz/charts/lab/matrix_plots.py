"""Under the maps of the whole matrix: the chosen chain, its factors, and which losses reach which state."""

from __future__ import annotations

from rnnviz.charts.kit import numbers, scale
from rnnviz.charts.kit.draw import Layer, dot, line_key, outline, rect, small, text
from rnnviz.charts.lab.matrix_places import AHEAD, BEHIND, DISTANCES, FACTORS, LEAST, MOST, NETS, PROFILE, at


def _profile() -> list[Layer]:
    """Back from the chosen loss: one line a network, over k."""
    part = "datum.n/max(1, T - 1)"
    return [
        PROFILE.title("replace(B.s_back, '{t}', '' + (t + 1))"),
        *PROFILE.decades(),
        *PROFILE.steps("T", "B.s_axis_k"),
        *(
            PROFILE.line(
                "t + 1",
                part,
                f"toNumber({at(str(n), 't', 'datum.n')})",
                stroke=f"{name}Colour",
                strokeWidth=f"net == {n} ? 3*z : 1.6*z",
            )
            for n, name in enumerate(NETS)
        ),
        dot(
            rows="sequence(t + 1)",
            let={"v": at("net", "t", "datum.k")},
            keep="datum.v == 'z'",
            x=PROFILE.x("datum.k/max(1, T - 1)"),
            y="prB",
            size="30*z",
            fill="zeroColour",
        ),
        PROFILE.upright(PROFILE.x("k/max(1, T - 1)"), stroke="now"),
        PROFILE.upright(PROFILE.x("t/max(1, T - 1)"), stroke="now", strokeDash=[4, 3]),
        # What a step multiplies by: the slope of a straight line from the loss to k.
        text(
            rows="sequence(3)",
            let={
                "log": at("datum.k", "t", "k"),
                "rate": "(toNumber(" + at("datum.k", "t", "t") + ") - toNumber(datum.log))/max(1, n)",
            },
            keep="isFinite(datum.rate) && n > 0",
            text=f"names[datum.k] + ' ' + replace(B.s_per_step, '{{x}}', {numbers.fixed('pow(10, -datum.rate)')})",
            x="(phone ? datum.k*width/3 : prL + datum.k*(prR - prL)/3)",
            y="prB + 30*z",
            align="'left'",
            fontSize="10.5*z",
            fill="nets[datum.k]",
            limit="(phone ? width : prR - prL)/3 - 4",
        ),
    ]


def _factors() -> list[Layer]:
    """One step's factors from t back to k+1, and what their product comes to."""
    part = "datum.n/max(1, T - 1)"

    def of(which: int, step: str = "datum.n") -> str:
        return f"(({step}) > k && ({step}) <= t ? toNumber(F[(net*3 + {which})*T + ({step})]) : NaN)"

    series = [
        ("longest", "positive", of(0), "2.4*z"),
        ("shortest", "hColour", of(1), "1.4*z"),
        ("slope", "soft", of(2), "1.4*z"),
    ]
    below = "faB + 30*z"
    return [
        FACTORS.title("replace(B.s_factors, '{net}', names[net])", fill="nets[net]"),
        *FACTORS.decades(LEAST, MOST, 1),
        *FACTORS.steps("T", "B.s_axis_t"),
        FACTORS.across(FACTORS.log_y("0", LEAST, MOST), stroke="soft"),
        FACTORS.across(
            FACTORS.log_y("toNumber(W[net])", LEAST, MOST), stroke="ink", strokeDash=list(BEHIND), strokeWidth=1.4
        ),
        *(
            FACTORS.line("T", part, value, LEAST, MOST, stroke=colour, strokeWidth=width)
            for _, colour, value, width in series
        ),
        *(
            layer
            for place, (name, colour) in enumerate(
                [("longest", "positive"), ("shortest", "hColour"), ("slope", "soft"), ("recurrent", "ink")]
            )
            for layer in line_key(
                f"B.s_{name}",
                colour,
                f"faL + {place % 2}*(faR - faL)/2",
                f"{below} + {place // 2}*15*z",
                dash=BEHIND if name == "recurrent" else (),
                limit="(faR - faL)/2 - 20*z",
            )
        ),
    ]


def _chain() -> list[Layer]:
    """What the chosen chain comes to: the product of the factors' norms, the gradient itself, the gates' own path."""
    bound = "(toNumber(BOUND[net*T + t]) - toNumber(BOUND[net*T + k]))"
    grown = "(isFinite(toNumber(here)) && isFinite(toNumber(own)) ? toNumber(here) - toNumber(own) : here)"
    facts = [
        ("B.s_measured", scale.size(grown), "true"),
        ("B.s_bound", scale.size(bound), "true"),
        ("B.s_turned", "(TURN[(net*T + t)*T + k] == 'n' ? '–' : TURN[(net*T + t)*T + k] + '°')", "true"),
        ("B.s_memory", scale.size("MEM[(net*T + t)*T + k]"), "GATED[net] == '1'"),
    ]
    top = "(wide ? mapsY + 44*z : readY + (phone ? 112 : 70*z))"

    def spot(place: int) -> tuple[str, str]:
        """Where a fact stands: beside the maps, or under them in one row, or in two."""
        x = f"wide ? sideX : phone ? {place % 2}*width/2 : {place}*width/4"
        return x, f"{top} + (wide ? {place}*50*z : phone ? {place // 2 * 38} : 0)"

    return [
        text(
            text="k > t ? B.s_no_path : k == t ? B.s_start_here"
            " : replace(replace(B.s_chain, '{n}', '' + n), '{net}', names[net])",
            x="wide ? sideX : 0",
            y=f"wide ? mapsY + 8*z : {top} - (phone ? 20 : 24*z)",
            align="'left'",
            fontSize="13*z",
            fontWeight="'bold'",
            fill="nets[net]",
            limit="wide ? sideW - 4 : width",
        ),
        *(
            layer
            for place, (label, value, there) in enumerate(facts)
            for layer in (
                text(
                    when=f"{there} && k <= t",
                    text=label,
                    x=spot(place)[0],
                    y=spot(place)[1],
                    align="'left'",
                    fontSize="wide ? 11.5*z : 10.5*z",
                    fill="soft",
                    limit="wide ? sideW - 4 : width/(phone ? 2 : 4) - 6",
                ),
                text(
                    when=f"{there} && k <= t",
                    text=value,
                    x=spot(place)[0],
                    y=f"{spot(place)[1]} + (wide ? 19 : 15)*z",
                    align="'left'",
                    fontSize="wide ? 17*z : 12*z",
                    fontWeight="'bold'",
                ),
            )
        ),
    ]


def _ahead() -> list[Layer]:
    """For each state, which losses' gradients arrive: shares by how far ahead the loss lies."""
    count = len(DISTANCES)
    share = f"toNumber(SHARE[(net*T + datum.at)*{count} + datum.b])"
    before = " + ".join(
        f"(datum.b > {b} ? toNumber(SHARE[(net*T + datum.at)*{count} + {b}]) : 0)" for b in range(count - 1)
    )
    colour = f"flow[floor({scale.STEPS - 10} - datum.b*{(scale.STEPS - 40) // (count - 1)})]"
    width = "(ahR - ahL)/T"
    return [
        AHEAD.title("replace(B.s_ahead, '{net}', names[net])", fill="nets[net]"),
        rect(
            name="bar",
            rows=f"sequence(T*{count})",
            let={
                "at": f"floor(datum.k/{count})",
                "b": f"datum.k % {count}",
                "far": f"{list(DISTANCES)}[datum.b]",
                "share": share,
                "below": before,
            },
            keep="datum.share > 0.002",
            x=f"ahL + datum.at*{width}",
            x2=f"ahL + (datum.at + 1)*{width} - (cell > 3 ? 0.6 : 0)",
            y=AHEAD.y("datum.below + datum.share"),
            y2=AHEAD.y("datum.below"),
            fill=colour,
            cursor="'pointer'",
            tooltip=f"{{title: 'k = ' + (datum.at + 1), '=': {numbers.percent('datum.share')},"
            " '→': bins[datum.b] + ' ' + B.s_ahead_word}",
        ),
        AHEAD.across("ahB", stroke="soft"),
        *(
            small(text=label, x="ahL - 6*z", y=y, align="'right'")
            for label, y in (("'100%'", "ahT + 4*z"), ("'0'", "ahB"))
        ),
        outline(
            x=f"ahL + k*{width}",
            x2=f"ahL + (k + 1)*{width}",
            y="ahT - 2",
            y2="ahB + 2",
            stroke="now",
            strokeWidth=1.4,
        ),
        *AHEAD.steps("T", "B.s_axis_k"),
        *(
            layer
            for b in range(count)
            for layer in (
                rect(
                    x=f"ahL + {b}*(ahR - ahL)/{count}",
                    x2=f"ahL + {b}*(ahR - ahL)/{count} + 9*z",
                    y="ahB + 26*z",
                    y2="ahB + 35*z",
                    fill=colour.replace("datum.b", str(b)),
                ),
                text(
                    text=f"bins[{b}]",
                    x=f"ahL + {b}*(ahR - ahL)/{count} + 12*z",
                    y="ahB + 31*z",
                    align="'left'",
                    fontSize="10*z",
                    fill="soft",
                ),
            )
        ),
    ]


def layers() -> list[Layer]:
    return [*_chain(), *_profile(), *_factors(), *_ahead()]
