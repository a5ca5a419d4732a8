"""Lists small enough for a codec's tests."""

from gateway.events import DeviceKind
from gateway.ingest.intake import Directory
from gateway.store.registry import DeviceEntry


def site(*device_ids, kind=DeviceKind.DOOR, timezone="Asia/Shanghai"):
    """Lists that have these devices."""
    return Directory({
        device_id: DeviceEntry(
            device_no=number, device_id=device_id, estate_id="e1", kind=kind, unit_id=None, codec="any",
            register_digits=None, timezone=timezone,
        )
        for number, device_id in enumerate(device_ids, start=1)
    })  # fmt: skip
