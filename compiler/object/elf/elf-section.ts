// A section of an ELF file, read or to be written.

/** The fields of its header and its contents. */
export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: bigint;
  /** Empty for SHT_NOBITS. */
  readonly bytes: Uint8Array;
  readonly sizeBytes: number;
  readonly link: number;
  readonly info: number;
  readonly alignment: number;
  readonly entryBytes: number;
}

/** A section with the fields that most sections leave empty. */
export function elfSection(
  name: string,
  type: number,
  bytes: Uint8Array,
  rest: Partial<ElfSection> = {},
): ElfSection {
  return {
    name,
    type,
    bytes,
    flags: 0,
    address: 0n,
    sizeBytes: bytes.length,
    link: 0,
    info: 0,
    alignment: 1,
    entryBytes: 0,
    ...rest,
  };
}
