'use strict';
// The vendor's long connection client against the platform at BASE. JSON lines on stdout: {kind: ready | reconnecting |
// reconnected | failed}, {kind: event, type, data}, {kind: click, data}. A text with 失败一次 in it fails the first time.
const lark = require('@larksuiteoapi/node-sdk');

const { BASE, APP_ID, APP_SECRET, PING_TIMEOUT } = process.env;
const print = (line) => process.stdout.write(JSON.stringify(line) + '\n');
const mute = () => undefined;
const logger = { fatal: mute, error: mute, warn: mute, info: mute, debug: mute, trace: mute };
const failed = new Set();

const handlers = {
  'card.action.trigger': async (data) => {
    print({ kind: 'click', data });
    return {
      toast: { type: 'success', content: '已报名' },
      card: { type: 'raw', data: { schema: '2.0', config: { update_multi: true }, body: { elements: [{ tag: 'markdown', content: '已报名 1 人' }] } } },
    };
  },
};
for (const type of [
  'im.message.receive_v1', 'im.message.recalled_v1', 'im.chat.member.bot.added_v1', 'im.chat.member.bot.deleted_v1', 'im.chat.member.user.added_v1',
  'im.chat.member.user.deleted_v1', 'im.chat.updated_v1', 'im.chat.disbanded_v1', 'im.chat.access_event.bot_p2p_chat_entered_v1', 'application.bot.menu_v6',
]) {
  handlers[type] = async (data) => {
    print({ kind: 'event', type, data });
    const id = data.message?.message_id;
    if (data.message?.content.includes('失败一次') && !failed.has(id)) {
      failed.add(id);
      throw new Error('as asked');
    }
  };
}

const client = new lark.WSClient({
  appId: APP_ID,
  appSecret: APP_SECRET,
  domain: BASE,
  logger,
  wsConfig: PING_TIMEOUT ? { pingTimeout: Number(PING_TIMEOUT) } : undefined,
  onReady: () => print({ kind: 'ready' }),
  onReconnecting: () => print({ kind: 'reconnecting' }),
  onReconnected: () => print({ kind: 'reconnected' }),
  onError: () => print({ kind: 'failed' }),
});
client.start({ eventDispatcher: new lark.EventDispatcher({ logger }).register(handlers) });
