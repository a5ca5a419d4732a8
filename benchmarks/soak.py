"""Hours of load under one fault after another; in the end every message must be where it belongs, and memory flat.

Real Mosquitto with the project's mosquitto.conf, real PostgreSQL, `estate run` as a whole. See docs/ingestion.md.

    python benchmarks/soak.py [--minutes 60] [--rate 3000] [--fault-every 60] [--seed 1] [--out soak.md]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from soak.report import as_json, as_markdown
from soak.soak import Plan, soak


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=3000, help="messages a second")
    parser.add_argument("--fault-every", type=float, default=60, metavar="SECONDS")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--out", type=Path, help="a report in Markdown, and one in JSON beside it")
    told = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("ESTATE_")]:
        del os.environ[name]
    plan = Plan(minutes=told.minutes, rate=told.rate, fault_every_s=told.fault_every, seed=told.seed)
    print(f"{plan.minutes:g} minutes at {plan.rate:g} messages a second, seed {plan.seed}", flush=True)
    result = soak(plan, lambda line: print(line, flush=True))
    report = as_markdown(result)
    print("\n" + report)
    if told.out:
        told.out.write_text(report, "utf-8")
        told.out.with_suffix(".json").write_text(as_json(result), "utf-8")
        told.out.with_suffix(".log").write_text(result.log, "utf-8")
    return 0 if result.right else 1


if __name__ == "__main__":
    sys.exit(main())
