// The one place that talks to the gateway. The token travels in the Authorization header and nowhere else.
import { buildClientSchema, getIntrospectionQuery } from "graphql";

/** A request that was not sent, or an answer that is none. Its message tells what to do. */
export class Unsent extends Error {
  name = "Not sent";
}

const TOKEN = /^[\x21-\x7e]+$/;
const HEADER_VALUE = /^[\x20-\x7e]*$/;

/** The token as pasted, without its scheme. */
export const bareToken = (text) => text.trim().replace(/^Bearer\s+/i, "");

function declaringHeaders({ token, purpose, disclosure, reference }) {
  const bare = bareToken(token);
  if (!bare) throw new Unsent("enter an access token above, then run the operation again");
  if (!TOKEN.test(bare)) throw new Unsent("the access token holds a character no token has; paste it again");
  if (!HEADER_VALUE.test(reference)) throw new Unsent("write the reference in ASCII characters");
  const headers = { Authorization: `Bearer ${bare}` };
  if (purpose) headers["X-Purpose-Of-Use"] = purpose;
  if (disclosure) headers["X-Disclosure-Purpose"] = disclosure;
  if (reference.trim()) headers["X-Reference"] = reference.trim();
  return headers;
}

async function post(endpoint, headers, body, signal) {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: {
      ...headers,
      "Content-Type": "application/json",
      Accept: "application/graphql-response+json, application/json;q=0.9",
    },
    body: JSON.stringify(body),
    credentials: "omit",
    cache: "no-store",
    redirect: "error",
    referrerPolicy: "no-referrer",
    signal,
  });
  const requestId = response.headers.get("X-Request-Id");
  try {
    return { status: response.status, requestId, answer: await response.json() };
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Error(`the gateway answered ${response.status} without JSON; look at its log for request ${requestId}`);
  }
}

/** Runs one operation under the declaration; returns `{status, requestId, answer}`. */
export const run = (endpoint, declaration, operation) => post(endpoint, declaringHeaders(declaration), operation);

/** Loads the schema. Introspection needs a token and no purpose, so nothing else is declared. */
export async function loadSchema(endpoint, token, signal) {
  const headers = declaringHeaders({ token, purpose: "", disclosure: "", reference: "" });
  const query = getIntrospectionQuery({ inputValueDeprecation: true });
  const { status, answer } = await post(endpoint, headers, { query, operationName: "IntrospectionQuery" }, signal);
  if (answer?.data?.__schema) return buildClientSchema(answer.data);
  const error = answer?.errors?.[0];
  throw new Error([error?.extensions?.code, error?.message ?? `the gateway answered ${status}`].filter(Boolean).join(": "));
}
