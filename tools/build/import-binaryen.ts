// Stands for binaryen in the bundle: 15 MB that only one target needs, loaded from node_modules by whoever asks.
//
// The default export is a promise of what it is elsewhere. `(await import("binaryen")).default`, returned from an async
// function, is the same for both.

/** Given to the bundle by bundle.ts. */
declare const importModule: (specifier: string) => Promise<{ readonly default: unknown }>;

const binaryen = importModule("binaryen").then((module) => module.default);

// A default export because binaryen's is one.
export default binaryen;
