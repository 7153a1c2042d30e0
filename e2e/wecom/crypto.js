'use strict';
// The vendor's callback encryption. Orders come on stdin, one JSON line each:
// {do: seal, token, key, receiver, timestamp, nonce, random, plain} gives {encrypt, signature};
// {do: open, token, key, timestamp, nonce, encrypt} gives {plain, receiver, random, signature}.
const readline = require('readline');
const { getSignature, encrypt, decrypt } = require('@wecom/crypto');

const orders = {
  seal: (o) => {
    const sealed = encrypt(o.key, o.plain, o.receiver, o.random ? Buffer.from(o.random, 'hex') : undefined);
    return { encrypt: sealed, signature: getSignature(o.token, o.timestamp, o.nonce, sealed) };
  },
  open: (o) => {
    const { message, id, random } = decrypt(o.key, o.encrypt);
    return { plain: message, receiver: id, random: random.toString('hex'), signature: getSignature(o.token, o.timestamp, o.nonce, o.encrypt) };
  },
};
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line);
  process.stdout.write(JSON.stringify(orders[order.do](order)) + '\n');
});
