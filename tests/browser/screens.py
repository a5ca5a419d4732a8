"""The pages, and the two screens that they are made for."""

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 780}
PAGES = ("/", "/buildings", "/units/e1-1-301", "/visits", "/cases", "/cases/1", "/devices", "/access")
