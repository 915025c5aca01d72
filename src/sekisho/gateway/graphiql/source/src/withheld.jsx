// The panel below the editor: what the last answer withheld, or why it was refused.
import { useEffect, useState } from "react";

function pathText(path) {
  if (!Array.isArray(path)) return String(path);
  return path.map((step, at) => (typeof step === "number" ? `[${step}]` : at ? `.${step}` : step)).join("");
}

const plain = (value) => (value === null || typeof value !== "object" ? String(value ?? "") : JSON.stringify(value));

function Paths({ paths }) {
  if (paths.length === 1) return <code className="sekisho-path">{pathText(paths[0])}</code>;
  return (
    <details className="sekisho-paths">
      <summary>in {paths.length} places</summary>
      {paths.map(pathText).map((path) => (
        <code className="sekisho-path" key={path}>
          {path}
        </code>
      ))}
    </details>
  );
}

function Row({ name, code, clause, message, remedy, paths }) {
  return (
    <tr>
      <td>
        <code>{name}</code>
        {paths?.length > 0 && <Paths paths={paths} />}
      </td>
      <td>
        <span className="sekisho-code" data-code={code}>
          {code}
        </span>
      </td>
      <td>
        {message}
        {remedy && <div className="sekisho-remedy">{plain(remedy)}</div>}
      </td>
      <td className="sekisho-clause">{plain(clause)}</td>
    </tr>
  );
}

/** The rows of an answer: `extensions.withheld` first, then its errors. */
function rowsOf(answer) {
  const withheld = Array.isArray(answer?.extensions?.withheld) ? answer.extensions.withheld : [];
  const errors = Array.isArray(answer?.errors) ? answer.errors : [];
  return {
    withheld: withheld.map((entry) => ({ ...entry, name: entry.coordinate })),
    errors: errors.map(({ message, path, extensions }) => ({
      name: extensions?.coordinate ?? (path ? pathText(path) : "the operation"),
      code: extensions?.code ?? "ERROR",
      message,
      clause: extensions?.clause,
      remedy: extensions?.remedy,
    })),
  };
}

function summary(outcome, { withheld, errors }) {
  if (!outcome) return "What an answer withholds is listed here, each with its reason.";
  if (outcome.failure) return outcome.failure;
  const parts = [];
  const fields = new Set(withheld.map(({ name }) => name)).size;
  if (fields) parts.push(`${fields} ${fields === 1 ? "field" : "fields"}, in whole or in part`);
  if (errors.length) parts.push(outcome.answer.data ? `${errors.length} with an error` : "refused");
  return parts.join(", ") || "This answer reports nothing withheld.";
}

export function Withheld({ outcome }) {
  const [open, setOpen] = useState(false);
  const rows = rowsOf(outcome?.answer);
  const all = [...rows.withheld, ...rows.errors];
  useEffect(() => setOpen(all.length > 0), [outcome]);
  const state = !outcome ? "waiting" : outcome.failure || rows.errors.length ? "refused" : all.length ? "withheld" : "clear";
  return (
    <section className="sekisho-panel sekisho-withheld" data-state={state} aria-label="Withheld">
      <div className="sekisho-bar">
        <button type="button" aria-expanded={open} disabled={all.length === 0} onClick={() => setOpen(!open)}>
          Withheld
        </button>
        <span className="sekisho-summary" role="status">
          {summary(outcome, rows)}
        </span>
        {outcome && (
          <span className="sekisho-answer">
            {outcome.operationName && <span>{outcome.operationName}</span>}
            {outcome.status && <span>HTTP {outcome.status}</span>}
            {outcome.requestId && (
              <span title="X-Request-Id of this answer">
                request <code>{outcome.requestId}</code>
              </span>
            )}
          </span>
        )}
      </div>
      {open && (
        <div className="sekisho-table" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">Code</th>
                <th scope="col">Reason</th>
                <th scope="col">Clause</th>
              </tr>
            </thead>
            <tbody>
              {all.map((row, at) => (
                <Row key={at} {...row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
