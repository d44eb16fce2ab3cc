// `pancake machine`: a whole board with other people's images, at this terminal.
//
// Exit code: what the guest asked for when it switched off; 3 after a timeout. `--record` and `--replay` repeat a run,
// `--save` and `--restore` interrupt one.

import { isProblem } from "../../../runtime/images/elf-file.ts";
import { prepare } from "../machine/prepare.ts";
import { refuse } from "../machine/problem-text.ts";
import { MachineRun } from "../machine/run.ts";
import type { MachineWords } from "../machine/words.ts";

export async function machineCommand(words: MachineWords): Promise<number> {
  const made = prepare(words);
  if (isProblem(made)) return refuse(made);
  const run = MachineRun.make(words, made);
  return isProblem(run) ? refuse(run) : await run.toTheEnd();
}
