package wecomtest

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"time"

	"lianbang/bot/wecom/wire"
)

// Forgery is what is wrong with a callback that the platform did not send.
type Forgery string

// The forgeries. All but the last four carry a message that would be answered if it were genuine.
const (
	BadSignature    Forgery = "bad signature"
	NoSignature     Forgery = "no signature"
	ForeignToken    Forgery = "foreign token"    // signed, with another token
	ForeignReceiver Forgery = "foreign receiver" // signed and encrypted, for somebody else
	BadPadding      Forgery = "bad padding"      // signed; the last byte is no padding
	LongLength      Forgery = "long length"      // signed; the length field points beyond the end
	OddBlocks       Forgery = "odd blocks"       // signed; no whole number of blocks
	NotBase64       Forgery = "not base64"       // signed
	NoEnvelope      Forgery = "no envelope"      // the body is neither XML nor JSON
	EntityBomb      Forgery = "entity bomb"      // XML whose entities grow
	OutsideEntity   Forgery = "outside entity"   // XML that names a file
	Oversized       Forgery = "oversized"        // a body of 32 MiB
)

// Forgeries are all of them.
var Forgeries = []Forgery{BadSignature, NoSignature, ForeignToken, ForeignReceiver, BadPadding, LongLength, OddBlocks, NotBase64,
	NoEnvelope, EntityBomb, OutsideEntity, Oversized}

const verifyWithin = time.Second // (90238)

// Verify asks a callback address, of Bot or App, for the proof that an administrator needs to save it. It is in order when
// Attempt.Err is empty.
func (s *Server) Verify(to string) Attempt {
	t, err := s.target(to)
	if err != nil {
		return Attempt{Err: err.Error()}
	}
	stamp, nonce := s.stamp()
	echo := "55500011122233" + nonce
	sealed := t.crypt.Seal(stamp, nonce, []byte(echo))
	q := sealed.Query()
	q.Echo = sealed.Encrypt
	a := s.post(http.MethodGet, t.url, q, "", nil)
	switch {
	case a.Err != "":
	case a.Status != http.StatusOK:
		a.Err = fmt.Sprintf("status %d", a.Status)
	case a.Body != echo:
		a.Err = "the answer is not the plaintext as it is"
	case a.Took > verifyWithin:
		a.Err = "timeout"
	}
	return a
}

// DeliverPlain sends one genuine callback, to Bot or App, with any plaintext, and shows no reply.
func (s *Server) DeliverPlain(to string, plain []byte) Attempt {
	t, err := s.target(to)
	if err != nil {
		return Attempt{Err: err.Error()}
	}
	return s.attempt(t, plain)
}

// Forge sends one callback, to Bot or App, that the receiver must refuse. The id is that of the message inside.
func (s *Server) Forge(to string, f Forgery, id string) Attempt {
	t, err := s.target(to)
	if err != nil {
		return Attempt{Err: err.Error()}
	}
	stamp, nonce := s.stamp()
	encrypted, err := s.forged(t, f, []byte(s.tempting(to, id)))
	if err != nil {
		return Attempt{Err: err.Error()}
	}
	q := wire.Query{Timestamp: stamp, Nonce: nonce, Signature: t.crypt.Sign(stamp, nonce, encrypted)}
	switch f {
	case BadSignature:
		q.Signature = strings.Repeat("0", 40)
	case NoSignature:
		q.Signature = ""
	case ForeignToken:
		foreign, err := wire.NewCrypt("another token", DefaultBot.AESKey, "")
		if err != nil {
			return Attempt{Err: err.Error()}
		}
		q.Signature = foreign.Sign(stamp, nonce, encrypted)
	}
	kind := "application/json"
	if t.xml {
		kind = "text/xml"
	}
	return s.post(http.MethodPost, t.url, q, kind, enveloped(t, f, encrypted))
}

func (s *Server) target(to string) (target, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.botTarget()
	if to == App {
		t, err = s.appTarget()
	}
	if err == nil && t.url == "" {
		err = fmt.Errorf("there is no callback address")
	}
	return t, err
}

// tempting is the plaintext of a message that would be answered.
func (s *Server) tempting(to, id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	who := s.members[0]
	if to == App {
		return string(wire.AppMessage{To: s.app.CorpID, From: who.UserID, CreateTime: s.clock.Now().Unix(), Type: "text", Content: "帮助", ID: id, AgentID: fmt.Sprint(s.app.AgentID)}.XML())
	}
	return fmt.Sprintf(`{"msgid":%q,"aibotid":%q,"chattype":"single","from":{"userid":%q},"msgtype":"text","text":{"content":"帮助"}}`, id, s.bot.ID, who.seenByBot())
}

// forged encrypts plain as the forgery wants it. What is laid out by hand is sealed as media are: the cipher is the same.
func (s *Server) forged(t target, f Forgery, plain []byte) (string, error) {
	s.mu.Lock()
	key, receiver := s.bot.AESKey, ""
	if t.xml {
		key, receiver = s.app.AESKey, s.app.CorpID
	}
	s.mu.Unlock()
	size := len(plain)
	switch f {
	case ForeignReceiver:
		receiver = "ww99another99corp9"
	case LongLength:
		size += 1 << 20
	case NotBase64:
		return "*** not base64 ***", nil
	}
	layout := append(make([]byte, 16), binary.BigEndian.AppendUint32(nil, uint32(size))...)
	layout = append(append(layout, plain...), receiver...)
	data, err := wire.SealMedia(key, layout)
	if err != nil {
		return "", err
	}
	switch f {
	case BadPadding:
		data[len(data)-17] ^= 0x40 // of the block before: turns the bit in the last byte of the plaintext
	case OddBlocks:
		data = data[:len(data)-5]
	}
	return base64.StdEncoding.EncodeToString(data), nil
}

// enveloped is the body of a forged callback.
func enveloped(t target, f Forgery, encrypted string) []byte {
	e := wire.Envelope{To: t.corp, Agent: t.agent, Encrypt: encrypted}
	body := e.JSON()
	if t.xml {
		body = e.XML()
	}
	switch f {
	case NoEnvelope:
		return []byte("\x00\x01 neither {nor <")
	case EntityBomb:
		return entityBomb(body)
	case OutsideEntity:
		return append([]byte(`<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/hostname">]><xml><ToUserName>&x;</ToUserName></xml>`), body...)
	case Oversized:
		return append(body, bytes.Repeat([]byte(" "), 32<<20)...)
	}
	return body
}

// entityBomb would be 10^8 characters if its entities were expanded.
func entityBomb(body []byte) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a0 "aaaaaaaaaa">`)
	for i := 1; i < 8; i++ {
		fmt.Fprintf(&b, `<!ENTITY a%d "%s">`, i, strings.Repeat(fmt.Sprintf("&a%d;", i-1), 10))
	}
	b.WriteString(`]><xml><ToUserName>&a7;</ToUserName></xml>`)
	b.Write(body)
	return b.Bytes()
}
