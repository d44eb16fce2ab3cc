// Stands for `node:child_process` in the bundle: commander imports it for subcommands that are programs of their own,
// which we have none of, and loading it takes Node several milliseconds.

export {};
