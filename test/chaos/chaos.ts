import { Random } from '../kit/random-numbers.ts';

/** How often Wattline is killed in all suites together, as CHAOS_KILLS says. */
const KILLS = Number(process.env.CHAOS_KILLS ?? 100);

/** How often Wattline is killed in a suite that has a share of all kills, in percent; once at least. */
export function killsOf(percent: number): number {
  return Math.max(1, Math.round((KILLS * percent) / 100));
}

/** Makes the choices of a suite, which are the same for each CHAOS_SEED, and others than those of another suite. */
export function choicesOf(suite: string): Random {
  const own = [...suite].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 7);
  return new Random(Number(process.env.CHAOS_SEED) ^ own);
}

/** Writes what a suite has come to on a line of the output. */
export function report(suite: string, figures: Readonly<Record<string, number>>): void {
  const said = Object.entries(figures).map(([name, value]) => `${value} ${name}`);
  console.log(`${suite}: ${said.join(', ')}`);
}
