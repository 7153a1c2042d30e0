package feishu

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"lianbang/bot"
	"lianbang/bot/feishu/wire"
	"lianbang/bot/rest"
)

const (
	maxBody     = 1 << 20         // bytes of a request
	roomBody    = 8 << 10         // bytes of it for which there is room at once, if it claims to have them
	maxUnsigned = 8 << 10         // bytes of an encrypted request without a signature: only a url_verification may lack it
	maxBodyTime = 5 * time.Second // that reading a request may take
)

// webhook receives over HTTP (event overview; card-callback-communication). It holds an answer back until the sink has the
// event durably, and that of a click until there is something to answer.
type webhook struct {
	in    *inbound
	key   *wire.Key // nil = what comes is neither encrypted nor signed
	token string    // Verification Token; "" = not checked, only with a key
	lost  sync.Once // warned of encryption without a key
}

// mountWebhook mounts the account's path.
func (a *Adapter) mountWebhook(mux *http.ServeMux, sink bot.Sink) {
	w := &webhook{in: a.newInbound(sink), token: a.conf.VerificationToken}
	if a.conf.EncryptKey != "" {
		w.key = wire.NewKey(a.conf.EncryptKey)
	}
	mux.Handle(a.conf.Path, w)
}

var (
	errForged   = errors.New("not from the platform")
	errTooLarge = errors.New("body too large")
)

// ServeHTTP implements http.Handler. What it answers to strangers doesn't tell why.
func (h *webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	received := time.Now()
	switch {
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	case !isJSON(r.Header.Get("Content-Type")):
		http.Error(w, "JSON only", http.StatusUnsupportedMediaType)
		return
	}
	body, err := readBody(w, r)
	if err != nil {
		h.refuse(w, err)
		return
	}
	p, err := h.open(r.Header, body)
	switch {
	case err != nil:
		h.refuse(w, err)
	case p.kind == verification:
		reply(w, map[string]string{"challenge": p.challenge})
	default:
		h.take(w, r, p, received)
	}
}

func (h *webhook) take(w http.ResponseWriter, r *http.Request, p pushed, received time.Time) {
	ctx, cancel := context.WithDeadline(context.WithoutCancel(r.Context()), received.Add(sinkTime))
	defer cancel()
	c, err := h.in.take(ctx, p, received)
	switch {
	case errors.Is(err, errMalformed):
		http.Error(w, "malformed", http.StatusBadRequest)
		return
	case err != nil:
		http.Error(w, "not stored", http.StatusInternalServerError)
		return
	}
	if c == nil {
		reply(w, noAnswer)
		return
	}
	wait, stop := context.WithDeadline(r.Context(), received.Add(clickTime))
	defer stop()
	c.written <- reply(w, h.in.answer(wait, c)) && flush(w)
}

// reply writes v with status 200 and reports whether that was possible so far.
func reply(w http.ResponseWriter, v any) bool {
	body, err := rest.Encode(v)
	if err != nil {
		http.Error(w, "not encoded", http.StatusInternalServerError)
		return false
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body))) // one piece, also when it is flushed
	_, err = w.Write(body)
	return err == nil
}

// flush reports whether what was written has left.
func flush(w http.ResponseWriter) bool {
	err := http.NewResponseController(w).Flush()
	return err == nil || errors.Is(err, http.ErrNotSupported)
}

// refuse counts and answers what could not be opened.
func (h *webhook) refuse(w http.ResponseWriter, err error) {
	what, status := "malformed", http.StatusBadRequest
	switch {
	case errors.Is(err, errForged):
		what, status = "forged", http.StatusUnauthorized
	case errors.Is(err, errTooLarge):
		what, status = "too_large", http.StatusRequestEntityTooLarge
	}
	h.in.count(what)
	http.Error(w, http.StatusText(status), status)
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(maxBodyTime))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, errMalformed
	}
	var body bytes.Buffer
	body.Grow(int(max(0, min(r.ContentLength, roomBody))) + bytes.MinRead)
	_, err = body.ReadFrom(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, errMalformed
	}
	return body.Bytes(), nil
}

// open checks who sent the body and opens it.
func (h *webhook) open(header http.Header, body []byte) (pushed, error) {
	encrypted, err := encryptedIn(body)
	if err != nil {
		return pushed{}, errMalformed
	}
	if h.key != nil {
		return h.openEncrypted(header, body, encrypted)
	}
	if encrypted != "" {
		h.lost.Do(func() {
			h.in.log.Warn("收到加密的请求，但没有配置 encrypt_key：请把开发者后台“事件与回调 → 加密策略”里的 Encrypt Key 填进配置")
		})
		return pushed{}, errForged
	}
	p, err := openPushed(body)
	if err != nil {
		return pushed{}, err
	}
	if p.bare {
		timestamp, nonce, signature := signatureOf(header)
		if !wire.Same(wire.SignCard(h.token, timestamp, nonce, body), signature) {
			return pushed{}, errForged
		}
		return p, nil
	}
	return p, h.checkToken(p)
}

// encryptedIn is the member "encrypt" of a body, "" when it has none. A body that is nothing but this member, without spaces and
// escapes, needs no decoder, which would read the whole Base64 twice.
func encryptedIn(body []byte) (string, error) {
	if rest, ok := bytes.CutPrefix(body, []byte(`{"encrypt":"`)); ok {
		if text, ok := bytes.CutSuffix(rest, []byte(`"}`)); ok && !bytes.ContainsAny(text, "\"\\") {
			return string(text), nil
		}
	}
	var outer struct {
		Encrypt string `json:"encrypt"`
	}
	err := json.Unmarshal(body, &outer)
	return outer.Encrypt, err
}

// openEncrypted checks the signature over the raw body before it decrypts. A url_verification comes without one: what has
// none is decrypted when it is small, and refused unless it is that.
func (h *webhook) openEncrypted(header http.Header, body []byte, encrypted string) (pushed, error) {
	timestamp, nonce, signature := signatureOf(header)
	signed := wire.Same(h.key.Sign(timestamp, nonce, body), signature)
	if !signed && len(body) > maxUnsigned {
		return pushed{}, errForged
	}
	plain, err := h.key.Decrypt(encrypted)
	if err != nil {
		return pushed{}, errForged
	}
	p, err := openPushed(plain)
	switch {
	case err != nil && signed:
		return pushed{}, err
	case err != nil || !signed && p.kind != verification:
		return pushed{}, errForged
	case p.kind == verification && h.token != "":
		return p, h.checkToken(p)
	}
	return p, nil
}

func (h *webhook) checkToken(p pushed) error {
	if !wire.Same(h.token, p.token) {
		return errForged
	}
	return nil
}

func signatureOf(h http.Header) (timestamp, nonce, signature string) {
	return h.Get(wire.TimestampHeader), h.Get(wire.NonceHeader), h.Get(wire.SignatureHeader)
}
