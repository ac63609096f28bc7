import { readFile, stat } from 'node:fs/promises';
import { messageOf, z } from 'wattline/plugin';

/** A report is far smaller; what is larger is another file. */
const MOST_BYTES = 4 * 1024 * 1024;

const amount = z.object({ value: z.number(), lower: z.number().optional(), upper: z.number().optional() });
const amounts = z.object({ usd: amount.optional(), energy_joules: amount.optional(), co2_kg: amount.optional() });
const window = { from: z.string().optional(), until: z.string().optional() };

/** What the page shows of the output of `wattline advise --json`. */
const reportSchema = z.object({
  runs: z.number(),
  ...window,
  before: amounts,
  saved: amounts,
  advice: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      title: z.string(),
      saves: amounts,
      runs: z.number(),
      ...window,
      power: z.string(),
      assumes: z.array(z.string()),
      check: z.string(),
    }),
  ),
});

/** A report and when it was written, or why there is none; all are null where no file is configured. */
export interface AdviceAnswer {
  readonly report: z.output<typeof reportSchema> | null;
  readonly written_at: string | null;
  readonly problem: string | null;
}

/** Returns what reads the output of `wattline advise --json`, again only once the file has changed. It never rejects. */
export function adviceFile(path: string | undefined): () => Promise<AdviceAnswer> {
  let known: { readonly state: string; readonly answer: AdviceAnswer } | undefined;
  return async () => {
    if (path === undefined) return { report: null, written_at: null, problem: null };
    try {
      const { mtime, size } = await stat(path);
      const state = `${mtime.getTime()} ${size}`;
      if (known?.state !== state) known = { state, answer: await read(path, mtime, size) };
      return known.answer;
    } catch (error) {
      known = undefined;
      const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
      return without(isAbsent ? `${path} is not there yet; \`wattline advise --json\` writes it` : messageOf(error));
    }
  };
}

async function read(path: string, mtime: Date, size: number): Promise<AdviceAnswer> {
  if (size > MOST_BYTES) return without(`${path} is larger than ${MOST_BYTES} bytes, which no advice is`);
  try {
    const report = reportSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    return { report, written_at: mtime.toISOString(), problem: null };
  } catch (error) {
    return without(`${path} is not what \`wattline advise --json\` writes: ${messageOf(error)}`);
  }
}

function without(problem: string): AdviceAnswer {
  return { report: null, written_at: null, problem };
}
