-- Who may do what. The gateway reads what it serves and writes the log, which it cannot read back,
-- and pins its own keys on their first use.

GRANT SELECT ON
    access_case, activity, consent_profile, data_source, gateway_key, lens, lens_mask, policy_version, recipient,
    subject, subject_handle, subject_state,
    subject_attribute, subject_other_attribute, subject_account, subject_account_setting, measurement,
    linked_app_record, survey_answer, campaign_entry, event_entry, monitor_trial, clinical_research_recruitment,
    support_case, support_message, access_record, page_reference, cookie_record, app_operation, search_record
    TO sekisho_gateway;
GRANT INSERT ON disclosure_log, gateway_key TO sekisho_gateway;

GRANT SELECT, INSERT, UPDATE, DELETE ON
    subject, subject_handle, subject_state, lens_mask,
    subject_attribute, subject_other_attribute, subject_account, subject_account_setting, measurement,
    linked_app_record, survey_answer, campaign_entry, event_entry, monitor_trial, clinical_research_recruitment,
    support_case, support_message, access_record, page_reference, cookie_record, app_operation, search_record
    TO sekisho_operator;
GRANT SELECT, INSERT, UPDATE ON access_case, activity, data_source, policy_version TO sekisho_operator;
GRANT SELECT, INSERT ON consent_event, consent_profile, gateway_key, lens, recipient TO sekisho_operator;
GRANT SELECT ON disclosure_log TO sekisho_operator;

GRANT SELECT (row_id, occurred_at) ON disclosure_log TO sekisho_retention;
GRANT DELETE ON disclosure_log TO sekisho_retention;

GRANT SELECT ON alembic_version TO sekisho_gateway, sekisho_operator;
