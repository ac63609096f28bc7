import { stat } from 'node:fs/promises';

/** What tells a file from what it was before: undefined where there was none. */
export type FileState = { readonly size: number; readonly mtimeMs: number; readonly ino: number } | undefined;

/** Returns the state of a file now. */
export async function stateOf(path: string): Promise<FileState> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? { size: found.size, mtimeMs: found.mtimeMs, ino: found.ino } : undefined;
}

/** Whether a file is there and is not what it was before. */
export async function changedSince(path: string, before: FileState): Promise<boolean> {
  const now = await stateOf(path);
  if (now === undefined || before === undefined) return now !== undefined;
  return now.size !== before.size || now.mtimeMs !== before.mtimeMs || now.ino !== before.ino;
}
