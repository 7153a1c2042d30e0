'use strict';
// A callback receiver with the vendor's encryption on a free port of loopback: TOKEN, KEY, RECEIVER. JSON lines on stdout:
// {kind: listening, url}, {kind: got, receiver, plain}, {kind: refused}. It answers every message with "收到".
const http = require('http');
const { getSignature, encrypt, decrypt } = require('@wecom/crypto');

const { TOKEN, KEY, RECEIVER } = process.env;
const print = (line) => process.stdout.write(JSON.stringify(line) + '\n');
const cdata = (text) => `<![CDATA[${text}]]>`;
const between = (text, tag) => text.split(`<${tag}><![CDATA[`)[1]?.split(']]>')[0];

function answer(xml, plain, nonce) {
  const stamp = Math.floor(Date.now() / 1000);
  const reply = xml
    ? `<xml><MsgType>${cdata('text')}</MsgType><Content>${cdata('收到 ' + between(plain, 'Content'))}</Content></xml>`
    : JSON.stringify({ msgtype: 'stream', stream: { id: 'st-1', finish: true, content: '收到 ' + JSON.parse(plain).text.content } });
  const sealed = encrypt(KEY, reply, RECEIVER);
  const signature = getSignature(TOKEN, String(stamp), nonce, sealed);
  return xml
    ? `<xml><Encrypt>${cdata(sealed)}</Encrypt><MsgSignature>${cdata(signature)}</MsgSignature><TimeStamp>${stamp}</TimeStamp><Nonce>${cdata(nonce)}</Nonce></xml>`
    : JSON.stringify({ encrypt: sealed, msgsignature: signature, timestamp: stamp, nonce });
}

const server = http.createServer((req, res) => {
  const query = new URL(req.url, 'http://localhost').searchParams;
  let body = '';
  req.on('data', (part) => { body += part; });
  req.on('end', () => {
    const xml = body.startsWith('<');
    const sealed = req.method === 'GET' ? query.get('echostr') : xml ? between(body, 'Encrypt') : JSON.parse(body).encrypt;
    if (getSignature(TOKEN, query.get('timestamp'), query.get('nonce'), sealed) !== query.get('msg_signature')) {
      print({ kind: 'refused' });
      res.writeHead(403).end();
      return;
    }
    const { message, id } = decrypt(KEY, sealed);
    if (req.method === 'GET') {
      res.end(message);
      return;
    }
    print({ kind: 'got', receiver: id, plain: message });
    res.end(answer(xml, message, query.get('nonce')));
  });
});
server.listen(0, '127.0.0.1', () => print({ kind: 'listening', url: `http://127.0.0.1:${server.address().port}/cb` }));
