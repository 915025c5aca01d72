"""Who works on the database, as PostgreSQL roles: groups that own the rights, and users that log in.

The groups belong to the whole server, so each statement tolerates that they exist. What each group may do with a
table is granted by the migration that creates the table.

- `sekisho_owner` owns every object; migrations run as it.
- `sekisho_gateway` reads what it serves and inserts into the disclosure log, which it cannot read; it has the log
  indexed by calling the owner's function.
- `sekisho_operator` is the command line: data, consent, recipients; it reads the log.
- `sekisho_retention` may delete log rows past their retention period, nothing else.
"""

OWNER = "sekisho_owner"
GATEWAY = "sekisho_gateway"
OPERATOR = "sekisho_operator"
RETENTION = "sekisho_retention"
GROUPS = (OWNER, GATEWAY, OPERATOR, RETENTION)


def create_group(group: str) -> str:
    """The statement that creates a group unless it exists, also when two sessions try at once."""
    return f"""DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{group}') THEN
        CREATE ROLE {group} NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$"""


def create_login(group: str) -> str:
    """The statement that creates `<group>_login`, a user without password that is a member of `group`."""
    login = login_of(group)
    return f"""DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{login}') THEN
        CREATE ROLE {login} LOGIN IN ROLE {group};
    END IF;
END $$"""


def login_of(group: str) -> str:
    """The name of the user that logs in for `group` on the embedded server."""
    return f"{group}_login"


# The migrating user becomes a member of the owning group, and the group may create in the schema.
BECOME_OWNER = (
    f"""DO $$
DECLARE
    may_become text := CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END;
BEGIN
    IF NOT pg_has_role(current_user, '{OWNER}', may_become) THEN
        EXECUTE format('GRANT {OWNER} TO %I', current_user);
    END IF;
    IF NOT has_schema_privilege('{OWNER}', current_schema(), 'CREATE') THEN
        EXECUTE format('GRANT CREATE, USAGE ON SCHEMA %I TO {OWNER}', current_schema());
    END IF;
END $$""",
    f"SET LOCAL ROLE {OWNER}",
)
