import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { messageOf } from '../errors.ts';
import { changedSince, type FileState } from './file-state.ts';

/** The model that libvmaf has as its default for a screen of high definition; scores of different models do not compare. */
const VMAF_MODEL = 'vmaf_v0.6.1';
/** Bytes that ffmpeg may print about a video: some 60 a frame. */
const MOST_OUTPUT = 2 ** 28;

/** What is known of the video that a run wrote, as fields of results. */
export interface OutputVideo {
  /** The size of its pictures as encoded, without audio and container. */
  readonly output_bytes?: number;
  /** The same by the duration of the video, in bits per second. */
  readonly output_bits_per_second?: number;
  /** The mean VMAF of its frames, 0 to 100. */
  readonly vmaf_score?: number;
  readonly vmaf_model?: string;
}

/** Which video to look at, and by which programs. */
export interface OutputVideoRequest {
  readonly encoded: string;
  /** What the file was before the run. */
  readonly before: FileState;
  readonly reference: string | undefined;
  /** The program that computes VMAF. */
  readonly ffmpeg: string;
  readonly signal: AbortSignal;
}

const execute = promisify(execFile);

/**
 * Returns what is known of the video that a run wrote, and in `problem` why something is not: it never fails, since the run
 * has been measured already.
 */
export async function measureOutput(
  request: OutputVideoRequest,
): Promise<{ readonly video: OutputVideo; readonly problem?: string }> {
  const { encoded, before, reference, ffmpeg, signal } = request;
  if (!(await changedSince(encoded, before))) {
    return {
      video: {},
      problem: `the run did not write ${encoded}; give the file that the command writes by --encoded`,
    };
  }
  let video: OutputVideo = {};
  try {
    const written = await packetsOf(ffmpeg, encoded, signal);
    video = {
      output_bytes: written.bytes,
      output_bits_per_second: Math.round((8 * written.bytes) / written.seconds),
    };
    if (reference === undefined) return { video };
    const original = await packetsOf(ffmpeg, reference, signal);
    if (written.frames !== original.frames) {
      const problem = `${encoded} has ${written.frames} frames and ${reference} ${original.frames}; VMAF compares the same frames, so encode all of them at the same frame rate`;
      return { video, problem };
    }
    const score = await vmafOf(ffmpeg, encoded, reference, original.size, signal);
    return { video: { ...video, vmaf_score: score, vmaf_model: VMAF_MODEL } };
  } catch (error) {
    return { video, problem: signal.aborted ? 'it was stopped before' : shortMessage(error) };
  }
}

/** Returns why a program computes no VMAF and what to do; undefined where it does. */
export async function vmafMissing(ffmpeg: string): Promise<string | undefined> {
  const remedy = `PyPI's imageio-ffmpeg has one that does: --vmaf-ffmpeg "$(python3 -c 'import imageio_ffmpeg as i; print(i.get_ffmpeg_exe())')"`;
  try {
    const { stdout } = await execute(ffmpeg, ['-hide_banner', '-filters']);
    return / libvmaf /.test(stdout) ? undefined : `${ffmpeg} was built without libvmaf; ${remedy}`;
  } catch (error) {
    return `${shortMessage(error)}; ${remedy}`;
  }
}

/** What the packets of a video's pictures come to. */
interface Packets {
  readonly bytes: number;
  readonly seconds: number;
  readonly frames: number;
  /** The size of a picture, as `1920:1080`. */
  readonly size: string;
}

/** Reads the packets of the first video stream by ffmpeg's muxer `framecrc`, which prints a line for each. */
async function packetsOf(ffmpeg: string, file: string, signal: AbortSignal): Promise<Packets> {
  const args = ['-v', 'error', '-i', `file:${file}`, '-map', '0:v:0', '-c', 'copy', '-f', 'framecrc', '-'];
  const { stdout } = await execute(ffmpeg, args, { signal, maxBuffer: MOST_OUTPUT });
  const [, numerator, denominator] = /^#tb 0: (\d+)\/(\d+)$/m.exec(stdout) ?? [];
  const [, width, height] = /^#dimensions 0: (\d+)x(\d+)$/m.exec(stdout) ?? [];
  let [bytes, frames, first, last] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [, time, duration, size] of stdout.matchAll(/^0, *-?\d+, *(-?\d+), *(\d+), *(\d+),/gm)) {
    frames++;
    bytes += Number(size);
    first = Math.min(first, Number(time));
    last = Math.max(last, Number(time) + Number(duration));
  }
  const seconds = ((last - first) * Number(numerator)) / Number(denominator);
  if (!(seconds > 0) || width === undefined) throw new Error(`${file} has no video of a known duration`);
  return { bytes, seconds, frames, size: `${width}:${height}` };
}

/** Computes the mean VMAF by ffmpeg's filter libvmaf, with the encoded pictures scaled to the size of the reference. */
async function vmafOf(
  ffmpeg: string,
  encoded: string,
  reference: string,
  size: string,
  signal: AbortSignal,
): Promise<number> {
  const threads = availableParallelism();
  const filter =
    `[0:v:0]scale=${size}:flags=bicubic,setpts=PTS-STARTPTS[encoded];[1:v:0]setpts=PTS-STARTPTS[reference];` +
    `[encoded][reference]libvmaf=model=version=${VMAF_MODEL}:n_threads=${threads}`;
  const inputs = ['-i', `file:${encoded}`, '-i', `file:${reference}`];
  const args = ['-hide_banner', '-nostats', ...inputs, '-lavfi', filter, '-f', 'null', '-'];
  const { stderr } = await execute(ffmpeg, args, { signal, maxBuffer: MOST_OUTPUT });
  const [, score] = /VMAF score: ([\d.]+)/.exec(stderr) ?? [];
  if (score === undefined) throw new Error(`${ffmpeg} printed no VMAF score`);
  return Number(score);
}

/** The last line that a program has printed, that it is missing, or the message of the error. */
function shortMessage(error: unknown): string {
  const { stderr, code, path } = error as { stderr?: string; code?: unknown; path?: string };
  if (code === 'ENOENT') return `there is no program ${path}; install ffmpeg, or name one by --vmaf-ffmpeg`;
  return stderr?.trim().split('\n').at(-1) || messageOf(error);
}
