-- What belongs to an estate is found by its index, so that a run over all estates costs the sum of them.

CREATE INDEX devices_estate ON devices (estate_id);
CREATE INDEX alerts_estate ON alerts (estate_id);

-- Whether the doors that serve a unit spoke on a day: its own door, its entrance's, its building's, the estate's.
CREATE OR REPLACE VIEW unit_doors AS
SELECT u.unit_id, d.device_no, u.estate_id
FROM units u
JOIN devices d ON d.kind = 'door' AND d.estate_id = u.estate_id
    AND (d.unit_id = u.unit_id
         OR (d.unit_id IS NULL
             AND (d.building = '' OR d.building = u.building)
             AND (d.entrance = '' OR d.entrance = u.entrance)));
