/** A subcommand of `npx moon-lab`: a thin shell over the door. `run` returns the exit code; a UserError is printed by the caller. */
export interface Command {
  /** What follows `moon-lab `, e.g. `data inspect PATH [--json]`. */
  usage: string;
  /** One line for `moon-lab help`. */
  summary: string;
  run(args: string[]): Promise<number>;
}
