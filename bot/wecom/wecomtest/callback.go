package wecomtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"lianbang/bot/wecom/wire"
)

// Attempt is one callback and what came back.
type Attempt struct {
	Status int           `json:"status"` // of the HTTP answer; 0 = none came
	Took   time.Duration `json:"took"`   // by the clock
	Err    string        `json:"err"`    // why there is no usable answer: "timeout", or what is wrong with it
	Body   string        `json:"body"`   // of the answer as it came, at most 1 MiB
	Reply  string        `json:"reply"`  // its plaintext, where it was an encrypted reply
}

// Acknowledged reports whether the platform is content: HTTP 200 within 5 s.
func (a Attempt) Acknowledged() bool { return a.Status == http.StatusOK && a.Err == "" }

const (
	callbackTimeout = 5 * time.Second // (90238, 101031)
	maxReply        = 1 << 20
)

// target is one address that gets callbacks, with its keys.
type target struct {
	url   string
	xml   bool   // the dialect of self-built apps; else the JSON of AI bots
	corp  string // CorpID, of apps
	agent string
	crypt *wire.Crypt
}

// botTarget and appTarget hold mu.
func (s *Server) botTarget() (target, error) {
	crypt, err := wire.NewCrypt(s.bot.Token, s.bot.AESKey, "")
	return target{url: s.bot.Callback, crypt: crypt}, err
}

func (s *Server) appTarget() (target, error) {
	crypt, err := wire.NewCrypt(s.app.Token, s.app.AESKey, s.app.CorpID)
	return target{url: s.app.Callback, xml: true, corp: s.app.CorpID, agent: strconv.Itoa(s.app.AgentID), crypt: crypt}, err
}

// deliver sends a callback until it is acknowledged, at most so many times. taken gets the plaintext of the reply, if there
// is one.
func (s *Server) deliver(t target, plain []byte, times int, taken func(reply []byte) error) (out []Attempt) {
	for range times {
		a := s.attempt(t, plain)
		if a.Acknowledged() && a.Reply != "" {
			if err := taken([]byte(a.Reply)); err != nil {
				a.Err = err.Error()
				s.violations.Add("a passive reply is refused: %v", err)
			}
			return append(out, a)
		}
		out = append(out, a)
		if a.Acknowledged() || s.ctx.Err() != nil {
			return out
		}
	}
	return out
}

// attempt sends one callback, encrypted and signed afresh.
func (s *Server) attempt(t target, plain []byte) Attempt {
	stamp, nonce := s.stamp()
	sealed := t.crypt.Seal(stamp, nonce, plain)
	envelope := wire.Envelope{Encrypt: sealed.Encrypt}
	body, kind := envelope.JSON(), "application/json"
	if t.xml {
		envelope.To, envelope.Agent = t.corp, t.agent
		body, kind = envelope.XML(), "text/xml"
	}
	a := s.post(http.MethodPost, t.url, sealed.Query(), kind, body)
	if a.Acknowledged() {
		a.open(t, nonce)
	}
	return a
}

// stamp is the timestamp and nonce of a callback.
func (s *Server) stamp() (timestamp, nonce string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	return strconv.FormatInt(s.clock.Now().Unix(), 10), strconv.Itoa(100000000 + s.serial)
}

// open decrypts a reply. An empty body says nothing; "success" is taken for one, as of old (90241).
func (a *Attempt) open(t target, nonce string) {
	body := bytes.TrimSpace([]byte(a.Body))
	if len(body) == 0 || string(body) == "success" {
		return
	}
	parse := wire.ParseSealedJSON
	if t.xml {
		parse = wire.ParseSealedXML
	}
	sealed, err := parse(body)
	if err == nil && sealed.Nonce != nonce {
		err = fmt.Errorf("the reply's nonce is not that of the request")
	}
	if err == nil {
		var plain []byte
		plain, err = t.crypt.Open(sealed.Query(), sealed.Encrypt)
		a.Reply = string(plain)
	}
	if err != nil {
		a.Err = err.Error()
	}
}

// post makes one HTTP request and waits for its answer as long as the platform does.
func (s *Server) post(method, address string, q wire.Query, kind string, body []byte) Attempt {
	begun := s.clock.Now()
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	rings, forget := s.clock.After(callbackTimeout)
	defer forget()
	go func() {
		select {
		case <-rings:
			cancel()
		case <-ctx.Done():
		}
	}()
	a := Attempt{}
	if err := s.exchange(ctx, method, address, q, kind, body, &a); err != nil {
		a = Attempt{Err: err.Error()}
		if ctx.Err() != nil {
			a.Err = "timeout"
		}
	}
	a.Took = s.clock.Now().Sub(begun)
	return a
}

func (s *Server) exchange(ctx context.Context, method, address string, q wire.Query, kind string, body []byte, a *Attempt) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("the callback address: %w", err)
	}
	values := u.Query()
	for k, v := range q.Values() {
		values[k] = v
	}
	u.RawQuery = values.Encode()
	req, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("the callback: %w", err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	answer, err := s.client.Do(req)
	if err != nil {
		return fmt.Errorf("no answer: %w", err)
	}
	defer func() { _ = answer.Body.Close() }() // it was read
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxReply+1))
	if err != nil {
		return fmt.Errorf("a broken answer: %w", err)
	}
	if len(data) > maxReply {
		return fmt.Errorf("an answer of more than %d bytes", maxReply)
	}
	a.Status, a.Body = answer.StatusCode, string(data)
	return nil
}
