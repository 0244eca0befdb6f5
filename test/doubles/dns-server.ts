// A DNS server (RFC 1035) over UDP: real packets, answers from a table of names, and every question is kept.

import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';

/** IPv4 addresses, or how the server fails. A name without an answer does not exist. */
export type Answer = readonly string[] | 'SERVFAIL' | 'silence';

export interface DnsServer {
  readonly port: number;
  /** By absolute names without the final dot, in lower case; may be changed at any time. */
  readonly answers: Map<string, Answer>;
  /** `A my-rest.develop.svc.cluster.local`, as they came, answered or not. */
  readonly questions: readonly string[];
  /** The questions so far, which are forgotten then. */
  take(): string[];
  close(): void;
}

interface Question {
  readonly id: number;
  readonly name: string;
  readonly type: number;
  /** As it came: it is sent back. */
  readonly bytes: Buffer;
  readonly recursion: boolean;
}

const HEADER = 12;
const TYPES = new Map([
  [1, 'A'],
  [28, 'AAAA'],
]);
const NO_ERROR = 0;
const SERVER_FAILURE = 2;
const NO_SUCH_NAME = 3;

/** The address and port of a Pod's `nameserver`, where the process may have them. */
export async function startDnsServer(
  answers: Readonly<Record<string, Answer>> = {},
  { address = '127.0.0.1', port = 0 } = {},
): Promise<DnsServer> {
  const table = new Map(Object.entries(answers));
  let questions: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (packet: Buffer, from: RemoteInfo) => {
    const question = read(packet);
    questions.push(`${TYPES.get(question.type) ?? question.type} ${question.name}`);
    const answer = table.get(question.name);
    if (answer !== 'silence') socket.send(write(question, answer), from.port, from.address);
  });
  socket.bind(port, address);
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    answers: table,
    get questions() {
      return questions;
    },
    take() {
      const taken = questions;
      questions = [];
      return taken;
    },
    close: () => void socket.close(),
  };
}

/** The one question of a packet: resolvers ask no more at once. */
function read(packet: Buffer): Question {
  const labels: string[] = [];
  let at = HEADER;
  for (let length = packet.readUInt8(at); length > 0; length = packet.readUInt8(at)) {
    labels.push(packet.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return {
    id: packet.readUInt16BE(0),
    name: labels.join('.').toLowerCase(),
    type: packet.readUInt16BE(at + 1),
    bytes: packet.subarray(HEADER, at + 5),
    recursion: (packet.readUInt16BE(2) & 0x0100) !== 0,
  };
}

function write({ id, type, bytes, recursion }: Question, answer: Exclude<Answer, 'silence'> | undefined): Buffer {
  const addresses = typeof answer === 'object' && TYPES.get(type) === 'A' ? answer.filter((one) => isIPv4(one)) : [];
  const code = answer === undefined ? NO_SUCH_NAME : answer === 'SERVFAIL' ? SERVER_FAILURE : NO_ERROR;
  const header = Buffer.alloc(HEADER);
  header.writeUInt16BE(id, 0);
  // A response, authoritative, recursion as asked for and available.
  header.writeUInt16BE(0x8480 | (recursion ? 0x0100 : 0) | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  return Buffer.concat([header, bytes, ...addresses.map(recordOf)]);
}

/** The name of the question, A, IN, 30 s, four bytes. */
function recordOf(address: string): Buffer {
  return Buffer.from([0xc0, HEADER, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, ...address.split('.').map(Number)]);
}
