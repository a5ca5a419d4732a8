"""The devices page: what needs a look stands first, and one fact is one line."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from browser.screens import DESKTOP, PHONE
from gateway.detection.checkup import check_up
from gateway.store import units

METERS = """
INSERT INTO devices (device_id, estate_id, kind, unit_id) SELECT 'meter-' || u.unit_id, 'e1', 'electricity', u.unit_id
    FROM units u;
INSERT INTO devices (device_id, estate_id, kind, building, entrance) VALUES ('door-1', 'e1', 'door', '1', '1'),
    ('door-2', 'e1', 'door', '2', '1');
INSERT INTO listening VALUES (now() - interval '30 days', now());
INSERT INTO readings (device_no, ts, register, delay_ms)
    SELECT device_no, ts, 1, 2000
    FROM devices d JOIN units u USING (unit_id),
         generate_series(now() - interval '5 days', now() - interval '1 minute', interval '1 hour') ts
    WHERE device_id LIKE 'meter-%' AND (u.building = '1' OR ts < now() - interval '5 hours');
INSERT INTO device_status (device_no, battery, received_at, flags, flags_at)
    SELECT device_no, 8, now(), '{leak,v_2_overflow}', now() FROM devices WHERE device_id = 'meter-e1-1-102';
INSERT INTO door_events (device_no, ts, event_id, kind, method, direction, received_at)
    SELECT device_no, now() - interval '10 minutes', 't1', 'tamper', 'unknown', 'unknown', now() FROM devices
    WHERE device_id = 'door-1';
"""


@pytest.fixture
def ailing(conn):
    """The electricity meters of building 2 fell silent together; a door was opened; a battery is low."""
    conn.execute(METERS)
    check_up(conn, units.estate(conn, "e1"), datetime.now(UTC))


@pytest.mark.usefixtures("ailing")
def test_what_fell_silent_together_is_one_line_above_the_devices(visit):
    page = visit("/devices", viewport=DESKTOP)
    looks = page.locator(".looks li")
    looks.first.wait_for()
    silent = looks.filter(has_text="整单元离线")
    assert silent.count() == 1
    assert "2号楼 1单元" in silent.inner_text()
    assert "6 台" in silent.inner_text()
    assert "防拆报警" in looks.first.inner_text()  # the urgent one first
    rows = page.locator("#devices tbody tr")
    expect(rows).to_have_count(8)  # six meters, a door, a battery
    meter = rows.filter(has_text="meter-e1-2-101").locator("td").all_inner_texts()
    assert (meter[1].strip(), meter[5:]) == ("离线", ["1 小时", "3 小时", "–"])
    assert rows.filter(has_text="door-1").locator("td").all_inner_texts()[5:] == ["–", "–", "–"]
    weak = rows.filter(has_text="meter-e1-1-102").locator("td").nth(1)
    assert weak.inner_text().split("\n") == ["电量低", "自报：疑似漏水，v_2_overflow"]


@pytest.mark.usefixtures("ailing")
def test_devices_are_filtered_by_what_is_wrong(visit):
    page = visit("/devices")
    page.get_by_role("link", name="防拆报警", exact=True).click()
    page.locator("#devices tbody tr").first.wait_for()
    assert page.locator("#devices tbody tr").count() == 1
    assert page.locator("#facets [aria-current]").inner_text() == "防拆报警"
    page.get_by_role("link", name="全部", exact=True).click()
    page.locator("#devices tbody tr").nth(14).wait_for()
    assert page.locator("#devices tbody tr").count() == 15


@pytest.mark.usefixtures("ailing")
def test_a_phone_needs_no_sideways_scroll(visit):
    page = visit("/devices?lang=en", viewport=PHONE)
    page.locator("#devices tbody tr").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


HELD = """
INSERT INTO quarantine (digest, topic, payload, source, reason, detail, first_at, last_at)
VALUES ('1', 'estate/v1/e1/meter/a-meter-with-a-rather-long-name-in-its-topic/reading', 'x', 'mqtt', 'wrong_shape',
        'Object missing required field `register`', now(), now())
"""


def test_a_held_message_says_why_in_chinese_and_can_be_replayed_on_a_phone(conn, visit):
    conn.execute(HELD)
    page = visit("/devices", viewport=PHONE)
    row = page.locator(".held tbody tr")
    assert "消息整体：缺少字段 register" in row.inner_text()
    button = row.get_by_role("button", name="重新处理").bounding_box()
    assert button["x"] + button["width"] <= PHONE["width"]
