// The Supervisor Binary Interface of RISC-V: numbers of extensions, functions, errors and states.
// Relies on nothing. Source: RISC-V Supervisor Binary Interface Specification 2.0.

/** Version that the built-in firmware implements: major in bits 30..24, minor below. */
export const SBI_VERSION = { major: 2n, minor: 0n } as const;

/** Where a call's parts are: numbers in the main register file. */
export const SBI_REGISTERS = { extension: 17, function: 16, argument: 10, error: 10, value: 11 } as const;

/** Extension numbers (a7). Legacy calls are extensions of their own and answer in a0 only. */
export const SBI_EXTENSION = {
  base: 0x10n,
  timer: 0x5449_4d45n,
  ipi: 0x73_5049n,
  remoteFence: 0x5246_4e43n,
  hartState: 0x48_534dn,
  systemReset: 0x5352_5354n,
  debugConsole: 0x4442_434en,
} as const;

export const SBI_LEGACY = {
  setTimer: 0n,
  putCharacter: 1n,
  getCharacter: 2n,
  clearIpi: 3n,
  sendIpi: 4n,
  remoteFenceInstruction: 5n,
  remoteFenceTranslation: 6n,
  remoteFenceTranslationSpace: 7n,
  shutdown: 8n,
} as const;

/** Functions (a6) of each extension. */
export const SBI_FUNCTION = {
  base: {
    specificationVersion: 0n,
    implementationId: 1n,
    implementationVersion: 2n,
    probeExtension: 3n,
    vendorId: 4n,
    architectureId: 5n,
    machineImplementationId: 6n,
  },
  timer: { set: 0n },
  ipi: { send: 0n },
  remoteFence: { instruction: 0n, translation: 1n, translationSpace: 2n },
  hartState: { start: 0n, stop: 1n, status: 2n, suspend: 3n },
  systemReset: { reset: 0n },
  debugConsole: { write: 0n, read: 1n, writeByte: 2n },
} as const;

export const SBI_ERROR = {
  success: 0n,
  failed: -1n,
  notSupported: -2n,
  invalidParameter: -3n,
  denied: -4n,
  invalidAddress: -5n,
  alreadyAvailable: -6n,
  alreadyStarted: -7n,
  alreadyStopped: -8n,
} as const;

export const SBI_HART_STATE = { started: 0n, stopped: 1n, suspended: 4n } as const;

/**
 * Types of suspension; from `nonRetentive` on the hart goes on at an address given. Of both kinds those from `platform` on
 * are platforms' own, and what is between them and the first is reserved.
 */
export const SBI_SUSPEND = { retentive: 0n, platform: 0x1000_0000n, nonRetentive: 0x8000_0000n } as const;

export const SBI_RESET_TYPE = { shutdown: 0n, coldReboot: 1n, warmReboot: 2n } as const;
export const SBI_RESET_REASON = { none: 0n, systemFailure: 1n } as const;

/** A hart mask base that means all harts. */
export const SBI_ALL_HARTS = (1n << 64n) - 1n;
