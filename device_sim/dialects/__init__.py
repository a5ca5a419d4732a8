"""Dialects other than the native one, as real devices speak them: one module each, and its line in `MAKES`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from device_sim.dialects import (
    chirpstack,
    cjt188,
    dlt645,
    facesluice,
    hikvision,
    plain,
    shelly,
    sparkplug,
    tasmota,
    tts,
    wmbusmeters,
    zigbee2mqtt,
)
from device_sim.dialects.speaker import Make, Speaker
from device_sim.records import Device

MAKES: Mapping[str, Make] = {
    "chirpstack": chirpstack,
    "cjt188": cjt188,
    "dlt645": dlt645,
    "facesluice": facesluice,
    "hikvision": hikvision,
    "plain": plain,
    "shelly": shelly,
    "sparkplug": sparkplug,
    "tasmota": tasmota,
    "tts": tts,
    "wmbusmeters": wmbusmeters,
    "zigbee2mqtt": zigbee2mqtt,
}
"""By the dialect's name, as in the `codec` column of `devices.csv`."""

SPEAKERS: Mapping[str, Callable[[Device], Speaker]] = {name: make.speaker for name, make in MAKES.items()}
