import { describe, expect, it } from 'vitest';
import { LogOutput } from './log-output.ts';

/** A reader that takes so many bytes, and then none until it is given more; or a disk that is full. */
function outputOf(room: number) {
  const reader = { room, text: '', isBroken: false };
  const output = new LogOutput((bytes) => {
    if (reader.isBroken) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    if (reader.room === 0) throw Object.assign(new Error('would block'), { code: 'EAGAIN' });
    const taken = Math.min(reader.room, bytes.length);
    reader.room -= taken;
    reader.text += Buffer.from(bytes.subarray(0, taken)).toString();
    return taken;
  });
  return { reader, output };
}

describe('the output of the log', () => {
  it('keeps what a full pipe has no room for, and goes on in the middle of a line', () => {
    const { reader, output } = outputOf(5);
    for (const line of ['first\n', 'second\n', 'third\n']) output.write(line);
    expect(reader.text).toBe('first');
    reader.room = 4;
    output.flush();
    expect(reader.text).toBe('first\nsec');
    reader.room = 100;
    output.write('fourth\n');
    expect(reader.text).toBe('first\nsecond\nthird\nfourth\n');
    expect(output.dropped).toBe(0);
  });

  it('writes by itself once there is room again', async () => {
    const { reader, output } = outputOf(0);
    output.write('line\n');
    reader.room = 100;
    await expect.poll(() => reader.text).toBe('line\n');
  });

  it('drops and counts what is more than a mebibyte, and says so later', () => {
    const { reader, output } = outputOf(0);
    const line = `${'x'.repeat(1023)}\n`;
    for (let i = 0; i < 1030; i++) output.write(line);
    expect(output.dropped).toBe(6);
    reader.room = 1e9;
    output.write('last\n');
    const lines = reader.text.trimEnd().split('\n');
    expect(lines).toHaveLength(1026);
    expect(JSON.parse(lines.at(-2) as string)).toMatchObject({
      level: 40,
      msg: 'lines of the log that could not be written: 6',
    });
    expect(lines.at(-1)).toBe('last');
  });

  it('drops and counts what a full disk refuses, and never throws', () => {
    const { reader, output } = outputOf(1e9);
    reader.isBroken = true;
    for (const line of ['a\n', 'b\n']) output.write(line);
    expect([output.dropped, reader.text]).toEqual([2, '']);
    reader.isBroken = false;
    output.write('c\n');
    expect(reader.text).toMatch(/could not be written: 2"\}\nc\n$/);
  });

  it('ends a line that it has begun before another, also where the disk fills up in its middle', () => {
    const { reader, output } = outputOf(5);
    output.write('first\n');
    reader.isBroken = true;
    output.write('second\n');
    Object.assign(reader, { isBroken: false, room: 100 });
    output.write('third\n');
    expect(reader.text).toBe('first\nsecond\nthird\n');
  });

  it('tells of all lines that were dropped, though what tells of them was refused too', () => {
    const { reader, output } = outputOf(1e9);
    reader.isBroken = true;
    for (let i = 0; i < 7; i++) output.write('x\n');
    Object.assign(reader, { isBroken: false, room: 0 });
    output.flush();
    Object.assign(reader, { isBroken: true });
    output.flush();
    Object.assign(reader, { isBroken: false, room: 1e9 });
    output.flush();
    expect([output.dropped, JSON.parse(reader.text).msg]).toEqual([7, 'lines of the log that could not be written: 7']);
  });

  it('waits at the end for whoever reads, and not for who does not', () => {
    const { reader, output } = outputOf(0);
    output.write('line\n');
    output.end();
    expect(reader.text).toBe('');
    reader.room = 100;
    output.end();
    expect(reader.text).toBe('line\n');
  });
});
