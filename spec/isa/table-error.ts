// A mistake in our own instruction tables. Relies on nothing. Thrown while a table is read or an effect is
// elaborated; a user can never cause it (test/isa elaborates every row of every table).

/** The error that a wrong row raises; `message` names the row. */
export class TableError extends Error {
  override readonly name = "TableError";
}

/** Stops with a `TableError`. */
export function tableError(message: string): never {
  throw new TableError(message);
}
