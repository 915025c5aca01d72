import { GraphiQL } from "graphiql";
import "graphiql/style.css";
import { useCallback, useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { Declaration } from "./declaration.jsx";
import { bareToken, loadSchema, run } from "./gateway.js";
import { EMPTY_DECLARATION, forgetfulStorage, keepDeclaration, keptDeclaration } from "./memory.js";
import me from "./operations/me.graphql";
import policy from "./operations/policy.graphql";
import subjects from "./operations/subjects.graphql";
import "./page.css";
import { Withheld } from "./withheld.jsx";

const TYPING_MS = 400;
const NO_TOKEN = { state: "waiting", message: "Enter a token to load the schema." };
const OPERATIONS = [me, subjects, policy].map((query) => ({ query }));
const storage = forgetfulStorage();

/** The schema of whoever holds `token`: loaded when the token stops changing, dropped at once when it changes. */
function useSchema(endpoint, token) {
  const [schema, setSchema] = useState(null);
  const [status, setStatus] = useState(NO_TOKEN);
  const [loads, setLoads] = useState(0);
  useEffect(() => {
    setSchema(null);
    if (!token) {
      setStatus(NO_TOKEN);
      return undefined;
    }
    setStatus({ state: "loading", message: "Loading the schema." });
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const loaded = await loadSchema(endpoint, token, abort.signal);
        if (abort.signal.aborted) return;
        setSchema(loaded);
        setStatus({ state: "ready", message: "Schema loaded." });
      } catch (error) {
        if (!abort.signal.aborted) setStatus({ state: "failed", message: `No schema. ${error.message}` });
      }
    }, TYPING_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [endpoint, token, loads]);
  return { schema, status, reload: () => setLoads((count) => count + 1) };
}

function Page({ endpoint, purposes, disclosures }) {
  const [kept, setKept] = useState(() => keptDeclaration() !== null);
  const [declaration, setDeclaration] = useState(() => keptDeclaration() ?? EMPTY_DECLARATION);
  const [outcome, setOutcome] = useState(null);
  const { schema, status, reload } = useSchema(endpoint, bareToken(declaration.token));

  useEffect(() => keepDeclaration(kept ? declaration : null), [kept, declaration]);

  const current = useRef(declaration);
  current.current = declaration;
  const fetcher = useCallback(
    async ({ query, variables, operationName }) => {
      try {
        const reached = await run(endpoint, current.current, { query, variables, operationName });
        setOutcome({ ...reached, operationName });
        return reached.answer;
      } catch (error) {
        const failure = `${error.name}: ${error.message}`;
        setOutcome({ failure, operationName });
        return failure;
      }
    },
    [endpoint],
  );

  return (
    <>
      <Declaration
        declaration={declaration}
        onChange={setDeclaration}
        kept={kept}
        onKeep={setKept}
        schema={status}
        onReload={reload}
        purposes={purposes}
        disclosures={disclosures}
      />
      <main className="sekisho-editor">
        <GraphiQL
          fetcher={fetcher}
          schema={schema}
          storage={storage}
          defaultQuery=""
          defaultTabs={OPERATIONS}
          shouldPersistHeaders={false}
          isHeadersEditorEnabled={false}
          showPersistHeadersSettings={false}
        >
          <GraphiQL.Logo>
            <span />
          </GraphiQL.Logo>
        </GraphiQL>
      </main>
      <Withheld outcome={outcome} />
    </>
  );
}

const root = document.getElementById("sekisho");
const { endpoint, purposes, disclosures } = root.dataset;
createRoot(root).render(
  <Page endpoint={endpoint} purposes={JSON.parse(purposes)} disclosures={JSON.parse(disclosures)} />,
);
