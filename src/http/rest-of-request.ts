import type { IncomingMessage } from 'node:http';

/** How much of a request is still read once it has been answered, in bytes: the whole of most. */
const MOST_BYTES = 1024 * 1024;
/** How long its connection stays open then, in milliseconds. */
const LONGEST = 1000;

/**
 * Drops what is left of a request that has been answered. Some of it is read, since many senders look for an answer only when
 * all is sent; beyond 1 MiB nothing more is, and after a second the connection is cut, unless the request has ended.
 */
export function dropRest(request: IncomingMessage): void {
  if (request.complete) return;
  const { socket } = request;
  let bytes = 0;
  const count = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MOST_BYTES) return;
    // Without a reader the sender has to stop; it can still read the answer, and learns that this connection is over.
    request.pause();
    socket.pause();
    socket.end();
  };
  const cut = setTimeout(() => socket.destroy(), LONGEST);
  const end = () => {
    clearTimeout(cut);
    socket.off('data', count);
  };
  socket.on('data', count);
  socket.once('close', end);
  request.once('end', () => {
    end();
    socket.off('close', end);
  });
  request.resume();
}
