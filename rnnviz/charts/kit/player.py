"""The player: the signals that every stage shares, the keys and buttons that move them, and the row of controls.

On a page of the app real controls stand in the place of the drawn row (`rnnviz.ui.place`): they tell a chart what was
pressed by an event of the type `rnnviz` on its SVG, and learn where it is from its mark `whereabouts`.

`t` is the present token (from 0), `op` the present operation (0: the whole step), `picked` the chosen unit (Vega-Lite
keeps `unit` for itself), `depth` how deep one looks (0 the chain, 1 one cell, 2 one unit). They live in the browser; no
step asks the server.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import Layer, Signal, dot, press, rect, rule, shape, text, text_literal

# Typing must not step, and Space must not take a press that belongs to a focused control.
_PLAIN_KEY = "!event.ctrlKey && !event.metaKey && !event.altKey"
_NO_FIELD = (
    "indexof(['INPUT','TEXTAREA','SELECT'], event.target.tagName) < 0 && !event.target.isContentEditable"
    " && indexof(['radio','slider','option','tab','menuitem','combobox','listbox','textbox'], event.target.role) < 0"
)
_NO_BUTTON = "indexof(['BUTTON','A','SUMMARY'], event.target.tagName) < 0 && event.target.role != 'button'"


# Vega answers a key when it has drawn what came before, and then it is too late to keep the page from scrolling by it.
# `hold` does that at once, for the keys that it is told, and returns what ends it.
HOLD = """
function hold(keys) {
  const held = event => {
    const {key, target} = event;
    if (!keys().includes(key) || event.ctrlKey || event.metaKey || event.altKey || target.isContentEditable) return;
    const own = key === ' ' ? ', button, a, summary, [role=button]' : '';
    if (target.matches?.('input, textarea, select, [role=radio], [role=slider], [role=option], [role=tab], '
        + '[role=menuitem], [role=combobox], [role=listbox], [role=textbox]' + own)) return;
    event.preventDefault();
  };
  addEventListener('keydown', held);
  return () => removeEventListener('keydown', held);
}
"""
SCROLLING = (" ", "Home", "End")  # the keys of the player by which a page would scroll
ROWS = ("ArrowUp", "ArrowDown")  # those that choose a row, where units are rows of heatmaps


def key(name: str) -> list[dict[str, Any]]:
    """The event of a key press that is meant for the stage."""
    same = f"event.key == {text_literal(name)}"
    if len(name) == 1 and name.isalpha():  # with an input method on, or Shift, the key is another and its place is not
        same = f"({same} || event.code == {text_literal(f'Key{name.upper()}')})"
    filters = [same, _PLAIN_KEY, _NO_FIELD]
    if name in (" ", "Enter"):
        filters.append(_NO_BUTTON)
    return [{"source": "window", "type": "keydown", "filter": filters, "consume": True}]


def hears(spec: Any, name: str) -> bool:
    """Whether a chart answers a key that is meant for the stage."""
    return f"event.key == {text_literal(name)}" in repr(spec)


def click(name: str) -> list[dict[str, Any]]:
    return [{"type": "click", "markname": f"{name}_marks"}]


def page_control(name: str) -> list[dict[str, Any]]:
    """The event of a control of the page around the chart; `event.detail.value` is what it was set to."""
    return [{"type": "rnnviz", "filter": f"event.detail.name == {text_literal(name)}"}]


def pressed(name: str) -> list[dict[str, Any]]:
    """A press on a drawn control, or on the page's in its place."""
    return [*click(name), *page_control(name)]


def drag(name: str) -> str:
    """The events of a drag that begins on a mark and goes anywhere."""
    return f"[@{name}_marks:pointerdown, window:pointerup] > window:pointermove, @{name}_marks:pointerdown"


def pointed(name: str, update: str) -> Signal:
    """The signal `hover`: what the pointer is on while it is over a mark, else null."""
    events = [
        {"events": f"@{name}_marks:pointermove, @{name}_marks:pointerdown", "update": update},
        {"events": f"@{name}_marks:pointerout", "update": "null"},
    ]
    return {"name": "hover", "value": None, "on": events}


# The page wants it elsewhere: at `B.start`, `B.op`, `B.fine`, `B.depth`, `B.unit`. So it does whenever there are more
# or fewer of these: what would follow `T` besides would come after, with the step of the text before.
GO = {"signal": "B.go"}


# One step forward or back in the granularity chosen; `way` is -1 when the layer reads from right to left.
AT_END = "(way > 0 ? t >= T - 1 : t <= 0)"
AT_START = "(way > 0 ? t <= 0 : t >= T - 1)"
_FIRST = "(way > 0 ? 0 : T - 1)"
_LAST = "(way > 0 ? T - 1 : 0)"
_T_NEXT = "clamp(fine && op < K ? t : t + way, 0, T - 1)"
_T_BACK = "clamp(fine && op > 1 ? t : t - way, 0, T - 1)"
_OP_NEXT = f"!fine ? op : op < K ? op + 1 : {AT_END} ? K : 1"
_OP_BACK = f"!fine ? op : op > 1 ? op - 1 : {AT_START} ? 1 : K"
ALL_SEEN = f"({AT_END} && (!fine || op >= K))"
_ON_MAP = [*click("heat"), *click("gate"), *click("gateRight")]  # heatmaps of one mark each: `hover` says where on them
BEAT = 100  # ms
_SCRUBBED = "clamp(round((x() - scrubL) / max(1, scrubR - scrubL) * (T - 1)), 0, T - 1)"


def signals(*, rows: bool = False) -> list[Signal]:
    """The player's signals. Vega updates those that listen to one event in this order, each seeing the ones before it
    already changed; so what compares with the present (`depth`) stands before what is compared (`t`, `op`,
    `picked`), and a press is first latched in `step`, which both `t` and `op` then follow. What follows a signal is
    forced: Vega drops an update that gives what its own last one gave, though another event has moved it since.

    rows: whether units are rows of heatmaps, so that keys move from one to the next; elsewhere they scroll the page.
    """
    return [
        {"name": "T", "update": "B.T"},
        {"name": "H", "update": "B.H"},
        {"name": "K", "update": "B.K"},
        {"name": "way", "update": "B.way"},
        {
            "name": "fine",
            "init": "B.fine",
            "on": [
                {"events": GO, "update": "B.fine", "force": True},
                {"events": click("byToken"), "update": "false"},
                {"events": click("byOp"), "update": "true"},
                {"events": page_control("fine"), "update": "event.detail.value"},
            ],
        },
        {
            "name": "pace",
            "value": 1,
            "on": [{"events": pressed("pace"), "update": "pace == 1 ? 2 : pace == 2 ? 0.5 : 1"}],
        },
        _playing(),
        {"name": "stroke", "value": 0, "on": [{"events": f"timer{{{BEAT}}}", "update": "playing ? stroke + 1 : 0"}]},
        {"name": "step", "value": None, "on": _presses()},
        {
            "name": "depth",
            "init": "B.depth",
            "on": [
                {"events": GO, "update": "B.depth", "force": True},
                {"events": key("Escape"), "update": "max(depth - 1, 0)"},
                {"events": key("Enter"), "update": "min(depth + 1, 2)"},
                {"events": click("box"), "update": "1"},
                {"events": click("heat"), "update": "hover && hover.c == t && hover.u == picked ? 2 : depth"},
                {"events": click("node"), "update": "datum.k == op && datum.k > 0 ? 2 : depth"},
                {"events": click("why"), "update": "datum.opens ? 2 : depth"},
                {"events": click("crumb"), "update": "datum.k"},
                {"events": click("toChain"), "update": "0"},
                {"events": page_control("depth"), "update": "event.detail.value"},
            ],
        },
        {
            "name": "t",
            "init": "B.start",
            "on": [
                {"events": GO, "update": "B.start", "force": True},
                {"events": {"signal": "step"}, "update": "step ? step.t : t", "force": True},
                {"events": [*click("column"), *click("box"), *click("heatPlace")], "update": "datum.c"},
                {"events": drag("scrub"), "update": _SCRUBBED},
                {"events": _ON_MAP, "update": "hover ? hover.c : t"},
                {"events": page_control("t"), "update": "clamp(event.detail.value - 1, 0, T - 1)"},
            ],
        },
        {
            "name": "op",
            "init": "min(B.op, K)",
            "on": [
                {"events": GO, "update": "min(B.op, K)", "force": True},
                {"events": click("byToken"), "update": "0", "force": True},
                {"events": click("byOp"), "update": "max(op, 1)", "force": True},
                {"events": page_control("fine"), "update": "event.detail.value ? max(op, 1) : 0", "force": True},
                {"events": {"signal": "step"}, "update": "step ? step.op : op", "force": True},
                {"events": [*click("node"), *click("line")], "update": "datum.k > 0 ? datum.k : op"},
                {"events": click("why"), "update": "datum.opens ? K : op"},
            ],
        },
        {
            "name": "picked",
            "init": "B.unit",
            "on": [
                {"events": GO, "update": "B.unit", "force": True},
                {"events": _ON_MAP, "update": "hover ? hover.u : picked"},
                *([{"events": key("ArrowUp"), "update": _neighbour(-1)}] if rows else []),
                *([{"events": key("ArrowDown"), "update": _neighbour(1)}] if rows else []),
                {"events": [*click("element"), *click("weight")], "update": "min(datum.u, H - 1)"},
                {"events": page_control("picked"), "update": "clamp(event.detail.value - 1, 0, H - 1)"},
            ],
        },
    ]


def _playing() -> Signal:
    """Whether it plays; any other key, button or press on a mark stops it."""
    keys = [event for name in ("Escape", "Home", "End", "ArrowLeft", "ArrowRight") for event in key(name)]
    presses = [event for name in ("first", "back", "next", "last") for event in pressed(name)]
    marks = [event for name in ("column", "box", "heatPlace") for event in click(name)]
    return {
        "name": "playing",
        "value": False,
        "on": [
            {"events": [*key(" "), *pressed("play")], "update": "!playing"},
            {"events": [*keys, *presses, *page_control("t"), *marks, *_ON_MAP], "update": "false"},
            {"events": "@scrub_marks:pointerdown", "update": "false"},
            {"events": {"signal": "stroke"}, "update": f"playing && !{ALL_SEEN}", "force": True},
        ],
    }


def _neighbour(by: int) -> str:
    """The unit that is shown above (-1) or below (1) the picked one."""
    return f"toNumber(order[clamp(indexof(order, '' + picked) + {by}, 0, H - 1)])"


def _presses() -> list[dict[str, Any]]:
    """Each press gives where to go from here, `{t, op}`; `n` makes two presses with the same goal differ."""

    def to(t: str, op: str) -> str:
        return f"{{t: {t}, op: {op}, n: (step ? step.n : 0) + 1}}"

    beats = "round((fine ? 7 : 9) / pace)"
    return [
        {"events": [*key("ArrowRight"), *pressed("next")], "update": to(_T_NEXT, _OP_NEXT)},
        {"events": [*key("ArrowLeft"), *pressed("back")], "update": to(_T_BACK, _OP_BACK)},
        {"events": [*key("Home"), *pressed("first")], "update": to(_FIRST, "fine ? 1 : op")},
        {"events": [*key("End"), *pressed("last")], "update": to(_LAST, "fine ? K : op")},
        # Play at the end starts again from the beginning.
        {
            "events": [*key(" "), *pressed("play")],
            "update": f"playing && {ALL_SEEN} ? {to(_FIRST, 'fine ? 1 : op')} : {to('t', 'op')}",
        },
        {
            "events": {"signal": "stroke"},
            "update": f"playing && stroke > 0 && stroke % {beats} == 0 ? {to(_T_NEXT, _OP_NEXT)} : {to('t', 'op')}",
        },
    ]


# Where the row of controls stands.
PLACES: tuple[Signal, ...] = (
    {"name": "playerY", "update": "0"},
    {"name": "buttonW", "update": "phone ? 48 : 44*z"},
    {"name": "buttonH", "update": "phone ? 44 : 42*z"},
    {"name": "scrubL", "update": "phone ? 14 : 5*buttonW + 22*z"},
    {"name": "scrubR", "update": "phone ? width - 14 : width*(B.zoom > 1.1 ? 0.3 : 0.38)"},
    {"name": "scrubY", "update": "phone ? 66 : 21*z"},
    {"name": "captionX", "update": "phone ? 5*buttonW + 12 : scrubR + 22*z"},
    {"name": "captionY", "update": "phone ? 22 : 21*z"},
    {"name": "operationX", "update": "phone ? 4 : captionX + max(106, 10*(7 + 2*length('' + B.ofSteps)))*z"},
    {"name": "operationY", "update": "phone ? 98 : 21*z"},
    {"name": "operationW", "update": "phone ? width - 8 : choiceX - operationX - 8*z"},
    {"name": "choiceW", "update": "phone ? width/3 : 92*z"},
    {"name": "choiceX", "update": "width - 3*choiceW"},
    {"name": "choiceY", "update": "phone ? 132 : 21*z"},
)


# Icons in a square from -1 to 1.
PLAY_ICON = "M-.55,-.8L.8,0L-.55,.8Z"
PAUSE_ICON = "M-.7,-.8H-.2V.8H-.7ZM.2,-.8H.7V.8H.2Z"
BACK_ICON = "M.55,-.8L-.8,0L.55,.8Z"
FIRST_ICON = "M.8,-.8L-.3,0L.8,.8ZM-.8,-.8H-.45V.8H-.8Z"
LAST_ICON = "M-.8,-.8L.3,0L-.8,.8ZM.45,-.8H.8V.8H.45Z"


def pin(fields: Iterable[str]) -> dict[str, Any]:
    """What a page may listen to: a selection of what is chosen here, by `fields`."""
    select = {"type": "point", "fields": list(fields), "on": "@pin_marks:click", "toggle": False, "clear": False}
    return {"name": "pin", "select": select}


def track(
    name: str, left: str, right: str, here: str, y: str, *, size: int, reach: int, when: str | None = None, **props: Any
) -> list[Layer]:
    """What is dragged from `left` to `right` and stands at `here`: its way, its knob of `size` px^2 before zoom, and
    `name`, which takes the pointer up to `reach` px beyond the ends."""
    return [
        rule(when=when, x=left, x2=right, y=y, y2=y, strokeWidth=4, strokeCap="'round'"),
        rule(when=when, x=left, x2=here, y=y, y2=y, stroke="now", strokeWidth=4),
        dot(when=when, x=here, y=y, size=f"{size}*z", fill="now"),
        grip(name, left, right, y, reach, when=when, **props),
    ]


def grip(name: str, left: str, right: str, y: str, reach: int, **props: Any) -> Layer:
    """Where a track takes the pointer."""
    return press(name, x=f"{left} - {reach}", x2=f"{right} + {reach}", y=f"{y} - 18", y2=f"{y} + 18", **props)


def drawn(controls: Iterable[Layer]) -> list[Layer]:
    """Controls that are drawn only where no page has real ones."""
    return [layer | {"transform": [{"filter": "!B.placed"}, *layer["transform"]]} for layer in controls]


def layers() -> list[Layer]:
    """The row of controls: five buttons, the scrubber, the caption, and how to step."""
    buttons = [
        _button("first", 0, text_literal(FIRST_ICON)),
        _button("back", 1, text_literal(BACK_ICON)),
        _button("play", 2, f"playing ? {text_literal(PAUSE_ICON)} : {text_literal(PLAY_ICON)}"),
        _button("next", 3, text_literal(PLAY_ICON)),
        _button("last", 4, text_literal(LAST_ICON)),
    ]
    y = "playerY + scrubY"
    place = "scrubL + (scrubR - scrubL) * {} / max(1, T - 1)"
    row = [
        *(layer for button in buttons for layer in button),
        rule(x="scrubL", x2="scrubR", y=y, y2=y, strokeWidth=4, strokeCap="'round'"),
        rule(
            x=place.format("first"),
            x2=place.format("(first + cols - 1)"),
            y=f"{y} + 9",
            y2=f"{y} + 9",
            stroke="soft",
            strokeWidth="cols < T ? 2 : 0",
        ),
        rule(x="way > 0 ? scrubL : scrubR", x2=place.format("t"), y=y, y2=y, stroke="now", strokeWidth=4),
        dot(x=place.format("t"), y=y, size="240*z", fill="now"),
        grip("scrub", "scrubL", "scrubR", y, 12),
        text(
            name="caption",
            text="'t = ' + (t + 1 + B.shift) + ' / ' + B.ofSteps",
            x="captionX",
            y="playerY + captionY",
            align="'left'",
            # On a phone it has what the buttons leave.
            fontSize="phone ? clamp((width - captionX)/(4 + 1.15*length('' + B.ofSteps)), 9, 17) : 17*z",
            fontWeight="'bold'",
            fill="now",
        ),
        text(
            name="operation",
            text="OP.name + (OP.symbol ? '  ·  ' + OP.symbol : '')",
            x="operationX",
            y="playerY + operationY",
            align="'left'",
            fontSize="13*z",
            limit="operationW",
        ),
        *_choice("byToken", "B.s_by_token", 0, "!fine"),
        *_choice("byOp", "B.s_by_operation", 1, "fine"),
        *_choice("pace", f"{numbers.size('pace')} + '×'", 2, "false"),
    ]
    return drawn(row)


def _button(name: str, place: int, icon: str) -> list[Layer]:
    """Face, icon and, over both, what is pressed."""
    x, y = f"buttonW*{place + 0.5}", "playerY + buttonH/2"
    box = {
        "x": f"buttonW*{place} + 3",
        "x2": f"buttonW*{place + 1} - 3",
        "y": "playerY + 3",
        "y2": "playerY + buttonH - 3",
    }
    main = name == "play"
    return [
        rect(**box, cornerRadius=8, fill="now" if main else "paper", stroke="now" if main else "line"),
        shape(icon, x=x, y=y, size="150*z", fill="paper" if main else "ink"),
        press(name, **box, tooltip=f"B.s_{name}"),
    ]


def _choice(name: str, label: str, place: int, condition: str) -> list[Layer]:
    visible = "!B.compact"
    left, right = f"choiceX + choiceW*{place}", f"choiceX + choiceW*{place + 1}"
    box = {
        "x": f"{left} + 2",
        "x2": f"{right} - 2",
        "y": "playerY + choiceY - (phone ? 18 : 15*z)",
        "y2": "playerY + choiceY + (phone ? 18 : 15*z)",
    }
    return [
        rect(
            when=visible,
            **box,
            cornerRadius=7,
            fill="paper",
            stroke=f"{condition} ? now : line",
            strokeWidth=f"{condition} ? 1.6 : 1",
        ),
        text(
            when=visible,
            text=label,
            x=f"{left} + choiceW/2",
            y="playerY + choiceY",
            fontSize="12*z",
            limit="choiceW - 10",
            fill=f"{condition} ? now : ink",
        ),
        press(name, when=visible, **box),
    ]
