/** The product's mark: a gate, and the one who stands before it. */
export const Gate = () => (
  <svg viewBox="0 0 32 32" fill="none" stroke="currentColor" strokeWidth="2.6" strokeLinecap="round" aria-hidden="true">
    <path d="M3 8.5q13 3.4 26 0M6.5 15.5h19M9.5 10v17M22.5 10v17" />
    <path className="sekisho-traveller" d="M16 20.5v6.5" />
  </svg>
);
