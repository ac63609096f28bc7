import { writeFile } from 'node:fs/promises';
import { messageOf, WattlineError } from '../errors.ts';
import { parseModelFile, type TrainedModel } from '../prediction/index.ts';
import { loadFileUpTo } from '../text-file.ts';

/** The largest model file that is read. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Reads a model file. Throws `MODEL_REFUSED` where it cannot be read or is none. */
export async function loadModel(path: string): Promise<TrainedModel> {
  let bytes: Buffer;
  try {
    bytes = await loadFileUpTo(path, MOST_BYTES);
  } catch (error) {
    throw new WattlineError('MODEL_REFUSED', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  return parseModelFile(bytes.toString(), path);
}

/** Writes a file that a command was asked for. Throws `CANNOT_WRITE` where that fails. */
export async function writeOutput(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new WattlineError('CANNOT_WRITE', `${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}
