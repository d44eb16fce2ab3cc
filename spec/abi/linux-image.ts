// The header of Linux kernel images, by which boot loaders know where they want to be.
// Relies on nothing. Sources: Linux 6.1, Documentation/arm64/booting.rst and Documentation/riscv/boot-image-header.rst.

/** Offsets in the header; both ISAs share them. All numbers are little-endian. */
export const IMAGE_HEADER = {
  /** Bytes from a boundary of 2 MiB to the image (u64). */
  textOffset: 8,
  /** Bytes of memory that the kernel takes, its zeroed part included (u64); 0: older than the field. */
  imageBytes: 16,
  bytes: 64,
} as const;

/** A text that tells an image's ISA. */
export interface ImageMagic {
  readonly at: number;
  readonly text: string;
}

export const IMAGE_MAGIC: Readonly<Record<"riscv64" | "arm64", ImageMagic>> = {
  riscv64: { at: 56, text: "RSC\x05" },
  arm64: { at: 56, text: "ARM\x64" },
};

/** Kernels start at a multiple of this, plus their text offset. */
export const IMAGE_ALIGNMENT = 2n << 20n;

/** Arm: where an image without a size, or no image at all, is put behind the start of memory. */
export const DEFAULT_TEXT_OFFSET = 0x8_0000n;
