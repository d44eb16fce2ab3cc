// Blocks inside statements, for every language with structured control (Pan, Crep, Loop): they have the same names
// there, so walks over them are written once.

/** A statement as far as its blocks go: the body of a block or loop, the arms of an `if`, the body of a handler. */
export interface Nesting<Stmt> {
  readonly body?: readonly Stmt[];
  readonly then?: readonly Stmt[];
  readonly else?: readonly Stmt[];
  readonly handler?: { readonly body: readonly Stmt[] } | null;
  readonly kind: string;
}

/** The blocks of the statement: arms, bodies, the handler's body. */
export function stmtBlocks<Stmt extends Nesting<Stmt>>(stmt: Stmt): readonly (readonly Stmt[])[] {
  if (stmt.body !== undefined) return [stmt.body];
  if (stmt.then !== undefined && stmt.else !== undefined) return [stmt.then, stmt.else];
  return stmt.handler === undefined || stmt.handler === null ? [] : [stmt.handler.body];
}

/** `stmt` with its blocks mapped. */
export function mapStmtBlocks<Stmt extends Nesting<Stmt>>(
  stmt: Stmt,
  f: (block: readonly Stmt[]) => readonly Stmt[],
): Stmt {
  if (stmt.body !== undefined) return { ...stmt, body: f(stmt.body) };
  if (stmt.then !== undefined && stmt.else !== undefined) {
    return { ...stmt, then: f(stmt.then), else: f(stmt.else) };
  }
  if (stmt.handler === undefined || stmt.handler === null) return stmt;
  return { ...stmt, handler: { ...stmt.handler, body: f(stmt.handler.body) } };
}

/** Every statement at or below a block, in source order, outermost first. */
export function forEachStmt<Stmt extends Nesting<Stmt>>(
  block: readonly Stmt[],
  visit: (stmt: Stmt) => void,
): void {
  for (const stmt of block) {
    visit(stmt);
    for (const inner of stmtBlocks(stmt)) forEachStmt(inner, visit);
  }
}
