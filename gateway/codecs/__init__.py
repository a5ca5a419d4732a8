"""Dialects: one pure module each. A codec takes a message and returns what it means, or a reason why not.

A new dialect is one file here with a `DIALECT`, and its name in `catalogue._OWN`; or a package of its own with an
entry point. `docs/devices.md` has a worked example.
"""
