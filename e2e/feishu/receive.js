'use strict';
// The vendor's webhook receiver on a free port of loopback. JSON lines on stdout: {kind: listening, url}, {kind: event, type,
// data}. It answers what the SDK answers.
const http = require('http');
const lark = require('@larksuiteoapi/node-sdk');

const { ENCRYPT_KEY, VERIFICATION_TOKEN } = process.env;
const print = (line) => process.stdout.write(JSON.stringify(line) + '\n');
const mute = () => undefined;
const dispatcher = new lark.EventDispatcher({
  encryptKey: ENCRYPT_KEY,
  verificationToken: VERIFICATION_TOKEN,
  logger: { fatal: mute, error: mute, warn: mute, info: mute, debug: mute, trace: mute },
}).register({
  'im.message.receive_v1': async (data) => print({ kind: 'event', type: 'im.message.receive_v1', data }),
  'card.action.trigger': async (data) => {
    print({ kind: 'click', data });
    return { toast: { type: 'info', content: '好' } };
  },
});
const adapted = lark.adaptDefault('/hook', dispatcher, { autoChallenge: true });
let answering;
const server = http.createServer((request, response) => {
  answering = response;
  return adapted(request, response);
});
// What does not decrypt ends in nobody's hands: the SDK throws after it has taken the request, and gives no answer.
process.on('unhandledRejection', () => {
  print({ kind: 'threw' });
  answering.writeHead(500).end();
});
server.listen(0, '127.0.0.1', () => print({ kind: 'listening', url: `http://127.0.0.1:${server.address().port}/hook` }));
