// The reference that our Pancake follows (design.md, D1).

export const PANCAKE_REFERENCE = { commit: "5e2e7cbc2", date: "2026-08-21" } as const;
