'use strict';
// The vendor's AI bot client against the platform at URL. Orders come on stdin, one JSON line {id, do, …} each. JSON lines on
// stdout: {kind: connected | authenticated | disconnected | reconnecting | error | message | event, …}, and for each order
// {kind: answer, id, result} or {kind: answer, id, code, error}.
const readline = require('readline');
const { WSClient } = require('@wecom/aibot-node-sdk');

const { URL, BOT_ID, SECRET, HEARTBEAT } = process.env;
const print = (line) => process.stdout.write(JSON.stringify(line) + '\n');
const mute = () => undefined;
const client = new WSClient({
  botId: BOT_ID,
  secret: SECRET,
  wsUrl: URL,
  heartbeatInterval: Number(HEARTBEAT),
  reconnectInterval: 50,
  maxAuthFailureAttempts: 2,
  logger: { debug: mute, info: mute, warn: mute, error: mute },
});

const to = (order) => ({ headers: { req_id: order.to } });
const orders = {
  stream: async (o) => {
    for (const text of o.texts.slice(0, -1)) await client.replyStream(to(o), o.stream, text, false);
    return client.replyStream(to(o), o.stream, o.texts.at(-1), true);
  },
  reply: (o) => client.reply(to(o), o.body),
  card: (o) => client.replyTemplateCard(to(o), o.card),
  update: (o) => client.updateTemplateCard(to(o), o.card, o.users),
  welcome: (o) => client.replyWelcome(to(o), { msgtype: 'text', text: { content: o.text } }),
  send: (o) => client.sendMessage(o.chat, o.body),
  upload: (o) => client.uploadMedia(Buffer.alloc(o.size, 0x61), { type: 'file', filename: o.name }),
  media: (o) => client.replyMedia(to(o), 'file', o.media),
  pass: (o) => client.sendMediaMessage(o.chat, 'file', o.media),
  download: async (o) => {
    const { buffer, filename } = await client.downloadFile(o.url, o.aeskey);
    return { text: buffer.toString(), filename };
  },
  leave: async () => client.disconnect(),
};

for (const kind of ['connected', 'authenticated']) client.on(kind, () => print({ kind }));
client.on('disconnected', (reason) => print({ kind: 'disconnected', reason }));
client.on('reconnecting', (attempt) => print({ kind: 'reconnecting', attempt }));
client.on('error', (e) => print({ kind: 'error', name: e.code, error: e.message }));
client.on('message', (frame) => print({ kind: 'message', frame }));
client.on('event', (frame) => print({ kind: 'event', frame }));

readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  const order = JSON.parse(line);
  try {
    print({ kind: 'answer', id: order.id, result: (await orders[order.do](order)) ?? null });
  } catch (e) {
    print({ kind: 'answer', id: order.id, code: e.errcode, error: e.errmsg ?? e.message ?? String(e) });
  }
}).on('close', () => process.exit(0));
client.connect();
