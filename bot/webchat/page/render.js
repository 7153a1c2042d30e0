// What a room shows: messages, cards, forms, charts. Everything is text nodes and elements; nothing is parsed as HTML.

/** h makes an element: h('p', {class: 'x', onclick: f}, 'text', node). */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

function s(tag, props = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), props, children);
}

function fill(el, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) el.addEventListener(name.slice(2), value);
    else el.setAttribute(name, value === true ? '' : value);
  }
  el.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return el;
}

// ---- names and times

/** avatar is the beginning of a name on one of eight quiet colours that belongs to the name. */
export function avatar(name, kind = '') {
  let sum = 0;
  for (const c of name) sum = (sum * 31 + c.codePointAt(0)) >>> 0;
  const label = initials([...name]);
  return h('span', { class: `avatar ${kind} c${Math.imul(sum, 2654435761) >>> 29}`, 'aria-hidden': 'true' }, label);
}

function initials(chars) {
  return /\p{Script=Han}/u.test(chars[0] || '') ? chars[0] : chars.slice(0, 2).join('').toUpperCase();
}

const formats = new Map();

function parts(at, zone) {
  if (!formats.has(zone)) formats.set(zone, dateFormat(zone));
  return Object.fromEntries(formats.get(zone).formatToParts(new Date(at)).map((p) => [p.type, p.value]));
}

function dateFormat(zone) {
  const fields = { year: 'numeric', month: 'numeric', day: 'numeric', weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  try {
    return new Intl.DateTimeFormat('zh-CN', { ...fields, timeZone: zone || undefined });
  } catch {
    return new Intl.DateTimeFormat('zh-CN', fields);
  }
}

export function clock(at, zone) {
  const p = parts(at, zone);
  return `${p.hour}:${p.minute}`;
}

/** day is 11月22日(周日), with the year when it is not this one. */
export function day(at, zone) {
  const p = parts(at, zone);
  const year = p.year === parts(Date.now(), zone).year ? '' : `${p.year}年`;
  return `${year}${p.month}月${p.day}日(${p.weekday})`;
}

/** shortTime is the clock for today, else the date. */
export function shortTime(at, zone) {
  const date = day(at, zone);
  return date === day(Date.now(), zone) ? clock(at, zone) : date.replace(/\(.*/, '');
}

// ---- text

/** marked is a text with its mentions marked. */
function marked(text, ctx) {
  const names = [ctx.bot, ...ctx.people.keys()].sort((a, b) => b.length - a.length).map(escapeRegExp);
  const pattern = new RegExp(`([@＠](?:${names.join('|')}))`, 'u');
  return text.split(pattern).map((part, i) => (i % 2 ? mention(part.slice(1), ctx) : part));
}

const escapeRegExp = (text) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

function mention(name, ctx) {
  return h('span', { class: name === ctx.me ? 'mention self' : 'mention' }, `@${name}`);
}

const longText = 900;

function textBlock(text, ctx, mentions = []) {
  const names = mentions.map((name) => [mention(name, ctx), ' ']);
  const body = h('div', { class: 'text' }, names, marked(text, ctx));
  if (text.length <= longText && text.split('\n').length <= 30) return body;
  body.classList.add('folded');
  const more = h('button', { type: 'button', class: 'plain unfold', 'aria-expanded': 'false' }, `展开全文(${text.length} 字)`);
  more.addEventListener('click', () => {
    const folded = body.classList.toggle('folded');
    more.setAttribute('aria-expanded', String(!folded));
    more.textContent = folded ? `展开全文(${text.length} 字)` : '收起';
  });
  return h('div', {}, body, more);
}

// ---- messages

/** messageNode shows one message. ctx: {me, bot, zone, people, act, again, confirm, stateText, handedIn}. */
export function messageNode(m, ctx) {
  const node = m.kind === 'click' || m.kind === 'submit' ? noteNode(m) : bubbleNode(m, ctx);
  node.dataset.id = m.id;
  node.dataset.from = m.from || '';
  node.dataset.at = m.at;
  updateMessage(node, m, ctx);
  return node;
}

function noteNode(m) {
  return h('article', { class: 'msg note' }, h('p', { class: 'note-text' }, deed(m, m.from, m.text), h('span', { class: 'state' })));
}

/** deed says what somebody did: tapped a button, or filled in the form of a command. */
const deed = (m, who, what) => `${who} ${m.kind === 'click' ? '点了' : '填了'}“${what}”`;

function bubbleNode(m, ctx) {
  const isBot = m.kind === 'bot';
  const mine = !isBot && m.from === ctx.me;
  const name = isBot ? ctx.bot : m.from;
  const person = ctx.people.get(m.from);
  return h('article', { class: `msg ${isBot ? 'bot' : mine ? 'mine' : 'theirs'}`, 'aria-label': `${name} ${clock(m.at, ctx.zone)}` },
    h('div', { class: 'row' },
      avatar(name, isBot ? 'robot' : ''),
      h('div', { class: 'stack' },
        h('p', { class: 'by' },
          h('span', { class: 'name' }, mine ? '我' : name),
          person?.unit && !mine ? h('span', { class: 'unit' }, person.unit) : null,
          h('time', { datetime: m.at }, clock(m.at, ctx.zone))),
        isBot ? botBody(m, ctx) : saidBody(m, ctx),
        h('p', { class: 'state' }))));
}

/** updateMessage shows how far a message has come. */
export function updateMessage(node, m, ctx) {
  if (m.seq) node.dataset.seq = m.seq;
  const { text, again } = ctx.stateText(m);
  const state = node.querySelector(':scope .state');
  state.replaceChildren(...(text ? [text] : []));
  if (again) state.append(' ', h('button', { type: 'button', class: 'plain', onclick: () => ctx.again(m) }, '再发一次'));
  node.dataset.state = m.state || '';
}

function saidBody(m, ctx) {
  const out = (m.files || []).map((f) => (f.kind === 'image' ? pictureNode(f) : fileNode(f)));
  if (m.text || !out.length) out.push(h('div', { class: 'bubble' }, textBlock(m.text || '', ctx)));
  return out;
}

/** pictureNode shows a picture that opens in a page of its own. */
function pictureNode(file) {
  return h('a', { class: 'picture', href: file.url, target: '_blank', rel: 'noopener' }, h('img', { src: file.url, alt: file.name, loading: 'lazy' }));
}

function botBody(m, ctx) {
  const r = m.body;
  const out = [];
  if (r.text || r.mention?.length) out.push(h('div', { class: 'bubble' }, textBlock(r.text || '', ctx, r.mention)));
  if (r.card) out.push(cardNode(m, r.card, ctx));
  if (m.file) out.push(r.file?.type?.startsWith('image/') ? pictureNode(m.file) : fileNode(m.file));
  return out;
}

function fileNode(file) {
  return h('a', { class: 'file', href: file.url, download: file.name },
    s('svg', { viewBox: '0 0 24 24', width: 24, height: 24, 'aria-hidden': 'true' },
      s('path', { d: 'M6 3h8l4 4v14H6zM14 3v4h4', fill: 'none', stroke: 'currentColor', 'stroke-width': 1.6, 'stroke-linejoin': 'round' })),
    h('span', { class: 'file-name' }, file.name),
    h('span', { class: 'file-size' }, size(file.size)));
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1 << 20 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`;
}

/** summary is the one line that the room list shows of a message. */
export function summary(m, ctx, direct) {
  const by = m.kind === 'bot' ? ctx.bot : m.from === ctx.me ? '我' : m.from;
  const text = m.kind === 'bot' ? m.body.text || m.body.card?.title || m.file?.name || '' : m.text || '';
  const line = text.split('\n', 1)[0].slice(0, 60) || (m.files?.length ? (m.files.every((f) => f.kind === 'image') ? '[图片]' : '[文件]') : '');
  if (m.kind === 'click' || m.kind === 'submit') return deed(m, by, line);
  return direct && m.kind === 'bot' ? line : `${by}：${line}`;
}

// ---- cards

function cardNode(m, card, ctx) {
  return h('section', { class: `card tone-${card.tone || 'info'}`, 'aria-label': card.title },
    h('h2', { class: 'card-title' }, card.title),
    (card.sections || []).map((section) => sectionNode(section, ctx)),
    (card.charts || []).map(chartNode),
    card.form ? formNode(m, card.form, ctx) : null,
    card.buttons?.length ? buttonsNode(m, card, ctx) : null);
}

function sectionNode(section, ctx) {
  return h('div', { class: 'section' },
    section.heading ? h('h3', {}, section.heading) : null,
    section.facts?.length
      ? h('dl', {}, section.facts.map((f) => [h('dt', {}, f.label), h('dd', {}, marked(f.value, ctx))]))
      : null,
    (section.lines || []).map((line) => h('p', {}, marked(line, ctx))));
}

function buttonsNode(m, card, ctx) {
  const row = h('div', { class: 'buttons', role: 'group', 'aria-label': '可以做的' });
  card.buttons.forEach((b, i) => {
    const primary = i === 0 && !card.form && b.tone !== 'danger';
    const el = h('button', { type: 'button', class: primary ? 'button primary' : 'button', 'data-command': b.command }, b.label);
    el.addEventListener('click', () => tap(m, b, el, ctx));
    row.append(el);
  });
  return row;
}

async function tap(m, button, el, ctx) {
  if (el.getAttribute('aria-disabled')) return;
  const ask = button.confirm || (button.tone === 'danger' ? `${button.label}？` : '');
  if (ask && !(await ctx.confirm(ask, button.label))) return;
  el.setAttribute('aria-disabled', 'true');
  await ctx.act({ type: 'click', room: m.room, message: m.id, command: button.command, label: button.label });
  el.removeAttribute('aria-disabled');
}

// ---- forms

let fieldCount = 0;
let formCount = 0;

/** formNode asks for fields. Once handed in it folds; opened again it asks before it is handed in a second time. */
function formNode(m, form, ctx) {
  const fields = form.fields.map(fieldNode);
  const submit = h('button', { type: 'submit', class: 'button primary' });
  const result = h('p', { class: 'form-result', role: 'status' });
  const body = h('div', { class: 'form-body', id: `form-${++formCount}` }, fields.map((f) => f.node), h('div', { class: 'form-end' }, submit));
  const toggle = h('button', { type: 'button', class: 'plain', 'aria-controls': body.id, onclick: () => fold(!body.hidden) });
  const end = h('div', { class: 'form-end' }, result, toggle);
  const el = h('form', { class: 'form', novalidate: true, autocomplete: 'off', 'data-command': form.command }, body, end);
  let done = ctx.handedIn.has(m.id);
  const fold = (folded) => {
    body.hidden = folded;
    toggle.textContent = folded ? '打开表格' : '收起';
    toggle.setAttribute('aria-expanded', String(!folded));
  };
  const show = () => {
    el.classList.toggle('done', done);
    submit.className = done ? 'button' : 'button primary';
    submit.textContent = done ? '再提交一次' : form.submit || '提交';
    result.textContent = done ? '已提交' : '';
    toggle.hidden = !done;
  };
  show();
  fold(done);
  el.addEventListener('submit', async (event) => {
    event.preventDefault();
    const wrong = fields.filter((f) => !f.check());
    if (wrong.length) return wrong[0].focus();
    if (done && !(await ctx.confirm('这张表已经提交过。要再提交一次吗？', '再提交一次'))) return;
    submit.disabled = true;
    submit.textContent = '正在提交';
    const values = Object.fromEntries(fields.map((f) => [f.name, f.value()]));
    const why = await ctx.act({ type: 'submit', room: m.room, message: m.id, command: form.command, form: values });
    submit.disabled = false;
    if (!why) {
      done = true;
      ctx.handedIn.add(m.id);
      fold(true);
    }
    show();
    if (why) result.textContent = why;
    else if (document.activeElement === document.body) toggle.focus({ preventScroll: true });
  });
  return el;
}

function fieldNode(field) {
  const id = `field-${++fieldCount}`;
  const error = h('p', { class: 'error', id: `${id}-error`, hidden: true });
  const hint = field.hint && field.kind === 'choice' ? h('p', { class: 'hint', id: `${id}-hint` }, field.hint) : null;
  const input = inputNode(field, id, `${id}-error${hint ? ` ${id}-hint` : ''}`);
  const label = h('label', { for: id }, field.label, field.required ? null : h('span', { class: 'optional' }, '(可不填)'));
  const show = (why) => {
    error.textContent = why;
    error.hidden = !why;
    input.setAttribute('aria-invalid', String(Boolean(why)));
    return !why;
  };
  input.addEventListener('input', () => error.hidden || show(fault(field, input.value)));
  return {
    node: h('div', { class: 'field' }, label, hint, input, error),
    name: field.name,
    value: () => clean(field, input.value),
    check: () => show(fault(field, input.value)),
    focus: () => input.focus(),
  };
}

function inputNode(field, id, describedby) {
  const props = { id, name: field.name, 'aria-describedby': describedby, 'aria-required': String(Boolean(field.required)) };
  if (field.kind === 'choice') return choiceNode(field, props);
  const el = field.kind === 'text'
    ? h('textarea', { ...props, rows: 3, placeholder: field.hint || null })
    : h('input', { ...props, type: 'text', placeholder: field.hint || null, inputmode: field.kind === 'number' ? 'numeric' : null });
  el.value = field.value || '';
  return el;
}

function choiceNode(field, props) {
  const options = (field.options || []).map((o) => h('option', { value: o }, o));
  const el = h('select', props, h('option', { value: '' }, '请选择'), options);
  el.value = field.value || '';
  return el;
}

/** clean turns full-width digits of a number into plain ones. */
function clean(field, value) {
  const text = value.trim();
  return field.kind === 'number' ? text.normalize('NFKC') : text;
}

function fault(field, raw) {
  const value = clean(field, raw);
  if (!value) return field.required ? `${field.kind === 'choice' ? '请选' : '请填'}${field.label}` : '';
  if (field.kind === 'number' && !/^\d{1,12}$/.test(value)) return `${field.label}要写整数，比如 3`;
  return '';
}

// ---- charts

const colours = 4;
const em = 13;

function chartNode(c) {
  const box = h('div', { class: 'chart-box' });
  const title = c.unit ? `${c.title}(${c.unit})` : c.title;
  const legend = c.series.length > 1
    ? h('ul', { class: 'legend' }, c.series.map((x, i) => h('li', {}, h('span', { class: `swatch f${i % colours}`, 'aria-hidden': 'true' }), x.name)))
    : null;
  const figure = h('figure', { class: 'chart' }, h('figcaption', {}, title), legend, box);
  new ResizeObserver(([entry]) => redraw(c, box, Math.floor(entry.contentRect.width))).observe(box);
  return figure;
}

function redraw(c, box, width) {
  if (width < 40 || box.dataset.width === String(width)) return;
  box.dataset.width = width;
  const draw = c.kind === 'line' ? lineChart : fits(c, width) ? barChart : rowChart;
  box.replaceChildren(draw(c, width));
}

const known = (v) => typeof v === 'number' && Number.isFinite(v);
const say = (v) => v.toLocaleString('zh-CN', { maximumFractionDigits: 2 });
const wide = (text) => [...text].reduce((n, ch) => n + (ch > '\u2e80' ? em : em * 0.6), 0);
const top = (c) => Math.max(1e-9, ...c.series.flatMap((x) => x.values).filter(known));

function svg(c, width, height, ...children) {
  const all = c.series.map((x) => `${x.name ? `${x.name}：` : ''}${c.labels.map((l, i) => `${l} ${known(x.values[i]) ? say(x.values[i]) : '无数据'}`).join('，')}`);
  return s('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': `${c.title}。${all.join('；')}` }, children);
}

function label(x, y, text, anchor = 'middle', cls = '') {
  return s('text', { x, y, 'text-anchor': anchor, class: cls }, text);
}

function fits(c, width) {
  const slot = width / c.labels.length;
  const bar = Math.min(40, (slot * 0.76) / c.series.length);
  const widest = Math.max(...c.series.flatMap((x) => x.values).filter(known).map((v) => wide(say(v))), em);
  return c.labels.every((l) => wide(l) + 4 <= slot) && bar >= Math.min(widest, 40) * 0.9;
}

function barChart(c, width) {
  const [head, foot, height] = [22, 24, 190];
  const base = height - foot;
  const slot = width / c.labels.length;
  const bar = Math.min(40, (slot * 0.76) / c.series.length);
  const scale = (base - head) / top(c);
  const marks = c.labels.flatMap((name, i) => {
    const left = slot * (i + 0.5) - (bar * c.series.length) / 2;
    const bars = c.series.flatMap((x, k) => oneBar(x.values[i], left + k * bar, bar, base, scale, k));
    return [...bars, label(slot * (i + 0.5), height - 6, name, 'middle', 'axis')];
  });
  return svg(c, width, height, ...marks, s('line', { x1: 0, x2: width, y1: base, y2: base, class: 'base' }));
}

function oneBar(v, x, width, base, scale, k) {
  const mid = x + width / 2;
  if (!known(v)) return [s('rect', { x: x + 2, y: base - 6, width: width - 4, height: 6, class: 'none' }), label(mid, base - 10, '无', 'middle', 'axis')];
  const tall = Math.max(v > 0 ? 2 : 0, v * scale);
  return [s('rect', { x: x + 2, y: base - tall, width: width - 4, height: tall, class: `f${k % colours}` }), label(mid, base - tall - 6, say(v))];
}

function rowChart(c, width) {
  const line = 24;
  const gap = c.series.length > 1 ? 8 : 2;
  const left = Math.min(width * 0.4, Math.max(...c.labels.map(wide)) + 10);
  const right = Math.max(...c.series.flatMap((x) => x.values).filter(known).map((v) => wide(say(v))), em) + 8;
  const scale = (width - left - right) / top(c);
  const group = line * c.series.length + gap;
  const marks = c.labels.flatMap((name, i) => {
    const y = i * group;
    const rows = c.series.flatMap((x, k) => oneRow(x.values[i], left, y + k * line, line, scale, k));
    return [label(left - 8, y + (line * c.series.length) / 2 + 5, shorten(name, left - 8), 'end', 'axis'), ...rows];
  });
  const height = c.labels.length * group;
  return svg(c, width, height, ...marks, s('line', { x1: left, x2: left, y1: 0, y2: height, class: 'base' }));
}

function oneRow(v, left, y, line, scale, k) {
  if (!known(v)) return [s('rect', { x: left, y: y + 4, width: 6, height: line - 8, class: 'none' }), label(left + 12, y + line / 2 + 5, '无', 'start', 'axis')];
  const long = Math.max(v > 0 ? 2 : 0, v * scale);
  return [s('rect', { x: left, y: y + 4, width: long, height: line - 8, class: `f${k % colours}` }), label(left + long + 6, y + line / 2 + 5, say(v), 'start')];
}

function shorten(text, room) {
  if (wide(text) <= room) return text;
  const chars = [...text];
  while (chars.length > 1 && wide(chars.join('')) + em > room) chars.pop();
  return `${chars.join('')}…`;
}

function lineChart(c, width) {
  const [head, foot, height, side] = [24, 26, 190, 22];
  const base = height - foot;
  const step = c.labels.length > 1 ? (width - 2 * side) / (c.labels.length - 1) : 0;
  const scale = (base - head) / top(c);
  const x = (i) => (c.labels.length > 1 ? side + i * step : width / 2);
  const sparse = (texts) => Math.max(1, Math.ceil((Math.max(...texts.map(wide)) + 8) / Math.max(step, 1)));
  const every = sparse(c.labels);
  const values = sparse(c.series.flatMap((one) => one.values.filter(known).map(say)).concat('0'));
  const axis = c.labels.map((name, i) => ((c.labels.length - 1 - i) % every ? null : label(x(i), height - 6, name, 'middle', 'axis'))).filter(Boolean);
  const lines = c.series.flatMap((one, k) => oneLine(one, k, x, (v) => base - v * scale, values, c.labels.length));
  return svg(c, width, height, s('line', { x1: 0, x2: width, y1: base, y2: base, class: 'base' }), ...axis, ...lines);
}

function oneLine(one, k, x, y, every, count) {
  let pen = false;
  let path = '';
  const dots = [];
  for (let i = 0; i < count; i++) {
    const v = one.values[i];
    if (!known(v)) {
      pen = false;
      continue;
    }
    path += `${pen ? 'L' : 'M'}${x(i).toFixed(1)} ${y(v).toFixed(1)}`;
    pen = true;
    dots.push(s('circle', { cx: x(i), cy: y(v), r: 3, class: `f${k % colours}` }));
    if ((count - 1 - i) % every === 0) dots.push(label(x(i), y(v) + (k % 2 ? 18 : -9), say(v)));
  }
  return [s('path', { d: path || 'M0 0', class: `l${k % colours}` }), ...dots];
}
