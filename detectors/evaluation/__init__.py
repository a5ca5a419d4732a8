"""How good are alarms, measured against known truth? Truth is compared afterwards; no detector ever sees it.

`judging` replays judges over a panel night by night; `peers` are what the field does instead; `tally` compares with the
truth; `quality` makes figures of it, `intervals` says how sure they are.

A simulator's truth measures whether the rules do what they should in a world that somebody made up. It is not accuracy.
"""
