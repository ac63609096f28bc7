import { describe, expect, it } from 'vitest';
import { startProcess } from '../kit/child-process.ts';
import { findProgram } from '../kit/peers.ts';
import type { Finished } from '../kit/wattline-process.ts';

/** The programs that check files of `deploy/`, and where each comes from; `install-programs.sh` installs them. */
const origins = {
  'compose-go': 'Go module github.com/compose-spec/compose-go/v2/cmd',
  kustomize: 'Go module sigs.k8s.io/kustomize/kustomize/v5',
  'kubernetes-validate': 'PyPI package kubernetes-validate',
  'systemd-analyze': 'Debian package systemd',
  vmalert: 'Debian package victoria-metrics',
} as const;

export type CheckProgram = keyof typeof origins;

/**
 * A suite that needs other programs. Where one is missing it is skipped, and its title says why; where the environment
 * variable WATTLINE_REQUIRE_PEERS is set it fails instead.
 */
export function describeWithPrograms(title: string, programs: readonly CheckProgram[], suite: () => void): void {
  const missing = programs.filter((program) => findProgram(program) === undefined);
  const reasons = missing.map((program) => `${program} is not on the PATH (${origins[program]})`);
  if (missing.length && process.env.WATTLINE_REQUIRE_PEERS) {
    describe(title, () => {
      it('finds its programs, since WATTLINE_REQUIRE_PEERS is set', () => expect(reasons).toEqual([]));
    });
    return;
  }
  const reason = reasons.length ? ` [skipped: ${reasons.join(', ')}]` : '';
  describe.skipIf(missing.length > 0)(`${title}${reason}`, suite);
}

/** Runs a program to its end. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options?: Parameters<typeof startProcess>[2],
): Promise<Finished> {
  const child = startProcess(program, args, options);
  const code = await child.exited;
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}
