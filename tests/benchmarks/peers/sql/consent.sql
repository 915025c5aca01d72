SELECT subject_id::text AS id, bit_or(1 << category) AS allowed
FROM bench_consent
WHERE subject_id = ANY ($1::uuid[]) AND purpose = $2 AND recipient_type = $3 AND granted
GROUP BY subject_id
