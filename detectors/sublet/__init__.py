"""Sublet, the one detector that is a folder: it weighs two readings of a home for seven times of beginning.

`detector` adds up and decides, `case` says which days are compared and who was there before, `silence` and `signals`
are what is weighed, and `evidence` is what an inspector is told. One file of it would hold five concepts.
"""
