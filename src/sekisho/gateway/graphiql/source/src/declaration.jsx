// The panel above the editor: who asks, and what for.
import { Gate } from "./gate.jsx";

/** `vocabulary` is a list of `{id, parent}`; a child stands indented below its parent. */
function Choice({ label, header, value, vocabulary, onChange }) {
  return (
    <label title={`Sent as ${header}`}>
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">not declared here</option>
        {vocabulary.map(({ id, parent }) => (
          <option key={id} value={id}>
            {parent ? `\u2003${id}` : id}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Declaration({ declaration, onChange, kept, onKeep, schema, onReload, purposes, disclosures }) {
  const change = (part) => (value) => onChange({ ...declaration, [part]: value });
  return (
    <header className="sekisho-panel sekisho-declaration">
      <div className="sekisho-brand">
        <Gate />
        <strong>sekisho</strong>
      </div>
      <label className="sekisho-token" title="Sent as Authorization: Bearer">
        <span>Access token</span>
        <input
          type="password"
          value={declaration.token}
          onChange={(event) => change("token")(event.target.value)}
          placeholder="paste a bearer token"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          data-1p-ignore=""
          data-lpignore="true"
        />
      </label>
      <Choice
        label="Purpose of use"
        header="X-Purpose-Of-Use"
        value={declaration.purpose}
        vocabulary={purposes}
        onChange={change("purpose")}
      />
      <Choice
        label="Disclosure purpose"
        header="X-Disclosure-Purpose"
        value={declaration.disclosure}
        vocabulary={disclosures}
        onChange={change("disclosure")}
      />
      <label className="sekisho-reference" title="Sent as X-Reference">
        <span>Reference</span>
        <input
          type="text"
          value={declaration.reference}
          onChange={(event) => change("reference")(event.target.value)}
          placeholder="case or request"
          autoComplete="off"
          spellCheck={false}
        />
      </label>
      <div className="sekisho-aside">
        <label className="sekisho-keep" title="Kept in this tab's session storage until the tab is closed">
          <input type="checkbox" checked={kept} onChange={(event) => onKeep(event.target.checked)} />
          <span>keep in this tab</span>
        </label>
        <p className="sekisho-schema" data-state={schema.state} role="status">
          <span>{schema.message}</span>
          {schema.state !== "waiting" && (
            <button type="button" onClick={onReload} disabled={schema.state === "loading"}>
              reload
            </button>
          )}
        </p>
      </div>
    </header>
  );
}
