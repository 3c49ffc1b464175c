"""The three maps of the whole matrix, and the chosen cell in numbers."""

from __future__ import annotations

from typing import Any

from rnnviz.charts.kit import scale
from rnnviz.charts.kit.draw import Layer, image, outline, text
from rnnviz.charts.kit.legend import legend
from rnnviz.charts.kit.place import place
from rnnviz.charts.lab.matrix_places import NETS, at


def _chosen(left: str, top: str, side: str, width: str, **over: Any) -> list[Layer]:
    """On a map of that place and size: the chosen loss's row, the chosen state's column, and where they meet."""
    cell = f"({side}/T)"
    row = {"y": f"{top} + t*{cell}", "y2": f"{top} + (t + 1)*{cell}"}
    column = {"x": f"{left} + k*{cell}", "x2": f"{left} + (k + 1)*{cell}"}
    return [
        outline(**over, **row, x=left, x2=f"{left} + (t + 1)*{cell}", stroke="now", strokeWidth=1),
        outline(
            **over,
            **column,
            y=f"{top} + min(k, t)*{cell}",
            y2=f"{top} + {side}",
            stroke="now",
            strokeWidth=0.6,
        ),
        outline(
            **over,
            x=f"{column['x']} - 1.5",
            x2=f"{column['x2']} + 1.5",
            y=f"{row['y']} - 1.5",
            y2=f"{row['y2']} + 1.5",
            stroke="now",
            strokeWidth=width,
        ),
    ]


def _url(net: str) -> str:
    return (
        f"(dark ? ({net} == 0 ? B.url0Dark : {net} == 1 ? B.url1Dark : B.url2Dark)"
        f" : ({net} == 0 ? B.url0Light : {net} == 1 ? B.url1Light : B.url2Light))"
    )


def _big() -> list[Layer]:
    """A phone's: the chosen network's map, large enough for a finger."""
    area = {"x": "gutter", "x2": "gutter + bigS", "y": "bigY", "y2": "bigY + bigS"}
    return [
        image(
            when="phone",
            x="gutter + bigS/2",
            y="bigY + bigS/2",
            url=_url("net"),
            width="bigS",
            height="bigS",
        ),
        *_chosen("gutter", "bigY", "bigS", "2.4", when="phone"),
        outline(when="phone", name="big", **area, stroke="nets[net]", strokeWidth=1.6, cursor="'crosshair'"),
    ]


def _maps() -> list[Layer]:
    left = "gutter + datum.k*mapStep"
    over: dict[str, Any] = {"rows": "sequence(3)", "let": {"left": left}}
    return [
        text(
            **over,
            name="name",
            text="names[datum.k] + (datum.k == net ? '  ●' : '')",
            x="datum.left",
            y="12*z",
            align="'left'",
            fontSize="14*z",
            fontWeight="'bold'",
            fill="nets[datum.k]",
            cursor="'pointer'",
        ),
        image(
            **over,
            x="datum.left + mapS/2",
            y="mapsY + mapS/2",
            url=_url("datum.k"),
            width="mapS",
            height="mapS",
        ),
        *_chosen("datum.left", "mapsY", "mapS", "datum.k == net ? 3 : 1.6", **over),
        outline(
            **over,
            name="map",
            x="datum.left",
            x2="datum.left + mapS",
            y="mapsY",
            y2="mapsY + mapS",
            stroke="datum.k == net ? nets[net] : line",
            strokeWidth="datum.k == net ? 1.6 : 0.8",
            cursor="'crosshair'",
        ),
        text(
            text="'k →'",
            x="gutter + (phone ? bigS : mapS)",
            y="phone ? bigY + bigS + 11 : mapsY + mapS + 11*z",
            align="'right'",
            fontSize="12*z",
            fill="soft",
        ),
        *(
            text(
                text=f"'{letter}'",
                x="gutter - (phone ? 8 : 12*z)",
                y=f"(phone ? bigY : mapsY) + {drop}*z",
                fontSize="12*z",
                fill="soft",
            )
            for letter, drop in (("t", 8), ("↓", 22))
        ),
        *legend("gutter", "legendY", "(phone ? width - gutter - 16 : 300*z)"),
        place({"go": "B.go", "T": "T", "t": "t + 1", "k": "k + 1", "net": f"{list(NETS)}[net]"}),
    ]


def _reading() -> list[Layer]:
    """The chosen cell in numbers, or what the pointer is on; the three networks, and the chain of the chosen one."""
    read = {
        "tt": "hover ? hover.t : t",
        "kk": "hover ? hover.k : k",
    }
    line = "phone ? 17 : 19*z"
    return [
        text(
            name="caption",
            text="'t = ' + (t + 1) + ' / ' + T + ',  k = ' + (k + 1)",
            x="0",
            y="readY",
            align="'left'",
            fontSize="17*z",
            fontWeight="'bold'",
            fill="now",
        ),
        text(
            when="B.words",
            text="'L: ‘' + tokens[t] + '’  ←  h: ‘' + tokens[k] + '’'",
            x="phone ? 0 : 210*z",
            y="phone ? readY + 84 : readY",
            align="'left'",
            fontSize="13*z",
            fill="soft",
        ),
        text(
            rows="sequence(3)",
            let={**read, "log": at("datum.k", "datum.tt", "datum.kk")},
            name="pointed",
            text="names[datum.k] + '  ' + " + scale.size("datum.log"),
            x="phone ? 0 : gutter + datum.k*mapStep",
            y=f"readY + 24*z + (phone ? datum.k*({line}) : 0)",
            align="'left'",
            fontSize="13*z",
            fill="nets[datum.k]",
        ),
        text(
            when="!phone",
            text="hover ? '‖dL/dh‖  t = ' + (hover.t + 1) + ', k = ' + (hover.k + 1) : B.s_hint_matrix",
            x="width - 2",
            y="readY + 24*z",
            align="'right'",
            fontSize="11.5*z",
            fill="soft",
            limit="width - gutter - 3*mapStep + 120*z",
        ),
    ]


def layers() -> list[Layer]:
    return [*_maps(), *_big(), *_reading()]
