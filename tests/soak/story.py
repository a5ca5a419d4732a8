"""What the estate's devices say: message number n is always the same one, so nothing need be remembered to be checked.

Meters send a reading for every quarter of an hour, far faster than the clock: an hour at 3,000 messages a second is
seven weeks of an estate, crosses months, and keeps the rollups as busy as an estate of that size would.
"""

import random
import struct
from collections import Counter

ESTATE = "e1"
METERS = 2000
BATCH_METERS = 300
DOORS = 20
PERSONS = 500
BATCH = 4
"""Readings in a batch message."""
STEP_MS = 15 * 60_000
_DAY_MS = 86_400_000
_BATCHES_EARLIER_MS = 60 * _DAY_MS
"""Batch meters tell of a time so much before that of the others: other partitions, other days to roll up."""

MIX = {"reading": 905, "batch": 30, "door": 40, "status": 14, "repeat": 10, "rubbish": 1}
"""Of so many thousand messages."""
CYCLE = sum(MIX.values())
_REPEATABLE = {"reading", "batch", "door"}
_REPEATED_WITHIN = 2500

LISTS = f"""
    INSERT INTO estates VALUES ('{ESTATE}', 'Soak', 'Asia/Shanghai');
    INSERT INTO units (unit_id, estate_id, building, entrance, room, tenure)
        SELECT 'u' || n, '{ESTATE}', (1 + n / 100)::text, '1', n::text, 'leased'
        FROM generate_series(0, {METERS // 2 + BATCH_METERS - 1}) n;
    INSERT INTO devices (device_id, estate_id, kind, unit_id)
        SELECT 'm' || n, '{ESTATE}', CASE n % 2 WHEN 0 THEN 'water' ELSE 'electricity' END, 'u' || n / 2
        FROM generate_series(0, {METERS - 1}) n;
    INSERT INTO devices (device_id, estate_id, kind, unit_id)
        SELECT 'b' || n, '{ESTATE}', 'water', 'u' || {METERS // 2} + n FROM generate_series(0, {BATCH_METERS - 1}) n;
    INSERT INTO devices (device_id, estate_id, kind)
        SELECT 'd' || n, '{ESTATE}', 'door' FROM generate_series(0, {DOORS - 1}) n;
    INSERT INTO registry_imports (source, counts) VALUES ('soak', '{{}}');
"""


def ticks(meter: int, turn: int) -> int:
    """A meter's dial in litres or Wh at its `turn`-th reading; no two meters run alike."""
    return 1000 * meter + turn * (1 + meter % 7)


class Story:
    """So many messages (whole cycles of the mix), told the same way for the same seed, length, rate and start."""

    def __init__(self, *, seed: int, messages: int, rate: float, start_ms: int) -> None:
        self.messages = -(-messages // CYCLE) * CYCLE
        self._rate = rate
        self._start_ms = start_ms
        self._kinds = [kind for kind, count in MIX.items() for _ in range(count)]
        random.Random(seed).shuffle(self._kinds)
        seen: Counter[str] = Counter()
        self._rank = []
        for kind in self._kinds:
            self._rank.append(seen[kind])
            seen[kind] += 1
        turns = -(-self.count("reading") // METERS)
        self.first_ms = (start_ms - turns * STEP_MS - _DAY_MS) // STEP_MS * STEP_MS
        self.first_batch_ms = self.first_ms - _BATCHES_EARLIER_MS
        self._meter_topics = [_topic(f"meter/m{n}/reading") for n in range(METERS)]
        self._batch_topics = [_topic(f"meter/b{n}/reading") for n in range(BATCH_METERS)]
        self._door_topics = [_topic(f"door/d{n}/event") for n in range(DOORS)]

    def count(self, kind: str) -> int:
        """How many messages of a kind there are in all."""
        return self.messages // CYCLE * MIX[kind]

    def rows_by(self, n: int) -> int:
        """How many distinct readings and events the first `n` messages bring, to within a cycle."""
        return n * (MIX["reading"] + BATCH * MIX["batch"] + MIX["door"]) // CYCLE

    def packet(self, n: int) -> tuple[bytes, bytes, bool]:
        """Topic (with its length), payload and retain flag of message `n`."""
        cycle, slot = divmod(n, CYCLE)
        kind = self._kinds[slot]
        if kind == "repeat":
            return self.packet(self._repeated(n))
        k = cycle * MIX[kind] + self._rank[slot]
        if kind == "reading":
            return self._reading(k)
        if kind == "batch":
            return self._batch(k)
        if kind == "door":
            return self._door(k, n)
        if kind == "status":
            return self._status(k)
        return self._rubbish(k, n)

    def statuses(self) -> dict[str, str]:
        """The last firmware that each device has told."""
        last = {}
        for k in range(self.count("status")):
            device, firmware, _ = self._status_of(k)
            last[device] = firmware
        return last

    def rubbish(self) -> Counter[str]:
        """How much rubbish there is by the reason that it must be held for."""
        reasons = ("not_json", "unknown_device", "wrong_estate", "wrong_kind", "wrong_shape", "impossible_value")
        reasons += ("time_ahead", "unknown_topic")
        return Counter(reasons[k % 8] for k in range(self.count("rubbish")))

    def ticks(self) -> int:
        """All dials added up over all readings."""
        singles, batched = self.count("reading"), self.count("batch")
        return sum(ticks(k % METERS, k // METERS) for k in range(singles)) + sum(
            ticks(k % BATCH_METERS, k // BATCH_METERS * BATCH + i) for k in range(batched) for i in range(BATCH)
        )

    def _reading(self, k: int) -> tuple[bytes, bytes, bool]:
        turn, meter = divmod(k, METERS)
        ts, tick = self.first_ms + turn * STEP_MS, ticks(meter, turn)
        if meter % 2:
            payload = b'{"ts":%d,"register":%d,"unit":"Wh","seq":%d}' % (ts, tick, turn)
        else:
            payload = b'{"ts":%d,"register":%.3f,"unit":"m3","seq":%d,"battery":87,"rssi":-71}' % (
                ts,
                tick / 1000,
                turn,
            )
        return self._meter_topics[meter], payload, False

    def _batch(self, k: int) -> tuple[bytes, bytes, bool]:
        block, meter = divmod(k, BATCH_METERS)
        items = b",".join(
            b'{"ts":%d,"register":%.3f}' % (self.first_batch_ms + turn * STEP_MS, ticks(meter, turn) / 1000)
            for turn in range(block * BATCH, (block + 1) * BATCH)
        )
        return self._batch_topics[meter], b'{"unit":"m3","readings":[' + items + b"]}", False

    def _door(self, k: int, n: int) -> tuple[bytes, bytes, bool]:
        door = k % DOORS
        kind = b"denied" if k % 10 == 9 else b"passage"
        payload = (
            b'{"ts":%d,"event_id":"d%d-%d","kind":"%s","method":"face","direction":"in","person_id":"p%d",'
            b'"stranger_id":null,"unit_id":null,"similarity":0.94}'
        ) % (self._now_ms(n), door, k, kind, k % PERSONS)
        return self._door_topics[door], payload, False

    def _status(self, k: int) -> tuple[bytes, bytes, bool]:
        device, firmware, family = self._status_of(k)
        return _topic(f"{family}/{device}/status"), b'{"online":true,"firmware":"%s"}' % firmware.encode(), True

    @staticmethod
    def _status_of(k: int) -> tuple[str, str, str]:
        turn, number = divmod(k, METERS + DOORS)
        if number < METERS:
            return f"m{number}", f"1.{turn}.{k}", "meter"
        return f"d{number - METERS}", f"1.{turn}.{k}", "door"

    def _rubbish(self, k: int, n: int) -> tuple[bytes, bytes, bool]:
        now_ms = self._now_ms(n)
        device, payload, estate, tail = "m0", b'{"ts":%d,"register":1,"unit":"m3","seq":%d}' % (now_ms, k), ESTATE, ""
        match k % 8:
            case 0:
                payload = b'{"ts":%d,"register":%d,' % (now_ms, k)
            case 1:
                device = "nobody"
            case 2:
                estate = "e2"
            case 3:
                payload = b'{"ts":%d,"register":1,"unit":"kWh","seq":%d}' % (now_ms, k)
            case 4:
                payload = b'{"ts":%d,"register":1,"seq":%d}' % (now_ms, k)
            case 5:
                payload = b'{"ts":%d,"register":-1,"unit":"m3","seq":%d}' % (now_ms, k)
            case 6:
                payload = b'{"ts":%d,"register":1,"unit":"m3","seq":%d}' % (now_ms + _DAY_MS, k)
            case 7:
                tail = "/again"
        return _topic(f"meter/{device}/reading{tail}", estate), payload, False

    def _repeated(self, n: int) -> int:
        """A message not long before `n` that is said again; at the very beginning the first that is to come."""
        last = n - 1 - n * 7919 % _REPEATED_WITHIN
        while last >= 0 and self._kinds[last % CYCLE] not in _REPEATABLE:
            last -= 1
        if last >= 0:
            return last
        return next(m for m, kind in enumerate(self._kinds) if kind in _REPEATABLE)

    def _now_ms(self, n: int) -> int:
        return self._start_ms + int(n * 1000 / self._rate)


def _topic(tail: str, estate: str = ESTATE) -> bytes:
    topic = f"estate/v1/{estate}/{tail}".encode()
    return struct.pack("!H", len(topic)) + topic
