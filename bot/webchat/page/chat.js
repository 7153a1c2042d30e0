// The page: who one is, the rooms, the connection, and what has not been delivered yet.

import { avatar, clock, day, h, messageNode, shortTime, summary, updateMessage } from './render.js';

const $ = (id) => document.getElementById(id);
const maxBytes = 64 * 1024;
const phone = matchMedia('(max-width: 760px)');
const firstLine = '登记活动 下周三下午2点半 光电产业链参观 地点 省光子技术重点实验室 限30人';
const suggestions = {
  group: [[firstLine, '登记一场活动'], ['活动', '近期有什么活动'], ['帮助', '能做些什么']],
  direct: [[firstLine, '登记一场活动'], ['报诉求 用工 招10名机械工程师', '说一件企业的难处'], ['活动', '近期有什么活动'], ['帮助', '能做些什么']],
};

const rooms = new Map(); // key → room
let order = []; // keys as listed
let current = null; // the open room
let link = null;

const ctx = {
  me: '', bot: '联帮', zone: '', people: new Map(),
  act: (entry) => outbox.add(entry),
  again: (m) => outbox.add({ type: 'say', room: m.room, text: m.text, files: m.files, id: m.id }),
  confirm: ask,
  stateText,
  handedIn: {
    has: (id) => memory.get(`forms.${ctx.me}`, []).includes(id),
    add: (id) => memory.set(`forms.${ctx.me}`, [...memory.get(`forms.${ctx.me}`, []), id].slice(-200)),
  },
};

// ---- what this tab remembers

const memory = {
  get(key, otherwise) {
    try {
      return JSON.parse(sessionStorage.getItem(`lianbang.${key}`)) ?? otherwise;
    } catch {
      return otherwise;
    }
  },
  set(key, value) {
    try {
      sessionStorage.setItem(`lianbang.${key}`, JSON.stringify(value));
    } catch { /* full or forbidden: the tab forgets */ }
  },
};

function newID() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}

// ---- the connection

const backOff = (attempt) => Math.min(30000, 500 * 2 ** attempt) * (0.5 + Math.random() / 2);

class Link {
  constructor(who) {
    this.who = who;
    this.attempt = 0;
    this.open();
  }

  open() {
    clearTimeout(this.timer);
    showLink(this.attempt ? '正在重新连接' : '正在连接', false);
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`);
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: 'hello', who: this.who, cursors: cursors() }));
    socket.onmessage = (event) => this.socket === socket && this.take(JSON.parse(event.data));
    socket.onclose = () => this.socket === socket && this.lost();
  }

  take(frame) {
    if (frame.type === 'welcome') {
      this.ready = true;
      this.attempt = 0;
      this.farewell = '';
      showLink('已连接', true);
    }
    if (frame.type === 'bye') this.farewell = frame.why;
    frames[frame.type]?.(frame);
  }

  lost() {
    this.ready = false;
    const wait = backOff(this.attempt++);
    showLink(this.farewell || '连接断了，稍后自动重连。', false);
    this.timer = setTimeout(() => this.open(), wait);
    outbox.show();
  }

  hurry() {
    if (!this.ready && this.socket?.readyState === WebSocket.CLOSED) this.open();
  }

  send(frame) {
    if (this.ready) this.socket.send(JSON.stringify(frame));
    return Boolean(this.ready);
  }

  close() {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    this.ready = false;
    socket.close();
  }
}

function showLink(text, up) {
  $('link').textContent = up ? '已连接' : text;
  $('link').dataset.up = String(up);
  $('notice').textContent = text;
  clearTimeout(showLink.timer);
  if (up) $('notice').hidden = true;
  else showLink.timer = setTimeout(() => { $('notice').hidden = false; }, 600);
}

function cursors() {
  return Object.fromEntries([...rooms].filter(([, r]) => r.rev).map(([key, r]) => [key, r.rev]));
}

// ---- what was said and is not acknowledged yet

const outbox = {
  entries: new Map(), // id → what is sent
  tries: new Map(),
  waiters: new Map(), // id → resolve

  load() {
    this.entries = new Map(memory.get(`outbox.${ctx.me}`, []).map((e) => [e.id, e]));
    this.tries.clear();
  },
  save() {
    memory.set(`outbox.${ctx.me}`, [...this.entries.values()]);
  },
  /** add sends an entry until it is acknowledged; the promise gives '' or why it was refused for good. */
  add(entry) {
    const e = { at: new Date().toISOString(), ...entry, id: entry.id || newID() };
    this.entries.set(e.id, e);
    this.save();
    placeholder(e);
    link.send(e);
    return new Promise((resolve) => this.waiters.set(e.id, resolve));
  },
  flush() {
    for (const e of this.entries.values()) {
      placeholder(e);
      link.send(e);
    }
  },
  acked(id) {
    const e = this.entries.get(id);
    this.end(id, '');
    if (e) change(e.room, id, { state: '' });
  },
  nacked({ id, why, final }) {
    const e = this.entries.get(id);
    if (!e) return;
    if (final) {
      this.end(id, why);
      change(e.room, id, { state: 'failed', why });
      return;
    }
    const n = (this.tries.get(id) || 0) + 1;
    this.tries.set(id, n);
    change(e.room, id, { state: 'failed' });
    setTimeout(() => this.entries.has(id) && link.send(e), backOff(n));
  },
  end(id, why) {
    this.entries.delete(id);
    this.tries.delete(id);
    this.save();
    this.waiters.get(id)?.(why);
    this.waiters.delete(id);
  },
  show() {
    for (const e of this.entries.values()) change(e.room, e.id, {});
  },
};

function placeholder(e) {
  const text = e.type === 'say' ? e.text : e.type === 'click' && e.label || e.command;
  const room = roomOf(e.room);
  if (room.messages.has(e.id)) change(e.room, e.id, { state: 'sending' });
  else show(room, { id: e.id, room: e.room, from: ctx.me, at: e.at, kind: e.type, text, files: e.files, state: 'sending' });
}

function stateText(m) {
  if (!m.state) return { text: '' };
  const waiting = outbox.entries.has(m.id);
  if (waiting && !link?.ready) return { text: '等待连接' };
  if (m.state === 'sending') return { text: '发送中' };
  if (waiting) return { text: '未送达，稍后自动再发' };
  if (m.why) return { text: `未送达：${m.why}` };
  return { text: '未送达', again: m.from === ctx.me && m.kind === 'say' };
}

// ---- what the server says

const frames = {
  welcome(f) {
    Object.assign(ctx, { me: f.who, bot: f.bot, zone: f.zone || '' });
    if (link.who !== f.who) rename(f.who);
    setLists(f);
    for (const [key, page] of Object.entries(f.pages || {})) takePage(key, page);
    outbox.flush();
    markSeen();
    route();
  },
  rooms: setLists,
  message: ({ message }) => show(roomOf(message.room), message, true),
  page: ({ room, page }) => takeEarlier(roomOf(room), page),
  ack: ({ id }) => outbox.acked(id),
  nack: (f) => outbox.nacked(f),
  error(f) {
    if (link.ready) return complain(f.why);
    link.close();
    ctx.me = '';
    memory.set('who', '');
    chooseWho(f.why);
  },
};

function setLists(f) {
  ctx.people = new Map((f.people || []).map((p) => [p.name, p]));
  for (const r of f.rooms) Object.assign(roomOf(r.key), { title: r.title, direct: Boolean(r.direct) });
  order = f.rooms.map((r) => r.key);
  if (current && !order.includes(current.key)) order.push(current.key);
  showMe();
  showRooms();
}

function takePage(key, page) {
  const room = roomOf(key);
  if (page.reset) clear(room);
  if (page.more) setMore(room, true);
  room.log.setAttribute('aria-busy', 'true');
  for (const m of page.messages || []) show(room, m);
  room.log.removeAttribute('aria-busy');
}

/** rename takes the name as the server wrote it. */
function rename(who) {
  link.who = who;
  memory.set('who', who);
  history.replaceState(null, '', hashOf(who, address().room));
}

// ---- rooms

function roomOf(key) {
  if (rooms.has(key)) return rooms.get(key);
  const list = h('div', { class: 'list', role: 'log', 'aria-live': 'polite', 'aria-label': '消息' });
  const more = h('button', { type: 'button', class: 'plain more', hidden: true }, '更早的消息');
  const log = h('div', { class: 'log', hidden: true, tabindex: '0', role: 'region', 'aria-label': '聊天记录' }, more, list);
  const room = { key, title: key, direct: key.startsWith('direct:'), log, list, more, messages: new Map(), rev: 0, last: null, unread: false, stick: true, seen: {} };
  more.addEventListener('click', () => link.send({ type: 'earlier', room: key, before: firstSeq(room) }));
  log.addEventListener('scroll', () => {
    if (room === current) noteScroll(room);
  }, { passive: true });
  const follow = new ResizeObserver(() => {
    if (room !== current) return;
    if (room.stick) toBottom(room);
    else noteView(room);
  });
  follow.observe(list);
  follow.observe(log);
  $('logs').append(log);
  rooms.set(key, room);
  return room;
}

const nodes = (room) => room.list.querySelectorAll(':scope > .msg');
const firstSeq = (room) => Number([...nodes(room)].find((n) => n.dataset.seq)?.dataset.seq || 0);

/**
 * noteScroll says whether the room follows its newest message: until the reader scrolls up, and again once he is back at the
 * end. A scroll that comes with another size of the text or of the window is the browser's, not his.
 */
function noteScroll(room) {
  const { top, height, view } = room.seen;
  const { scrollTop, scrollHeight, clientHeight } = room.log;
  noteView(room);
  if (scrollHeight !== height || clientHeight !== view) return;
  const nearEnd = scrollHeight - scrollTop - clientHeight < 60;
  if (scrollTop < top && !nearEnd) room.stick = false;
  if (scrollTop > top && nearEnd) room.stick = true;
  if (room.stick) $('jump').hidden = true;
}

/** noteView remembers what the reader sees now. */
function noteView(room) {
  room.seen = { top: room.log.scrollTop, height: room.log.scrollHeight, view: room.log.clientHeight };
}

function toBottom(room) {
  room.log.scrollTop = room.log.scrollHeight;
  noteView(room);
}

function setMore(room, more) {
  room.more.hidden = !more;
}

function clear(room) {
  room.list.replaceChildren();
  room.messages.clear();
  room.last = null;
  room.rev = 0;
}

/** show adds a message or changes the one with its id. */
function show(room, m, live = false) {
  room.rev = Math.max(room.rev, m.rev || 0);
  const known = room.messages.get(m.id);
  if (known) {
    Object.assign(known.m, m, { state: m.state || '' });
    updateMessage(known.node, known.m, ctx);
    place(room, known.node);
  } else {
    const node = messageNode(m, ctx);
    room.messages.set(m.id, { m, node });
    place(room, node);
    if (live) arrived(room, m);
  }
  showEmpty(room);
  if (!room.last || after(m, room.last)) room.last = m;
  if (live || m.from === ctx.me) showRooms();
}

const after = (m, other) => (m.seq || Infinity) >= (other.seq || Infinity);

function change(key, id, what) {
  const known = roomOf(key).messages.get(id);
  if (!known) return;
  Object.assign(known.m, what);
  updateMessage(known.node, known.m, ctx);
}

/** place puts a node where its seq belongs; what has none yet stays last. */
function place(room, node) {
  const seq = (n) => Number(n.dataset.seq || Infinity);
  if (node.isConnected && (!node.nextElementSibling || seq(node) <= seq(node.nextElementSibling)) &&
    (!node.previousElementSibling || seq(node.previousElementSibling) <= seq(node))) return;
  let before = room.list.lastElementChild;
  while (before && (before === node || before.classList.contains('empty') || seq(before) > seq(node))) before = before.previousElementSibling;
  if (before) before.after(node);
  else room.list.prepend(node);
  decorate(node);
  if (node.nextElementSibling) decorate(node.nextElementSibling);
  if (node.dataset.from === ctx.me && !node.dataset.seq) stickTo(room);
}

function stickTo(room) {
  room.stick = true;
  if (room !== current) return;
  $('jump').hidden = true;
  toBottom(room);
}

/** decorate shows a day separator where the day changes, and hides the name where the same person goes on. */
function decorate(node) {
  if (!node.classList.contains('msg')) return;
  const prev = node.previousElementSibling;
  const date = day(node.dataset.at, ctx.zone);
  const newDay = !prev || day(prev.dataset.at, ctx.zone) !== date;
  const old = node.querySelector(':scope > .day');
  if (old) old.remove();
  if (newDay) node.prepend(h('p', { class: 'day' }, h('span', {}, date)));
  const goesOn = !newDay && !node.matches('.note') && !prev.matches('.note') && prev.className.replace(' follow', '') === node.className.replace(' follow', '') &&
    prev.dataset.from === node.dataset.from && new Date(node.dataset.at) - new Date(prev.dataset.at) < 5 * 60e3;
  node.classList.toggle('follow', goesOn);
}

function arrived(room, m) {
  if (room !== current || document.hidden) room.unread = room.unread || m.from !== ctx.me;
  if (room === current && !room.stick) $('jump').hidden = false;
  if (room === current && !document.hidden) seen(room);
}

function takeEarlier(room, page) {
  const height = room.log.scrollHeight;
  room.log.setAttribute('aria-busy', 'true');
  for (const m of page.messages || []) show(room, m);
  room.log.removeAttribute('aria-busy');
  setMore(room, page.more);
  room.log.scrollTop += room.log.scrollHeight - height;
  noteView(room);
}

// ---- unread

function seen(room) {
  const all = memory.get(`seen.${ctx.me}`, {});
  all[room.key] = room.rev;
  memory.set(`seen.${ctx.me}`, all);
  room.unread = false;
}

/** markSeen finds what came while this person was away; on the first visit nothing counts as unread. */
function markSeen() {
  const all = memory.get(`seen.${ctx.me}`, null);
  for (const room of rooms.values()) {
    if (!all) seen(room);
    else if (room.last && room.last.from !== ctx.me && (room.last.seq || 0) > (all[room.key] || 0)) room.unread = true;
  }
}

// ---- the left column

function showMe() {
  const p = ctx.people.get(ctx.me);
  $('me').replaceChildren(
    avatar(ctx.me),
    h('span', { class: 'me-text' }, h('span', { class: 'name' }, ctx.me), h('span', { class: 'unit' }, about(p) || '我的身份')),
    h('span', { class: 'me-switch' }, '切换'));
  $('me').setAttribute('aria-label', `我是${ctx.me}，切换身份`);
}

const about = (p) => [p?.role, p?.unit].filter(Boolean).join(' · ');

function showRooms() {
  const focused = document.activeElement?.dataset?.room;
  $('rooms').replaceChildren(...order.map(roomItem));
  if (focused) $('rooms').querySelector(`[data-room="${CSS.escape(focused)}"]`)?.focus();
  const waiting = order.some((key) => rooms.get(key).unread);
  document.title = `${waiting ? '● ' : ''}${current ? `${current.title} · ` : ''}联帮`;
}

function roomItem(key) {
  const room = rooms.get(key);
  const title = room.direct ? `私聊 ${room.title}` : room.title;
  return h('li', {}, h('button', {
    type: 'button', class: 'room', 'data-room': key,
    'aria-current': room === current ? 'true' : null, onclick: () => go(key),
  },
  avatar(room.title, room.direct ? 'robot' : 'group'),
  h('span', { class: 'room-text' },
    h('span', { class: 'room-title' }, title),
    h('span', { class: 'room-last' }, room.last ? summary(room.last, ctx, room.direct) : room.direct ? '只有您和联帮看得到' : '还没有消息')),
  h('span', { class: 'room-end' },
    room.last ? h('time', {}, shortTime(room.last.at, ctx.zone)) : null,
    room.unread ? h('span', { class: 'dot' }, h('span', { class: 'hidden' }, '有未读')) : null)));
}

// ---- the open room

function openRoom(room) {
  if (current) current.log.hidden = true;
  saveDraft();
  current = room;
  document.body.dataset.screen = room ? 'chat' : 'rooms';
  $('composer').hidden = !room;
  if (room) showRoom(room);
  showRooms();
}

function showRoom(room) {
  room.log.hidden = false;
  $('title').textContent = room.direct ? `私聊 ${room.title}` : room.title;
  $('subtitle').textContent = room.direct ? '只有您和联帮看得到' : '群里的人都看得到';
  $('text').placeholder = room.direct ? `对${ctx.bot}说` : `说给群里；@${ctx.bot} 可以提问`;
  $('text').value = memory.get(`draft.${ctx.me}`, {})[room.key] || '';
  $('jump').hidden = true;
  grow();
  showEmpty(room);
  seen(room);
  if (room.stick) toBottom(room);
  noteView(room);
}

function showEmpty(room) {
  const old = room.list.querySelector(':scope > .empty');
  if (room.messages.size && old) old.remove();
  if (room.messages.size || old) return;
  const lines = suggestions[room.direct ? 'direct' : 'group'];
  room.list.append(h('div', { class: 'empty' },
    h('p', { class: 'empty-title' }, room.direct ? `和${ctx.bot}说点什么` : '这个群还没有消息'),
    h('p', { class: 'muted' }, '不用记格式。点一句放进输入框，改一改再发：'),
    h('ul', {}, lines.map(([line, what]) => h('li', {},
      h('button', { type: 'button', class: 'chip', 'data-line': line, onclick: () => suggest(line) },
        h('span', { class: 'chip-what' }, what), h('span', { class: 'chip-line' }, line)))))));
}

function suggest(line) {
  $('text').value = line;
  grow();
  $('text').focus();
}

function saveDraft() {
  if (!current) return;
  const all = memory.get(`draft.${ctx.me}`, {});
  all[current.key] = $('text').value;
  memory.set(`draft.${ctx.me}`, all);
}

// ---- the composer

function grow() {
  const t = $('text');
  t.style.height = 'auto';
  t.style.height = `${Math.min(t.scrollHeight + 2, innerHeight * 0.35)}px`;
}

function complain(why) {
  $('problem').textContent = why || '';
  $('problem').hidden = !why;
}

function say(event) {
  event.preventDefault();
  const text = $('text').value.trim();
  if (!text || !current) return;
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > maxBytes) {
    complain(`这条太长了(${Math.ceil(bytes / 1024)} KB)，一次最多 64 KB，请分几条发。`);
    return;
  }
  complain('');
  $('text').value = '';
  grow();
  saveDraft();
  outbox.add({ type: 'say', room: current.key, text });
  $('text').focus();
}

function typed(event) {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  say(event);
}

const maxFile = 10 * 1024 * 1024;
const maxFiles = 9;

/** enclose sends pictures, with what is typed as their words. */
async function enclose(files) {
  if (!files.length || !current) return;
  const room = current.key;
  if (files.length > maxFiles) return complain(`一次最多发 ${maxFiles} 张，请分几次发。`);
  const large = files.find((f) => f.size > maxFile);
  if (large) return complain(`“${large.name}”太大了，一张最多 10 MB。`);
  complain('');
  $('clip').disabled = true;
  try {
    const sent = [];
    for (const f of files) sent.push(await upload(f));
    const text = current?.key === room ? $('text').value.trim() : '';
    if (text) {
      $('text').value = '';
      grow();
      saveDraft();
    }
    outbox.add({ type: 'say', room, text, files: sent });
  } catch (e) {
    complain(e.message || '没有连上，图片没发出去，请再试一次。');
  } finally {
    $('clip').disabled = false;
    $('text').focus();
  }
}

async function upload(file) {
  const answer = await fetch(`/webchat/files?name=${encodeURIComponent(file.name || '图片.png')}`, { method: 'POST', body: file })
    .catch(() => { throw new Error('没有连上，图片没发出去，请再试一次。'); });
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer.json();
}

function pasted(event) {
  const files = [...(event.clipboardData?.files || [])].filter((f) => f.type.startsWith('image/'));
  if (!files.length) return;
  event.preventDefault();
  enclose(files);
}

// ---- dialogs

/** ask puts a question in a small dialog. */
function ask(text, yes) {
  const dialog = $('confirm-dialog');
  $('confirm-text').textContent = text;
  $('confirm-yes').textContent = yes;
  dialog.showModal();
  return new Promise((resolve) => {
    const settled = new AbortController();
    const settle = (answer) => {
      settled.abort();
      resolve(answer);
    };
    // The close event comes a frame late: the one of the question before may come while this one is open.
    dialog.querySelector('form').addEventListener('submit', (e) => settle(e.submitter?.value === 'yes'), { signal: settled.signal });
    dialog.addEventListener('close', () => dialog.open || settle(false), { signal: settled.signal });
  });
}

async function chooseWho(why = '') {
  const dialog = $('who-dialog');
  $('who-error').textContent = why;
  $('who-error').hidden = !why;
  $('who-name').value = '';
  dialog.classList.toggle('first', !ctx.me);
  if (!dialog.open) dialog.showModal();
  if (!ctx.people.size) await loadPeople();
  $('people').replaceChildren(...[...ctx.people.values()].map(personItem));
}

async function loadPeople() {
  try {
    const { bot, people } = await (await fetch('/webchat/people')).json();
    ctx.bot = bot;
    ctx.people = new Map((people || []).map((p) => [p.name, p]));
  } catch { /* a name can still be typed */ }
}

function personItem(p) {
  return h('li', {}, h('button', { type: 'button', class: 'person', 'aria-current': p.name === ctx.me ? 'true' : null, onclick: () => become(p.name) },
    avatar(p.name),
    h('span', { class: 'room-text' }, h('span', { class: 'name' }, p.name), h('span', { class: 'unit' }, about(p)))));
}

function become(name) {
  const who = name.trim();
  if (!who) return;
  $('who-dialog').close();
  if (who === ctx.me) return;
  setHash(who, current && !current.direct ? current.key : '');
}

// ---- the address: #who=林书记&room=光电信息群

const enc = (text) => text.replace(/[%&#+=\s]/g, encodeURIComponent);

function address() {
  const p = new URLSearchParams(location.hash.slice(1));
  const one = (name) => (p.get(name) || '').trim().replace(/\s+/g, ' ');
  return { who: one('who'), room: one('room') };
}

const hashOf = (who, room) => `#who=${enc(who)}${room ? `&room=${enc(room)}` : ''}`;

function setHash(who, key, replace = false) {
  const room = key && rooms.get(key)?.direct ? 'private' : key;
  history[replace ? 'replaceState' : 'pushState'](null, '', hashOf(who, room));
  route();
}

const go = (key) => setHash(ctx.me, key);

/** route makes the page what the address says. */
function route() {
  const { who, room } = address();
  const name = who || memory.get('who', '');
  if (!name) return void chooseWho();
  if (!who) return setHash(name, room, true);
  if (!link || name !== link.who) return connect(name);
  if (!order.length) return;
  const key = room ? keyOf(room) : phone.matches ? '' : order[0];
  if (!room && key) return setHash(who, key, true);
  if ((current?.key || '') === key && current !== undefined && document.body.dataset.routed) return;
  document.body.dataset.routed = 'true';
  openRoom(key ? roomOf(key) : null);
  if (key && !phone.matches) $('text').focus();
  else if (key) $('title').focus();
}

function keyOf(name) {
  if (name === 'private') return order[0];
  const found = order.find((key) => key === name || rooms.get(key).title === name && !rooms.get(key).direct);
  if (!found) order.push(name);
  roomOf(found || name);
  return found || name;
}

/** connect begins anew as somebody. */
function connect(who) {
  if (link) link.close();
  saveDraft();
  for (const room of rooms.values()) room.log.remove();
  rooms.clear();
  order = [];
  current = null;
  delete document.body.dataset.routed;
  ctx.me = who;
  memory.set('who', who);
  outbox.load();
  showMe();
  link = new Link(who);
}

function neighbour(step) {
  const i = order.indexOf(current?.key);
  const key = order[(i + step + order.length) % order.length];
  if (key) go(key);
}

// ---- wiring

$('composer').addEventListener('submit', say);
$('text').addEventListener('keydown', typed);
$('text').addEventListener('paste', pasted);
$('clip').addEventListener('click', () => $('files').click());
$('files').addEventListener('change', () => {
  enclose([...$('files').files]);
  $('files').value = '';
});
$('text').addEventListener('input', () => { grow(); complain(''); saveDraft(); });
$('jump').addEventListener('click', () => stickTo(current));
$('me').addEventListener('click', () => chooseWho());
$('back').addEventListener('click', () => setHash(ctx.me, ''));
$('enter').addEventListener('click', () => $('room-dialog').showModal());
$('who-form').addEventListener('submit', (e) => { e.preventDefault(); become($('who-name').value); });
$('room-form').addEventListener('submit', (e) => {
  e.preventDefault();
  $('room-dialog').close();
  go($('room-name').value.trim().replace(/\s+/g, ' '));
  $('room-name').value = '';
});
$('who-dialog').addEventListener('cancel', (e) => { if (!ctx.me) e.preventDefault(); });
document.addEventListener('keydown', (e) => {
  if (!e.altKey || !['ArrowUp', 'ArrowDown'].includes(e.key)) return;
  e.preventDefault();
  neighbour(e.key === 'ArrowUp' ? -1 : 1);
});
document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  link?.hurry();
  if (current) seen(current), showRooms();
});
addEventListener('online', () => link?.hurry());
addEventListener('hashchange', route);
addEventListener('popstate', route);
addEventListener('resize', grow);
phone.addEventListener('change', route);
route();
