import type { Client } from './requests.ts';
import { runText } from './results-text.ts';

/** So few that taking them is not what is measured. */
const SAMPLES = 3;

/** Sends all runs with other samples and a later end, so that every series has another value once this resolves. */
export async function sendAnew(client: Client, runs: number, edition: number): Promise<void> {
  const lines = Array.from({ length: runs }, (_, index) => runText(index, SAMPLES, edition));
  const body = Buffer.from(lines.join('\n'));
  const answer = await client.send('/v1/results', { body, contentType: 'application/x-ndjson' });
  const { accepted } = JSON.parse(Buffer.concat(answer.body).toString()) as { accepted: number };
  if (accepted !== runs) throw new Error(`${accepted} of ${runs} runs were accepted`);
}
