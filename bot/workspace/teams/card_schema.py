"""What an Adaptive Card 1.5 may hold: every element's properties and what each takes.

After adaptivecards.io/schemas/1.5.0/adaptive-card.json, with what Teams adds (`msteams`). A kind of
property is a name that `card_check` knows, or the tuple of words that it may be.
"""

from collections.abc import Mapping

Kind = str | tuple[str, ...]
Properties = Mapping[str, Kind]

_COLORS = ("default", "dark", "light", "accent", "good", "warning", "attention")
_SPACING = ("none", "small", "default", "medium", "large", "extralarge", "padding")
_ALIGNMENT = ("left", "center", "right")
_VERTICAL = ("top", "center", "bottom")
_STYLE = ("default", "emphasis", "good", "attention", "warning", "accent")
_SIZES = ("small", "default", "medium", "large", "extralarge")
_WEIGHTS = ("lighter", "default", "bolder")
_FONTS = ("default", "monospace")
_IMAGE_SIZES = ("auto", "stretch", "small", "medium", "large")

_ELEMENT: Properties = {
    "type": "text",
    "id": "text",
    "isVisible": "bool",
    "separator": "bool",
    "spacing": _SPACING,
    "height": "any",
    "fallback": "element_fallback",
    "requires": "object",
}
_INPUT: Properties = {
    **_ELEMENT,
    "id": "id!",
    "label": "text",
    "isRequired": "bool",
    "errorMessage": "text",
}
_TEXT: Properties = {
    "color": _COLORS,
    "fontType": _FONTS,
    "isSubtle": "bool",
    "size": _SIZES,
    "weight": _WEIGHTS,
}
_BOX: Properties = {
    "bleed": "bool",
    "minHeight": "text",
    "rtl": "bool",
    "selectAction": "action",
    "style": _STYLE,
    "verticalContentAlignment": _VERTICAL,
    "backgroundImage": "any",
}

ELEMENTS: Mapping[str, Properties] = {
    "TextBlock": {
        **_ELEMENT,
        **_TEXT,
        "text": "text!",
        "horizontalAlignment": _ALIGNMENT,
        "maxLines": "number",
        "style": ("default", "heading"),
        "wrap": "bool",
    },
    "RichTextBlock": {**_ELEMENT, "inlines": "inlines!", "horizontalAlignment": _ALIGNMENT},
    "Image": {
        **_ELEMENT,
        "url": "url!",
        "altText": "text",
        "backgroundColor": "text",
        "horizontalAlignment": _ALIGNMENT,
        "selectAction": "action",
        "size": _IMAGE_SIZES,
        "style": ("default", "person"),
        "width": "any",
    },
    "ImageSet": {**_ELEMENT, "images": "elements!", "imageSize": _IMAGE_SIZES},
    "Media": {**_ELEMENT, "sources": "objects!", "poster": "url", "altText": "text"},
    "FactSet": {**_ELEMENT, "facts": "facts!"},
    "Container": {**_ELEMENT, **_BOX, "items": "elements!"},
    "ColumnSet": {
        **_ELEMENT,
        "columns": "columns",
        "bleed": "bool",
        "horizontalAlignment": _ALIGNMENT,
        "minHeight": "text",
        "selectAction": "action",
        "style": _STYLE,
    },
    "ActionSet": {**_ELEMENT, "actions": "actions!"},
    "Table": {
        **_ELEMENT,
        "columns": "objects",
        "rows": "rows",
        "firstRowAsHeader": "bool",
        "gridStyle": _STYLE,
        "horizontalCellContentAlignment": _ALIGNMENT,
        "showGridLines": "bool",
        "verticalCellContentAlignment": _VERTICAL,
    },
    "Input.Text": {
        **_INPUT,
        "inlineAction": "action",
        "isMultiline": "bool",
        "maxLength": "number",
        "placeholder": "text",
        "regex": "text",
        "style": ("text", "tel", "url", "email", "password"),
        "value": "text",
    },
    "Input.Number": {
        **_INPUT,
        "max": "number",
        "min": "number",
        "placeholder": "text",
        "value": "number",
    },
    "Input.Date": {**_INPUT, "max": "text", "min": "text", "placeholder": "text", "value": "text"},
    "Input.Time": {**_INPUT, "max": "text", "min": "text", "placeholder": "text", "value": "text"},
    "Input.Toggle": {
        **_INPUT,
        "title": "text!",
        "value": "text",
        "valueOff": "text",
        "valueOn": "text",
        "wrap": "bool",
    },
    "Input.ChoiceSet": {
        **_INPUT,
        "choices": "choices!",
        "isMultiSelect": "bool",
        "placeholder": "text",
        "style": ("compact", "expanded", "filtered"),
        "value": "text",
        "wrap": "bool",
    },
}
COLUMN: Properties = {**_ELEMENT, **_BOX, "items": "elements", "width": "any"}
CELL: Properties = {**_BOX, "type": "text", "items": "elements!"}
ROW: Properties = {
    "type": "text",
    "cells": "cells",
    "style": _STYLE,
    "horizontalCellContentAlignment": _ALIGNMENT,
    "verticalCellContentAlignment": _VERTICAL,
}
TEXT_RUN: Properties = {
    **_TEXT,
    "type": "text",
    "text": "text!",
    "highlight": "bool",
    "italic": "bool",
    "selectAction": "action",
    "strikethrough": "bool",
    "underline": "bool",
}
FACT: Properties = {"type": "text", "title": "text!", "value": "text!"}
CHOICE: Properties = {"type": "text", "title": "text!", "value": "text!"}

_ACTION: Properties = {
    "type": "text",
    "id": "text",
    "title": "text",
    "iconUrl": "url",
    "style": ("default", "positive", "destructive"),
    "fallback": "action_fallback",
    "requires": "object",
    "tooltip": "text",
    "isEnabled": "bool",
    "mode": ("primary", "secondary"),
}
_INPUTS = ("auto", "none")
ACTIONS: Mapping[str, Properties] = {
    "Action.OpenUrl": {**_ACTION, "url": "url!"},
    "Action.Submit": {**_ACTION, "data": "data", "associatedInputs": _INPUTS},
    "Action.Execute": {**_ACTION, "verb": "text", "data": "data", "associatedInputs": _INPUTS},
    "Action.ShowCard": {**_ACTION, "card": "card!"},
    "Action.ToggleVisibility": {**_ACTION, "targetElements": "targets!"},
}
CARD: Properties = {
    "type": "text",
    "$schema": "text",
    "version": "version!",
    "body": "elements",
    "actions": "actions",
    "refresh": "refresh",
    "authentication": "object",
    "selectAction": "action",
    "fallbackText": "text",
    "backgroundImage": "any",
    "minHeight": "text",
    "rtl": "bool",
    "speak": "text",
    "lang": "text",
    "verticalContentAlignment": _VERTICAL,
    "msteams": "object",
}
REFRESH: Properties = {"type": "text", "action": "refresh_action!", "userIds": "users"}
