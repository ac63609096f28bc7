import { ignored, refused } from '../plugin/schema.ts';

const REREAD = 'the files are read again when they change';
const ADVICE_ON_PEM = 'write it into a file, and give its path';
const PEM = { ...refused(ADVICE_ON_PEM), secret: true } as const;
const IN_FRONT = 'put a proxy in front that does it';
const TUNED = 'connections are as Node.js has them';

/** The Collector's keys beside the `endpoint` of a component that serves HTTP or gRPC. */
export const foreignServerKeys = {
  transport: refused('listen on an address and a port, over TCP', 'tcp', 'tcp4', 'tcp6'),
  cors: ignored('pages of other sites are not let in'),
  include_metadata: ignored('the headers of a request are not passed on', false),
  response_headers: ignored('answers have the headers that they need'),
  compression_algorithms: ignored('a request may be compressed by any way that is known here'),
  read_buffer_size: ignored(TUNED),
  write_buffer_size: ignored(TUNED),
  read_timeout: ignored(TUNED),
  read_header_timeout: ignored(TUNED),
  write_timeout: ignored(TUNED),
  idle_timeout: ignored(TUNED),
  keep_alives_enabled: ignored(TUNED, true),
  middlewares: refused(IN_FRONT),
};

/** The Collector's keys of the section `tls` of a server. */
export const foreignServerTls = {
  ca_file: ignored('`client_ca_file` says whose certificates clients must have'),
  ca_pem: ignored('`client_ca_file` says whose certificates clients must have'),
  cert_pem: PEM,
  key_pem: PEM,
  max_version: ignored('the newest version that both sides have is spoken', ''),
  cipher_suites: refused('set `min_version: "1.3"`, which has safe ones only'),
  curve_preferences: ignored('the best curve that both sides have is used'),
  reload_interval: ignored(REREAD),
  client_ca_file_reload: ignored(REREAD, true),
  include_system_ca_certs_pool: ignored('`client_ca_file` says whose certificates clients must have', false),
  tpm: refused(ADVICE_ON_PEM),
};

/** The Collector's keys beside the `endpoint` of a component that calls a server by HTTP or gRPC. */
export const foreignClientKeys = {
  proxy_url: refused('give the proxy as `endpoint`, and let it pass requests on'),
  compression_params: ignored('compression is fast rather than small'),
  read_buffer_size: ignored(TUNED),
  write_buffer_size: ignored(TUNED),
  max_idle_conns: ignored(TUNED),
  max_idle_conns_per_host: ignored(TUNED),
  max_conns_per_host: ignored('`sending_queue.num_consumers` says how many requests are under way at once'),
  idle_conn_timeout: ignored(TUNED),
  disable_keep_alives: ignored(TUNED, false),
  force_attempt_http2: ignored(TUNED),
  http2_read_idle_timeout: ignored(TUNED),
  http2_ping_timeout: ignored(TUNED),
  keepalive: ignored('a connection without an answer is made anew'),
  wait_for_ready: ignored('what cannot be sent waits in the queue'),
  balancer_name: ignored('each request goes to one address'),
  authority: refused('set `tls.server_name_override`'),
  cookies: { ...refused('write the cookie into `headers`'), secret: true } as const,
  middlewares: refused(IN_FRONT),
};

/** The Collector's keys of the section `tls` of a client, `insecure` left out. */
export const foreignClientTls = {
  ca_pem: PEM,
  cert_pem: PEM,
  key_pem: PEM,
  min_version: refused('let the server ask for it; older ones than 1.2 are not spoken', '1.2', 1.2, ''),
  max_version: ignored('the newest version that both sides have is spoken', ''),
  cipher_suites: refused('let the server ask for them'),
  curve_preferences: ignored('the best curve that both sides have is used'),
  reload_interval: ignored(REREAD),
  include_system_ca_certs_pool: ignored('`ca_file` stands in place of the known authorities', false),
  tpm: refused(ADVICE_ON_PEM),
};
