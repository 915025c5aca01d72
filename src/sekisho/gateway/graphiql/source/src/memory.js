// Where the page keeps things. See the table in README.md.

const KEY = "sekisho:declaration";

export const EMPTY_DECLARATION = { token: "", purpose: "", disclosure: "", reference: "" };

/** A Storage for GraphiQL that forgets with the page: operations and variables may name people. */
export function forgetfulStorage() {
  const items = new Map();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
    clear: () => items.clear(),
    get length() {
      return items.size;
    },
  };
}

/** The declaration that this tab was asked to keep, or null. */
export function keptDeclaration() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY));
    return kept && { ...EMPTY_DECLARATION, ...kept };
  } catch {
    return null; // storage is blocked, or not ours: nothing is kept
  }
}

/** Keeps the declaration in this tab, or forgets it (`null`). */
export function keepDeclaration(declaration) {
  try {
    if (declaration) sessionStorage.setItem(KEY, JSON.stringify(declaration));
    else sessionStorage.removeItem(KEY);
  } catch {
    // storage is blocked: the declaration stays in memory, as without the tick
  }
}
