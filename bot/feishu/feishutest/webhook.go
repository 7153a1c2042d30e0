package feishutest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"lianbang/bot/feishu/wire"
)

const maxAnswer = 256 << 10

// post pushes an envelope to the webhook, encrypted and signed if there is an Encrypt Key.
func (s *Server) post(ctx context.Context, url string, envelope []byte) reply {
	body, header := s.seal(s.key, envelope)
	return s.deliver(ctx, url, body, header)
}

// seal encrypts and signs a body under key. Without one it stays as it is.
func (s *Server) seal(key *wire.Key, plain []byte) ([]byte, http.Header) {
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	if key == nil {
		return plain, header
	}
	s.mu.Lock()
	nonce := strconv.FormatUint(s.random.Uint64(), 36)
	s.mu.Unlock()
	body := []byte(compact(map[string]string{"encrypt": key.Encrypt(plain)}))
	s.sign(header, key, nonce, body)
	return body, header
}

func (s *Server) sign(header http.Header, key *wire.Key, nonce string, body []byte) {
	stamp := strconv.FormatInt(s.clock.Now().Unix(), 10)
	header.Set(wire.TimestampHeader, stamp)
	header.Set(wire.NonceHeader, nonce)
	header.Set(wire.SignatureHeader, key.Sign(stamp, nonce, body))
}

// deliver posts a body. Only HTTP 200 is an acknowledgement; redirects are not followed.
func (s *Server) deliver(ctx context.Context, url string, body []byte, header http.Header) reply {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return reply{err: fmt.Errorf("%w: %w", ErrNoConnection, err)}
	}
	req.Header = header
	res, err := s.client.Do(req)
	if err != nil {
		return reply{err: failure(ctx, err)}
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	switch {
	case err != nil:
		return reply{code: res.StatusCode, err: failure(ctx, err)}
	case res.StatusCode != http.StatusOK:
		return reply{code: res.StatusCode, data: answer, err: fmt.Errorf("%w: HTTP %d", ErrAnswer, res.StatusCode)}
	}
	return reply{code: res.StatusCode, data: answer}
}

// failure is why a push ended without an answer.
func failure(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrCut
	}
	return fmt.Errorf("%w: %w", ErrNoConnection, err)
}

// Challenge asks the webhook to prove itself, as saving its URL in the console does. An error says what was wrong with its
// answer.
func (s *Server) Challenge(ctx context.Context) error {
	s.mu.Lock()
	url, challenge := s.webhook, s.newID("c-")
	s.mu.Unlock()
	plain := []byte(compact(map[string]any{"challenge": challenge, "token": s.o.VerificationToken, "type": "url_verification"}))
	body := plain
	if s.key != nil {
		body = []byte(compact(map[string]string{"encrypt": s.key.Encrypt(plain)})) // it is not signed (SDK source)
	}
	r := s.deliver(ctx, url, body, http.Header{"Content-Type": {"application/json; charset=utf-8"}})
	if r.err != nil {
		return r.err
	}
	var answer struct {
		Challenge string `json:"challenge"`
	}
	if err := json.Unmarshal(r.data, &answer); err != nil || answer.Challenge != challenge {
		return fmt.Errorf("%w: the challenge did not come back", ErrAnswer)
	}
	return nil
}

// Forgery is a way in which a push to the webhook is not what it should be.
type Forgery string

// The forgeries. Those of signatures and encryption need an Encrypt Key.
const (
	BadSignature  Forgery = "bad signature"   // digits that are no signature
	NoSignature   Forgery = "no signature"    // encrypted, but without the headers
	WrongKey      Forgery = "wrong key"       // encrypted and signed under another key
	Tampered      Forgery = "tampered"        // changed after it was signed
	PlainBody     Forgery = "plain body"      // not encrypted at all
	BadPadding    Forgery = "bad padding"     // signed, but not decryptable
	MalformedJSON Forgery = "malformed JSON"  // well encrypted and signed, but no JSON
	WrongToken    Forgery = "wrong token"     // another Verification Token
	Huge          Forgery = "huge"            // a body of 64 MB
	BadChallenge  Forgery = "false challenge" // url_verification with another token
)

// Forgeries lists them all.
var Forgeries = []Forgery{BadSignature, NoSignature, WrongKey, Tampered, PlainBody, BadPadding, MalformedJSON, WrongToken, Huge, BadChallenge}

// Forge pushes to the webhook a message of p in their private chat, forged. It is not stored, and a refusal is not followed
// by a second push. Acked says that the receiver took it.
func (s *Server) Forge(ctx context.Context, how Forgery, p *Person, text string) Outcome {
	s.mu.Lock()
	url := s.webhook
	m := &message{id: s.newID("om_"), in: s.private(p), sender: p.OpenID, kind: "text", content: compact(map[string]string{"text": text}), at: s.clock.Now()}
	e := &event{Event: Event{ID: s.newID("ev"), Type: "im.message.receive_v1", At: m.at}, body: received(p, m)}
	s.mu.Unlock()
	token := s.o.VerificationToken
	if how == WrongToken {
		token += "x"
	}
	plain := s.envelope(e, token)
	key := s.key
	switch how {
	case PlainBody:
		key = nil
	case WrongKey:
		key = wire.NewKey(s.o.EncryptKey + "x")
	case MalformedJSON:
		plain = plain[:len(plain)/2]
	case BadChallenge:
		plain = []byte(compact(map[string]any{"challenge": "c-x", "token": token + "x", "type": "url_verification"}))
	}
	body, header := s.seal(key, plain)
	switch how {
	case BadSignature:
		header.Set(wire.SignatureHeader, strings.Repeat("0", 64))
	case NoSignature:
		header.Del(wire.SignatureHeader)
		header.Del(wire.TimestampHeader)
		header.Del(wire.NonceHeader)
	case Tampered:
		body[len(body)/2] ^= 1
	case BadPadding:
		body = []byte(`{"encrypt":"` + strings.Repeat("A", 64) + `"}`)
		if s.key != nil {
			s.sign(header, s.key, "n", body)
		}
	case Huge:
		body = []byte(`{"encrypt":"` + strings.Repeat("A", 64<<20) + `"}`)
	}
	r := s.deliver(ctx, url, body, header)
	return Outcome{Event: e.ID, Message: m.id, Acked: r.acked(), Code: r.code, Err: r.err}
}
