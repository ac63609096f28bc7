import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { projectRoot } from '../kit/checkout.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { runWattline, warningsIn } from '../kit/wattline-process.ts';
import { describeWithPrograms, runProgram } from './programs.ts';

/** What kustomize makes of each folder is kept beside this test, so that it can be checked without kustomize. */
const builds = ['base', 'overlays/gateway', 'overlays/daemonset'] as const;
const goldenOf = (build: string) => join(import.meta.dirname, 'golden', `${build.split('/').at(-1)}.yaml`);

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  // biome-ignore lint/suspicious/noExplicitAny: a manifest's shape depends on its kind, and its schema is checked below.
  readonly [key: string]: any;
}

const manifestsOf = async (build: string) => manifestsIn(await readFile(goldenOf(build), 'utf8'));

function manifestsIn(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

describe.each(builds)('%s', (build) => {
  const find = async (kind: string) => (await manifestsOf(build)).find((manifest) => manifest.kind === kind);
  const workload = async () => (await find('StatefulSet')) ?? ((await find('DaemonSet')) as Manifest);

  it('selects by labels that its pods have', async () => {
    const { spec } = await workload();
    const { labels } = spec.template.metadata;
    const selectors = [spec.selector.matchLabels, (await find('Service'))?.spec.selector];
    selectors.push((await find('NetworkPolicy'))?.spec.podSelector.matchLabels);
    for (const selector of selectors) {
      expect(Object.keys(selector)).not.toEqual([]);
      expect(labels).toMatchObject(selector);
    }
  });

  it('keeps to the restricted standard for pods', async () => {
    const namespace = (await find('Namespace'))?.metadata as { labels?: Record<string, string> };
    expect(namespace.labels).toHaveProperty(['pod-security.kubernetes.io/enforce'], 'restricted');
    const { spec } = (await workload()).spec.template;
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    });
    for (const key of ['hostNetwork', 'hostPID', 'hostIPC', 'initContainers']) expect(spec).not.toHaveProperty(key);
    for (const volume of spec.volumes) expect(volume).not.toHaveProperty('hostPath');
    for (const container of spec.containers) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      for (const port of container.ports) expect(port).not.toHaveProperty('hostPort');
    }
    expect(await find('ServiceAccount')).toMatchObject({
      metadata: { name: spec.serviceAccountName },
      automountServiceAccountToken: false,
    });
  });

  it('is probed, has bounds, and runs the version of the package', async () => {
    const [container] = (await workload()).spec.template.spec.containers;
    const { version } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8'));
    expect(container.image).toBe(`wattline:${version}`);
    expect(container.resources).toMatchObject({
      requests: { cpu: expect.any(String), memory: expect.any(String) },
      limits: { memory: expect.stringMatching(/Mi$/) },
    });
    const names = container.ports.map(({ name }: { name: string }) => name);
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
      expect(container[probe].httpGet).toMatchObject({ path: '/health', port: 'metrics' });
    }
    for (const { targetPort } of (await find('Service'))?.spec.ports ?? []) expect(names).toContain(targetPort);
    expect(names).toContain('metrics');
  });

  it('mounts a valid configuration, whose endpoints are the ports of the container', async () => {
    const { spec } = (await workload()).spec.template;
    const config = (await find('ConfigMap')) as Manifest;
    expect(spec.volumes).toContainEqual({ name: 'config', configMap: { name: config.metadata.name } });
    const [container] = spec.containers;
    const [mount] = container.volumeMounts;
    const file = container.args.at(-1).slice(`${mount.mountPath}/`.length);
    const folder = await temporaryFolder({ [file]: config.data[file] });
    const variables = (container.env ?? []).map(({ name, value }: { name: string; value: string }) => [name, value]);
    const { code, stderr } = await runWattline(['validate', '--config', join(folder.path, file)], {
      env: Object.fromEntries(variables),
    });
    await folder.remove();
    expect({ code, warnings: warningsIn(stderr) }).toEqual({ code: 0, warnings: [] });
    const { receivers, exporters, extensions } = parse(config.data[file]);
    const ports = Object.fromEntries(
      container.ports.map(({ name, containerPort }: { name: string; containerPort: number }) => [name, containerPort]),
    );
    expect(receivers.http.endpoint).toBe(`0.0.0.0:${ports['otlp-http']}`);
    expect(exporters.prometheus.endpoint).toBe(`0.0.0.0:${ports.metrics}`);
    // The root is read-only.
    expect(container.volumeMounts).toContainEqual({ name: 'state', mountPath: extensions.file_storage.directory });
    expect(spec.securityContext.fsGroup).toBe(spec.securityContext.runAsGroup);
  });

  it('lets in senders and scrapers only, each at its own port', async () => {
    const { spec } = (await find('NetworkPolicy')) as Manifest;
    expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(spec.ingress.map(({ ports }: { ports: { port: string }[] }) => ports.map(({ port }) => port))).toEqual([
      ['otlp-http'],
      ['metrics'],
    ]);
    for (const { from } of spec.ingress) expect(from).not.toEqual([]);
  });
});

describe('the overlays', () => {
  const of = async (build: string, kind: string) => (await manifestsOf(build)).find((one) => one.kind === kind);

  it('are one instance with a volume of its own that may reach VictoriaMetrics, in the gateway', async () => {
    const { spec } = (await of('overlays/gateway', 'StatefulSet')) as Manifest;
    expect(spec.replicas).toBe(1);
    expect(spec.volumeClaimTemplates).toMatchObject([
      { metadata: { name: 'state' }, spec: { accessModes: ['ReadWriteOnce'] } },
    ]);
    const { egress } = (await of('overlays/gateway', 'NetworkPolicy'))?.spec ?? {};
    const [container] = spec.template.spec.containers;
    const url = new URL(container.env.find(({ name }: { name: string }) => name === 'VICTORIAMETRICS_URL').value);
    const ports = egress.flatMap((rule: { ports: { port: number }[] }) => rule.ports.map(({ port }) => port));
    expect(ports).toContain(Number(url.port));
  });

  it('are an instance a node that is reached from that node, in the daemon set', async () => {
    expect(await of('overlays/daemonset', 'StatefulSet')).toBeUndefined();
    const { spec } = (await of('overlays/daemonset', 'DaemonSet')) as Manifest;
    for (const key of ['replicas', 'serviceName', 'volumeClaimTemplates']) expect(spec).not.toHaveProperty(key);
    expect(spec.template.spec.volumes).toContainEqual({ name: 'state', emptyDir: {} });
    expect((await of('overlays/daemonset', 'Service'))?.spec.internalTrafficPolicy).toBe('Local');
  });
});

describeWithPrograms('kustomize', ['kustomize'], () => {
  it.each(builds)('makes of %s what is kept beside this test', async (build) => {
    const { code, stdout, stderr } = await runProgram('kustomize', [
      'build',
      join(projectRoot, 'deploy/kubernetes', build),
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const remedy = `kustomize build deploy/kubernetes/${build} > ${relative(projectRoot, goldenOf(build))}`;
    expect(manifestsIn(stdout), remedy).toEqual(await manifestsOf(build));
  });
});

describeWithPrograms("Kubernetes' own schemas, with no unknown key", ['kubernetes-validate'], () => {
  const validate = (version: string, file: string) =>
    runProgram('kubernetes-validate', ['--strict', '-k', version, file]);

  it.each(builds.flatMap((build) => ['1.30', '1.37'].map((version) => [build, version] as const)))(
    'take %s, version %s',
    async (build, version) => {
      const { code, stdout, stderr } = await validate(version, goldenOf(build));
      expect(code, stdout + stderr).toBe(0);
      const passed = (stdout + stderr).match(/ passed for resource /g) ?? [];
      expect(passed).toHaveLength((await manifestsOf(build)).length);
    },
  );

  it('refuse a misspelt key', async () => {
    const text = (await readFile(goldenOf('base'), 'utf8')).replace('readinessProbe', 'readynessProbe');
    const folder = await temporaryFolder({ 'base.yaml': text });
    const { code } = await validate('1.37', join(folder.path, 'base.yaml'));
    await folder.remove();
    expect(code).not.toBe(0);
  });
});
