import { messageOf, type SourceContext } from 'wattline/plugin';
import type { FileToRead } from './changed-files.ts';
import type { KnownRuns } from './known-runs.ts';

/** Reads files whose runs are never to be handed over, and has that written. Rejects where it cannot be, or is aborted. */
export async function leaveOut(
  ctx: SourceContext,
  files: readonly FileToRead[],
  known: KnownRuns,
  signal: AbortSignal,
): Promise<void> {
  const digests: string[] = [];
  for (const { file } of files) {
    try {
      for await (const runs of file.read({ isLast: false, digests: true, signal })) {
        for (const { digest } of runs) if (digest !== undefined && known.meet(digest) === 'new') digests.push(digest);
      }
    } catch (error) {
      if (signal.aborted) throw error;
      const message = `${file.path} cannot be read, and counts as new once it can: ${messageOf(error)}`;
      ctx.skip({ item: 'file', reason: 'unreadable', message });
    }
  }
  await known.leaveOut(digests);
}
