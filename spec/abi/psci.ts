// Arm's Power State Coordination Interface: function numbers, results, states.
// Relies on nothing. Source: Arm DEN 0022, issue F (PSCI 1.2); numbers follow the SMC Calling Convention (DEN 0028).

/** Version that the built-in firmware implements: major in the upper half. */
export const PSCI_VERSION = 0x1_0001n;

/** Functions with 32-bit numbers; those with addresses have a 64-bit form too, which sets bit 30. */
export const PSCI_FUNCTION = {
  version: 0x8400_0000n,
  cpuSuspend: 0x8400_0001n,
  cpuOff: 0x8400_0002n,
  cpuOn: 0x8400_0003n,
  affinityInfo: 0x8400_0004n,
  migrate: 0x8400_0005n,
  migrateInfoType: 0x8400_0006n,
  systemOff: 0x8400_0008n,
  systemReset: 0x8400_0009n,
  features: 0x8400_000an,
} as const;

/** What a 64-bit form adds to its function's number. */
export const PSCI_WIDE = 0x4000_0000n;

export const PSCI_RESULT = {
  success: 0n,
  notSupported: -1n,
  invalidParameters: -2n,
  denied: -3n,
  alreadyOn: -4n,
  internalFailure: -6n,
} as const;

export const PSCI_AFFINITY = { on: 0n, off: 1n } as const;

/** No trusted system needs to be migrated. */
export const PSCI_NO_MIGRATION = 2n;

/** Affinity fields of MPIDR_EL1 that name a core. */
export const MPIDR_AFFINITY = 0xff_00ff_ffffn;
