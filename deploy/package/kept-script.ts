import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

/** The checksums of the source and of the compiled code, of four bytes each. */
const HEAD = 8;
/** By then what a process needs to start has been compiled; V8 forgets what is not used for long. In milliseconds. */
const STARTED = 3000;

/**
 * Evaluates a script of the package, in ASCII, which is a function of what the module gives it that stands for it, and returns what
 * it exports. The code of all functions that its last start has used is kept in Node's compile cache, by command: Node
 * itself keeps what is compiled on loading, and the many small functions that are called later would be compiled anew at
 * every start, which takes as long as everything else. Where there is no such cache, nothing is kept, nor of what fails.
 */
export function evaluateKept(url: URL, given: readonly unknown[]): Readonly<Record<string, unknown>> {
  const filename = fileURLToPath(url);
  const source = readFileSync(filename);
  const place = placeOf(filename);
  const cachedData = place && read(place, crc32(source));
  const script = new Script(source.toString('latin1'), { filename, ...(cachedData && { cachedData }) });
  if (place && (!cachedData || script.cachedDataRejected)) {
    const keep = () => write(place, crc32(source), script.createCachedData());
    const atEnd = (code: number) => code === 0 && keep();
    process.once('exit', atEnd);
    setTimeout(() => process.off('exit', atEnd) && keep(), STARTED).unref();
  }
  return script.runInThisContext()(...given);
}

function placeOf(filename: string): string | undefined {
  const folder = module.getCompileCacheDir?.();
  const [command = ''] = /^[a-z][a-z-]*$/.exec(process.argv[2] ?? '') ?? [];
  return folder && join(folder, `${basename(filename)}.${command}`);
}

/** The compiled code; undefined where there is none, or it is of another source, or damaged, which V8 does not survive. */
function read(place: string, sourceSum: number): Buffer | undefined {
  try {
    const kept = readFileSync(place);
    const code = kept.subarray(HEAD);
    return kept.readUInt32LE(0) === sourceSum && kept.readUInt32LE(4) === crc32(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Puts it there as a whole, or not at all. */
function write(place: string, sourceSum: number, code: Buffer): void {
  const head = Buffer.alloc(HEAD);
  head.writeUInt32LE(sourceSum, 0);
  head.writeUInt32LE(crc32(code), 4);
  const temporary = `${place}.${process.pid}`;
  try {
    writeFileSync(temporary, Buffer.concat([head, code]), { mode: 0o600 });
    renameSync(temporary, place);
  } catch {
    // The next start compiles it again, and would leave another file behind.
    discard(temporary);
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Who may not write there has left nothing.
  }
}
