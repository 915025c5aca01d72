INSERT INTO bench_disclosure_log (request_id, purpose, recipient_type, subject_id, disclosed, withheld, objects)
SELECT $1, $2, $3, told.*
FROM unnest($4::uuid[], $5::int[], $6::int[], $7::int[]) told
