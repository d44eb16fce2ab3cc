// Static libraries: the `ar` format of GNU and BSD tools (System V gABI, "Archive file"). Relies on nothing.
// A file is the magic and members; each has a header of text fields, padded with blanks, and starts at an even offset.

/** The first bytes of an archive, and of one that only names files. */
export const ARCHIVE_MAGIC = "!<arch>\n";
export const THIN_ARCHIVE_MAGIC = "!<thin>\n";

/** Header fields in order, with their widths in characters. */
export const MEMBER_HEADER = [
  { name: "name", bytes: 16 },
  { name: "date", bytes: 12 },
  { name: "owner", bytes: 6 },
  { name: "group", bytes: 6 },
  { name: "mode", bytes: 8 },
  { name: "size", bytes: 10 },
  { name: "end", bytes: 2 },
] as const;

/** What stands in the header's last field. */
export const MEMBER_HEADER_END = "`\n";

/** GNU: the member that holds long names; a name `/123` is the text at 123 in it, up to a slash. */
export const LONG_NAMES_MEMBER = "//";

/** Members that are tables of symbols: of GNU tools with 32 and 64 bits, of BSD tools. */
export const SYMBOL_TABLE_MEMBERS: readonly string[] = ["/", "/SYM64/", "__.SYMDEF", "__.SYMDEF SORTED"];

/** BSD: a name `#1/20` is the first 20 bytes of the contents. */
export const BSD_NAME_PREFIX = "#1/";
