'use strict';
// Sends callbacks made with the vendor's encryption to a receiver. Orders come on stdin, one JSON line
// {url, verb, xml, token, key, receiver, plain, forge} each; verb GET is the verification of the address, and forge is "" |
// signature | receiver | tampered. One JSON line each on stdout: {status, body} and, where the answer is an encrypted reply,
// {signed, echoed, for, plain}.
const crypto = require('crypto');
const readline = require('readline');
const { getSignature, encrypt, decrypt } = require('@wecom/crypto');

const cdata = (text) => `<![CDATA[${text}]]>`;

async function post(o) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = String(crypto.randomInt(1e9));
  let sealed = encrypt(o.key, o.plain, o.forge === 'receiver' ? 'ww99another99corp9' : o.receiver);
  const query = { msg_signature: getSignature(o.token, timestamp, nonce, sealed), timestamp, nonce };
  if (o.forge === 'signature') query.msg_signature = '0'.repeat(40);
  if (o.forge === 'tampered') sealed = (sealed[0] === 'A' ? 'B' : 'A') + sealed.slice(1);
  const url = new URL(o.url);
  const options = { method: o.verb };
  if (o.verb === 'GET') query.echostr = sealed;
  else if (o.xml) options.body = `<xml><ToUserName>${cdata(o.receiver)}</ToUserName><AgentID>${cdata('1000042')}</AgentID><Encrypt>${cdata(sealed)}</Encrypt></xml>`;
  else options.body = JSON.stringify({ encrypt: sealed });
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const answer = await fetch(url, options);
  const line = { status: answer.status, body: await answer.text() };
  if (o.verb === 'POST' && answer.ok && line.body.startsWith('{')) {
    const reply = JSON.parse(line.body);
    line.signed = getSignature(o.token, String(reply.timestamp), reply.nonce, reply.encrypt) === reply.msgsignature;
    line.echoed = reply.nonce === nonce;
    const opened = decrypt(o.key, reply.encrypt);
    line.for = opened.id;
    line.plain = opened.message;
  }
  return line;
}

readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  process.stdout.write(JSON.stringify(await post(JSON.parse(line))) + '\n');
});
