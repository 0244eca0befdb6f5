// Certificates (X.509, RFC 5280) of a private authority, made when they are needed: no key lies in the repository.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export interface Certificates {
  /** Of the authority. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** A server's certificate for a host, and that of the authority which signed it. */
export function createCertificates(host: string): Certificates {
  const [authority, server]: [Pair, Pair] = [keys(), keys()];
  const isAuthority = extension('551d13', sequence(der(0x01, [0xff])));
  const isHost = extension('551d11', sequence(der(0x82, Buffer.from(host))));
  return {
    ca: certificate(1, 'authority', authority.publicKey, isAuthority, authority.privateKey),
    cert: certificate(2, host, server.publicKey, isHost, authority.privateKey),
    key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

const keys = (): Pair => generateKeyPairSync('ec', { namedCurve: 'P-256' });

function certificate(serial: number, subject: string, key: KeyObject, more: Buffer, signer: KeyObject): string {
  const signed = sequence(
    der(0xa0, der(0x02, [2])), // version 3
    der(0x02, [serial]),
    ECDSA_WITH_SHA256,
    named('authority'),
    sequence(der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z'))),
    named(subject),
    key.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(more)),
  );
  const whole = sequence(signed, ECDSA_WITH_SHA256, der(0x03, [0], sign('sha256', signed, signer)));
  const lines = whole.toString('base64').replaceAll(/.{64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/** Tag, length, contents. */
function der(tag: number, ...contents: (Uint8Array | number[])[]): Buffer {
  const body = Buffer.concat(contents.map((part) => Buffer.from(part)));
  const { length } = body;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

function sequence(...contents: Uint8Array[]): Buffer {
  return der(0x30, ...contents);
}

function identifier(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function named(commonName: string): Buffer {
  return sequence(der(0x31, sequence(identifier('550403'), der(0x0c, Buffer.from(commonName)))));
}

function extension(hex: string, value: Buffer): Buffer {
  return sequence(identifier(hex), der(0x04, value));
}

const ECDSA_WITH_SHA256 = sequence(identifier('2a8648ce3d040302'));
