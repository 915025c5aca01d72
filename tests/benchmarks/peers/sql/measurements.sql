SELECT asked.id::text AS subject, newest.*
FROM unnest($1::uuid[]) asked (id)
CROSS JOIN LATERAL (
    SELECT to_char(taken_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "takenAt", value, unit
    FROM measurement
    WHERE subject_id = asked.id
    ORDER BY taken_at DESC, row_id
    LIMIT 50
) newest
