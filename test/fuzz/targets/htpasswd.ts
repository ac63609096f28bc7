import fc from 'fast-check';
import { readUsers, type Users } from '../../../plugins/extensions/basicauth/htpasswd.ts';
import { hold, type Target } from '../target.ts';

const name = fc.constantFrom('alice', 'bob', 'é', 'a b', '__proto__', '');
const hash = fc.oneof(
  fc.constantFrom(
    '{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=',
    '$apr1$salt$kyJW8bVxeRLPDrBEcuE5N/',
    '$2y$05$abcdefghijklmnopqrstuv',
  ),
  fc.nat(20_000).map((rounds) => `$5$rounds=${rounds}$salt$2Lh3pB7Oa2qIgR5oVvGcI.0nJNqGTWIyr0eVHgrXpM6`),
  fc.string({ maxLength: 30 }),
);
const line = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(name, hash).map(([user, of]) => `${user}:${of}`) },
  fc.constantFrom('', '# a comment', ' \t', 'no colon', '\r'),
);

/** The users of `basicauth`. */
const target: Target<Users> = {
  name: 'htpasswd',
  generated: fc.array(line, { maxLength: 4 }).map((lines) => Buffer.from(lines.join('\n'))),
  words: [':', '\n', '\r\n', '#', '$', '$apr1$', '{SHA}', '$6$', 'rounds=5000$', '\u2028', '\u0000', '='],
  growing: [
    { part: 'user#:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n' },
    { part: '\n' },
    { begin: '#', part: ' ' },
    { part: ' ', end: 'a:b' },
    { begin: 'a:$5$rounds=', part: '0', end: '$salt$abc' },
    { begin: 'a:$5$', part: '$', end: '!' },
    { begin: 'a:$6$salt$', part: 'a', end: '!' },
  ],
  read: (bytes) => readUsers(bytes.toString(), 'users.txt'),
  isRefusal: (error) => /^users\.txt: line \d+ (?:is|has) /.test(String((error as Error).message)),
  check(users, bytes) {
    const lines = bytes.toString().split('\n');
    hold(users.size <= lines.length, 'there are more users than lines');
    for (const user of users.keys()) {
      hold(
        user !== '' && lines.some((one) => one.trim().startsWith(`${user}:`)),
        () => `nobody has written of ${user}`,
      );
    }
    return users.size;
  },
  checkRefusal({ message }, bytes) {
    // Neither a name nor a hash is shown, but for what the message itself says.
    const own =
      'users.txt: line is not of the form `name:hash`, as htpasswd writes it has a hash of bcrypt, unknown kind';
    for (const word of bytes.toString().split(/[\s:]+/)) {
      hold(
        word.length < 12 || own.includes(word) || !message.includes(word),
        'the message shows what stands in the file',
      );
    }
  },
  most: { steps: 1000, memory: 1000, made: 1 },
};

export default target;
