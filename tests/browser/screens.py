"""The two screens that pages are made for."""

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 780}
