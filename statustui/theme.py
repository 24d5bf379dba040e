"""One calm dark theme with one accent."""

from __future__ import annotations

from textual.theme import Theme

VARIABLES = {
    "line": "#2c3947",
    "quiet": "#8d9cad",
    "side": "#a9b6c4",
    "faint": "#566575",
    "field": "#1d2731",
    "field-focus": "#25333f",
    "cursor": "#1d4a48",
    "cursor-blurred": "#1b2c34",
}

STATUS = Theme(
    name="status",
    primary="#5cc8b3",
    secondary="#7fa7c9",
    accent="#5cc8b3",
    warning="#e8b75f",
    error="#f4848a",
    success="#86c98a",
    foreground="#d9e1ea",
    background="#0f141a",
    surface="#131a22",
    panel="#18212b",
    dark=True,
    variables={
        **VARIABLES,
        "border": "#5cc8b3",
        "border-blurred": VARIABLES["line"],
        "block-cursor-foreground": "#f2f7fa",
        "block-cursor-background": VARIABLES["cursor"],
        "block-cursor-blurred-foreground": "#d9e1ea",
        "block-cursor-blurred-background": VARIABLES["cursor-blurred"],
        "block-hover-background": "#19242e",
        "footer-background": "#18212b",
        "footer-item-background": "#18212b",
        "footer-key-background": "#18212b",
        "footer-description-background": "#18212b",
        "footer-key-foreground": "#5cc8b3",
        "footer-description-foreground": "#aab6c3",
        "input-cursor-background": "#5cc8b3",
        "input-cursor-foreground": "#0f141a",
        "input-selection-background": "#2b5d5a",
        "scrollbar": "#2c3947",
        "scrollbar-hover": "#3c4d5e",
        "scrollbar-active": "#5cc8b3",
        "scrollbar-background": "#131a22",
        "scrollbar-background-hover": "#131a22",
        "scrollbar-background-active": "#131a22",
        "scrollbar-corner-color": "#131a22",
        "button-foreground": "#d9e1ea",
        "button-color-foreground": "#0f141a",
        "button-focus-text-style": "bold",
    },
)
