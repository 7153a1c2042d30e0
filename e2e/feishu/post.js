'use strict';
// Posts the events that come on stdin, one JSON line {event, forge} each, to the webhook at TARGET, encrypted and signed,
// after the vendor's SDK has said what it thinks of them. One JSON line each on stdout: {accepted, challenge, status, body}.
// forge: "" | signature | unsigned | key | padding | tampered | spaced.
const crypto = require('crypto');
const readline = require('readline');
const lark = require('@larksuiteoapi/node-sdk');

const { TARGET, ENCRYPT_KEY, VERIFICATION_TOKEN } = process.env;
const mute = () => undefined;
const logger = { fatal: mute, error: mute, warn: mute, info: mute, debug: mute, trace: mute };

function encrypt(text, key) {
  const iv = crypto.randomBytes(16);
  const cipher = crypto.createCipheriv('aes-256-cbc', crypto.createHash('sha256').update(key).digest(), iv);
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final()]).toString('base64');
}

function make(event, forge) {
  const key = forge === 'key' ? ENCRYPT_KEY + 'x' : ENCRYPT_KEY;
  let body = JSON.stringify({ encrypt: forge === 'padding' ? 'A'.repeat(64) : encrypt(JSON.stringify(event), key) });
  if (forge === 'spaced') body = body.replace(':', ' : ');
  const stamp = String(Math.floor(Date.now() / 1000));
  const nonce = crypto.randomBytes(8).toString('hex');
  const signature = crypto.createHash('sha256').update(stamp + nonce + key + body).digest('hex');
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'x-lark-request-timestamp': stamp,
    'x-lark-request-nonce': nonce,
    'x-lark-signature': forge === 'signature' ? '0'.repeat(64) : signature,
  };
  if (forge === 'unsigned') delete headers['x-lark-signature'];
  if (forge === 'tampered') body = body.slice(0, 40) + (body[40] === 'B' ? 'C' : 'B') + body.slice(41);
  return { headers, body };
}

// judge asks the SDK. It wants the headers on the prototype of the data.
async function judge({ headers, body }, type) {
  const data = Object.assign(Object.create({ headers }), JSON.parse(body));
  try {
    const { isChallenge, challenge } = lark.generateChallenge(data, { encryptKey: ENCRYPT_KEY });
    if (isChallenge) return { accepted: true, challenge: challenge.challenge };
    let seen = false;
    const dispatcher = new lark.EventDispatcher({ encryptKey: ENCRYPT_KEY, verificationToken: VERIFICATION_TOKEN, logger });
    dispatcher.register({ [type]: async () => { seen = true; } });
    await dispatcher.invoke(data);
    return { accepted: seen };
  } catch {
    return { accepted: false };
  }
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { event, forge } = JSON.parse(line);
    const request = make(event, forge);
    const verdict = await judge(request, event.header?.event_type);
    const answer = await fetch(TARGET, { method: 'POST', ...request });
    process.stdout.write(JSON.stringify({ ...verdict, status: answer.status, body: await answer.text() }) + '\n');
  }
})();
