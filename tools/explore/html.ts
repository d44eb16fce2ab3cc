// `pancake explore --format html`: source and stages side by side in one self-contained page, linked by hover.
//
// Every printed line that came from source carries its source lines; hovering a line marks all lines of all columns
// that share a source line with it. No network, no framework: the page is meant to be opened from disk or mailed.

/** A line of a stage; `sourceLines` are line numbers of the page's source column, from 1. */
export interface ExploreLine {
  readonly text: string;
  readonly sourceLines: { readonly first: number; readonly last: number } | null;
}

export interface ExploreStage {
  /** Pass name, or `source`. */
  readonly title: string;
  readonly language: string;
  readonly lines: readonly ExploreLine[];
}

const STYLE = `
:root { color-scheme: light dark; --mark: #ffe58a; --line: #8883; --head: #8881; }
@media (prefers-color-scheme: dark) { :root { --mark: #6b5900; } }
* { box-sizing: border-box; }
body { margin: 0; font: 13px/1.45 system-ui, sans-serif; height: 100vh; display: flex; flex-direction: column; }
header { padding: 6px 10px; border-bottom: 1px solid var(--line); display: flex; gap: 12px; flex-wrap: wrap; align-items: center; }
header h1 { font-size: 14px; margin: 0 8px 0 0; }
main { flex: 1; display: grid; grid-auto-flow: column; grid-auto-columns: minmax(320px, 1fr); overflow-x: auto; min-height: 0; }
section { border-right: 1px solid var(--line); display: flex; flex-direction: column; min-width: 0; min-height: 0; }
section[hidden] { display: none; }
section h2 { font-size: 12px; margin: 0; padding: 4px 8px; background: var(--head); }
section h2 small { font-weight: normal; opacity: .7; }
ol { margin: 0; padding: 4px 0; overflow: auto; flex: 1; list-style: none; font: 12px/1.5 ui-monospace, monospace; }
li { white-space: pre; padding: 0 8px; }
li.on { background: var(--mark); }
label { white-space: nowrap; cursor: pointer; }
`;

const SCRIPT = `
const items = [...document.querySelectorAll("li[data-f]")];
const byLine = new Map();
for (const li of items)
  for (let n = +li.dataset.f; n <= +li.dataset.l && n - +li.dataset.f < 40; n++) (byLine.get(n) ?? byLine.set(n, []).get(n)).push(li);
let marked = [];
const mark = (li, scroll) => {
  for (const old of marked) old.classList.remove("on");
  marked = [];
  if (!li) return;
  const found = new Set();
  for (let n = +li.dataset.f; n <= +li.dataset.l && n - +li.dataset.f < 40; n++) for (const other of byLine.get(n) ?? []) found.add(other);
  const seen = new Set([li.parentNode]);
  for (const other of found) {
    other.classList.add("on");
    marked.push(other);
    if (scroll && !seen.has(other.parentNode)) { seen.add(other.parentNode); other.scrollIntoView({ block: "nearest" }); }
  }
};
document.querySelector("main").addEventListener("mouseover", (e) => mark(e.target.closest("li[data-f]"), false));
document.querySelector("main").addEventListener("click", (e) => mark(e.target.closest("li[data-f]"), true));
for (const box of document.querySelectorAll("input[data-stage]"))
  box.addEventListener("change", () => { document.getElementById(box.dataset.stage).hidden = !box.checked; });
`;

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => escapes[c] ?? c);
}

function lineItem(line: ExploreLine): string {
  const { sourceLines } = line;
  const data = sourceLines === null ? "" : ` data-f="${sourceLines.first}" data-l="${sourceLines.last}"`;
  return `<li${data}>${escapeHtml(line.text) || " "}</li>`;
}

function column(stage: ExploreStage, index: number, shown: boolean): string {
  const head = `<h2>${escapeHtml(stage.title)} <small>${escapeHtml(stage.language)}</small></h2>`;
  return `<section id="s${index}"${shown ? "" : " hidden"}>${head}<ol>${stage.lines.map(lineItem).join("")}</ol></section>`;
}

/**
 * The page. The first stage is the source; stages named in `shown` are visible at first, the others by a tick.
 */
export function explorePage(
  title: string,
  stages: readonly ExploreStage[],
  shown: ReadonlySet<string>,
): string {
  const visible = stages.map((stage, index) => index === 0 || shown.has(stage.title));
  const boxes = stages.map(
    (stage, index) =>
      `<label><input type="checkbox" data-stage="s${index}"${visible[index] === true ? " checked" : ""}> ${escapeHtml(stage.title)}</label>`,
  );
  const columns = stages.map((stage, index) => column(stage, index, visible[index] === true));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><header><h1>${escapeHtml(title)}</h1>${boxes.join("")}</header>
<main>${columns.join("\n")}</main>
<script>${SCRIPT}</script></body></html>
`;
}
