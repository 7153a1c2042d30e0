'use strict';
// The vendor's REST client against the platform at BASE: every call that our adapter makes, and some that must fail.
// One JSON line a step on stdout: {step, code, data} of an answer, {step, status, code, msg} of a refusal.
const lark = require('@larksuiteoapi/node-sdk');

const { BASE, APP_ID, APP_SECRET, CHAT, USER } = process.env;
const mute = () => undefined;
const client = new lark.Client({
  appId: APP_ID,
  appSecret: APP_SECRET,
  domain: BASE,
  cache: new lark.DefaultCache(),
  // A logger of one's own, because LoggerLevel.fatal is 0, which the SDK takes for "not set".
  logger: { fatal: mute, error: mute, warn: mute, info: mute, debug: mute, trace: mute },
});

async function step(name, call) {
  let line;
  try {
    const r = await call();
    line = { step: name, code: r.code ?? 0, data: r.data ?? r };
  } catch (e) {
    line = { step: name, status: e.response?.status, code: e.response?.data?.code, msg: e.response?.data?.msg ?? e.message };
  }
  process.stdout.write(JSON.stringify(line) + '\n');
  return line.data;
}

const text = (words) => JSON.stringify({ text: words });
const card = (words) => JSON.stringify({
  schema: '2.0',
  config: { update_multi: true },
  header: { title: { tag: 'plain_text', content: '报名 H1' }, template: 'green' },
  body: {
    elements: [
      { tag: 'markdown', content: words },
      { tag: 'button', text: { tag: 'plain_text', content: '报名' }, type: 'primary', behaviors: [{ type: 'callback', value: { c: '报名 H1' } }] },
    ],
  },
});
const create = (type, content, uuid, to = CHAT, kind = 'chat_id') =>
  client.im.message.create({ params: { receive_id_type: kind }, data: { receive_id: to, msg_type: type, content, uuid } });

(async () => {
  const said = await step('text', () => create('text', text(`<at user_id="${USER}">x</at> 明天 15:30`), 'row-1'));
  await step('again', () => create('text', text(`<at user_id="${USER}">x</at> 明天 15:30`), 'row-1'));
  await step('reply', () => client.im.message.reply({
    path: { message_id: said.message_id }, data: { msg_type: 'text', content: text('好'), reply_in_thread: true, uuid: 'row-2' },
  }));
  const shown = await step('card', () => create('interactive', card('**1** 人'), 'row-3'));
  await step('patch', () => client.im.message.patch({ path: { message_id: shown.message_id }, data: { content: card('**2** 人') } }));
  await step('edit', () => client.im.message.update({ path: { message_id: said.message_id }, data: { msg_type: 'text', content: text('改了') } }));
  const image = await step('image', () => client.im.image.create({ data: { image_type: 'message', image: Buffer.from('PNG') } }));
  const file = await step('file', () => client.im.file.create({ data: { file_type: 'xls', file_name: '台账.xlsx', file: Buffer.from('PK') } }));
  await step('send image', () => create('image', JSON.stringify({ image_key: image.image_key }), 'row-4', USER, 'open_id'));
  const sheet = await step('send file', () => create('file', JSON.stringify({ file_key: file.file_key }), 'row-5', USER, 'open_id'));
  await step('read', () => client.im.message.get({ path: { message_id: sheet.message_id } }));
  await step('fetch', async () => {
    const answer = await client.im.messageResource.get({ path: { message_id: sheet.message_id, file_key: file.file_key }, params: { type: 'file' } });
    const parts = [];
    for await (const part of answer.getReadableStream()) parts.push(part);
    return { data: { bytes: Buffer.concat(parts).toString() } };
  });
  await step('members', async () => {
    const names = [];
    for await (const page of await client.im.chatMembers.getWithIterator({ path: { chat_id: CHAT }, params: { member_id_type: 'open_id', page_size: 2 } })) {
      names.push(...page.items.map((m) => m.name));
    }
    return { data: { names } };
  });
  await step('chat', () => client.im.chat.get({ path: { chat_id: CHAT } }));
  await step('chats', () => client.im.chat.list({ params: { page_size: 10 } }));
  await step('user', () => client.contact.user.get({ path: { user_id: USER }, params: { user_id_type: 'open_id' } }));
  await step('bot', () => client.request({ method: 'GET', url: '/open-apis/bot/v3/info' }));
  await step('recall', () => client.im.message.delete({ path: { message_id: said.message_id } }));
  await step('recalled', () => client.im.message.reply({ path: { message_id: said.message_id }, data: { msg_type: 'text', content: text('x') } }));
  await step('bad card', () => create('interactive', JSON.stringify({ schema: '2.0', body: { elements: [{ tag: 'note', elements: [] }] } }), 'row-6'));
  await step('bad chat', () => create('text', text('x'), 'row-7', 'oc_unknown'));
})();
