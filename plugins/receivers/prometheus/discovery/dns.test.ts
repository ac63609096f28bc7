import { createSocket } from 'node:dgram';
import { expect, it, onTestFinished } from 'vitest';
import { dnsDiscovery } from './dns.ts';

const never = new AbortController().signal;
const types = { A: 1, NS: 2, MX: 15, AAAA: 28, SRV: 33 } as const;
type Type = keyof typeof types;

const nameBytes = (name: string) =>
  Buffer.concat([...name.split('.').map((part) => Buffer.from([part.length, ...Buffer.from(part)])), Buffer.of(0)]);
const number = (value: number) => Buffer.of(value >> 8, value & 255);

/** The answers of a server of the DNS by name and type; a name without any is not there, and `busy` is an error of the server. */
async function serve(records: Readonly<Record<string, Partial<Record<Type, readonly Buffer[]>>>>): Promise<string> {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const end = query.indexOf(0, 12) + 5;
    const question = query.subarray(12, end);
    const parts: string[] = [];
    for (let at = 0; question[at]; at += (question[at] as number) + 1)
      parts.push(question.subarray(at + 1, at + 1 + (question[at] as number)).toString());
    const name = parts.join('.');
    const type = (Object.keys(types) as Type[]).find(
      (one) => types[one] === question.readUInt16BE(question.length - 4),
    );
    const found = records[name]?.[type as Type] ?? [];
    const code = name === 'busy' ? 2 : records[name] ? 0 : 3;
    const answers = found.map((data) =>
      Buffer.concat([
        Buffer.of(0xc0, 12),
        number(types[type as Type]),
        number(1),
        Buffer.alloc(4),
        number(data.length),
        data,
      ]),
    );
    const header = Buffer.concat([query.subarray(0, 2), Buffer.of(0x81, 0x80 | code), number(1), number(found.length)]);
    socket.send(Buffer.concat([header, Buffer.alloc(4), question, ...answers]), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => void socket.close());
  return `127.0.0.1:${socket.address().port}`;
}

const server = () =>
  serve({
    'nodes.test': {
      A: [Buffer.of(10, 0, 0, 6), Buffer.of(10, 0, 0, 5)],
      AAAA: [Buffer.from('fd00000000000000000000000000000a', 'hex')],
      MX: [Buffer.concat([number(10), nameBytes('mail.test')])],
      NS: [nameBytes('ns.test')],
      SRV: [Buffer.concat([number(0), number(0), number(9100), nameBytes('node-5.test')])],
    },
    'empty.test': {},
  });

it.each([
  [
    'A',
    [
      { __address__: '10.0.0.5:9100', __meta_dns_name: 'nodes.test' },
      { __address__: '10.0.0.6:9100', __meta_dns_name: 'nodes.test' },
    ],
  ],
  ['AAAA', [{ __address__: '[fd00::a]:9100', __meta_dns_name: 'nodes.test' }]],
  ['MX', [{ __address__: 'mail.test:9100', __meta_dns_name: 'nodes.test', __meta_dns_mx_record_target: 'mail.test' }]],
  ['NS', [{ __address__: 'ns.test:9100', __meta_dns_name: 'nodes.test', __meta_dns_ns_record_target: 'ns.test' }]],
  [
    'SRV',
    [
      {
        __address__: 'node-5.test:9100',
        __meta_dns_name: 'nodes.test',
        __meta_dns_srv_record_target: 'node-5.test',
        __meta_dns_srv_record_port: '9100',
      },
    ],
  ],
] as const)('finds targets by records of type %s', async (type, targets) => {
  const settings = { names: ['nodes.test', 'empty.test', 'gone.test'], type, port: 9100, refresh_interval: 30_000 };
  expect(await dnsDiscovery(settings, [await server()]).discover(never)).toEqual(targets);
});

it('fails where the server does, so that what was found stays', async () => {
  const settings = { names: ['busy'], type: 'A', port: 1, refresh_interval: 30_000 } as const;
  await expect(dnsDiscovery({ ...settings, names: ['busy'] }, [await server()]).discover(never)).rejects.toThrow(
    'SERVFAIL',
  );
});
