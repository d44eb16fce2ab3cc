// Where an `#include` or `import` looks for its file: paths with `/`, joined as text, so that it works anywhere.

/** How the preprocessor reads files; the host decides what a path means. */
export interface FileReader {
  /** The text of the file, or null if there is none. */
  readonly read: (path: string) => string | null;
}

export interface FoundFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Finds `name`: beside the file that asks (unless `asker` is null), then in each search path, in order.
 * An absolute name is read as it is.
 */
export function findFile(
  name: string,
  asker: string | null,
  search: { readonly reader: FileReader; readonly includePaths: readonly string[] },
): FoundFile | null {
  const beside = asker === null ? [] : [folderOf(asker)];
  const folders = name.startsWith("/") ? [""] : [...beside, ...search.includePaths];
  for (const folder of folders) {
    const path = joinPath(folder, name);
    const text = search.reader.read(path);
    if (text !== null) return { path, text };
  }
  return null;
}

/** The folder of a path, without the last slash; "" for a bare name. */
function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : slash === 0 ? "/" : path.slice(0, slash);
}

/** Joins and drops `.` and inner `..` parts, so that one file has one name. */
function joinPath(folder: string, name: string): string {
  const whole = folder === "" ? name : folder.endsWith("/") ? folder + name : `${folder}/${name}`;
  const parts: string[] = [];
  for (const part of whole.split("/")) {
    if (part === "." || (part === "" && parts.length > 0)) continue;
    const before = parts.at(-1);
    if (part === ".." && before !== undefined && before !== ".." && before !== "") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}
