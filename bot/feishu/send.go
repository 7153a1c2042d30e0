package feishu

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lianbang/bot"
)

const (
	messagesPath = "/open-apis/im/v1/messages"
	pieceTime    = 220 * time.Millisecond // between pieces of one text, under the 5 messages a second of a chat
	leastPiece   = 1 << 10                // bytes of text; a shorter one is not cut further
)

// Send implements bot.Adapter. The platform drops a second message with the same uuid for one hour (im-v1 message/create);
// a delivery that is repeated later than that may be shown twice.
func (a *Adapter) Send(ctx context.Context, d bot.Delivery) (bot.Receipt, error) {
	if d.Body.Entry != nil {
		return a.putEntry(ctx, d)
	}
	if err := sendable(d); err != nil {
		return bot.Receipt{}, err
	}
	if d.Update != "" {
		return a.update(ctx, d)
	}
	r, taken := a.answerClick(d)
	if taken {
		return bot.Receipt{At: a.conf.Now()}, nil
	}
	s := sending{a: a, d: d, anchor: newAnchor(d, a.conf.Now())}
	got, err := s.say(ctx, r)
	if err != nil {
		v := verdict(err, d.Attempt)
		v.Gone = v.Gone || d.To.Chat == "" && unmet(err)
		return bot.Receipt{}, v
	}
	return got, nil
}

// sendable refuses what has no receiver or no content.
func sendable(d bot.Delivery) error {
	switch {
	case d.To.Chat == "" && d.To.User == "":
		return refused("address", "no chat and no user")
	case d.Body.Empty():
		return refused("empty", "nothing to say")
	}
	return nil
}

func refused(code, why string) *bot.SendError {
	return &bot.SendError{Verdict: bot.Refused, Code: code, Err: errors.New(why)}
}

// answerClick offers the reply to the click that it answers, if that still waits. Otherwise it returns what is to be said
// instead: the new state of the card is left out, because a card that is answered in place is one that the kernel follows
// and updates by a delivery of its own (bot.Posting); and words that come into the group name whom they answer, because
// nobody else saw the tap.
func (a *Adapter) answerClick(d bot.Delivery) (r bot.Reply, taken bool) {
	r = d.Body
	if strings.HasPrefix(d.Ref.Token, clickToken) && a.clicks.answer(d.Ref.Token, r, d.To.Chat == "") {
		return r, true
	}
	if r.InPlace && r.Text != "" {
		r.Card = nil
	}
	if d.To.Chat != "" && d.To.User != "" && r.Card == nil && len(r.Mention) == 0 {
		r.Mention = []bot.UserKey{d.To.User}
	}
	return r, false
}

// sending is one attempt to send one delivery, which may take several messages.
type sending struct {
	a      *Adapter
	d      bot.Delivery
	anchor anchor
}

// message is one message before it is addressed.
type message struct {
	kind    string // text, interactive, image or file
	content []byte // JSON
	part    string // names the message within its delivery: no two contents share a uuid
}

// say sends the words or the card, then the file. The receipt names the first.
func (s *sending) say(ctx context.Context, r bot.Reply) (got bot.Receipt, err error) {
	file := r.File
	r.File = nil
	if !r.Empty() {
		if got, err = s.words(ctx, r); err != nil || file == nil {
			return got, err
		}
	}
	attached, err := s.attach(ctx, r, file)
	if got.At.IsZero() {
		got = attached
	}
	return got, err
}

// words sends a card, or text when there is none or the platform would not show it. The receipt of a text in a card's place
// names no message, because there is no card to replace later.
func (s *sending) words(ctx context.Context, r bot.Reply) (bot.Receipt, error) {
	if r.Card == nil {
		return s.text(ctx, r, "text")
	}
	data, ok := cardJSON(r)
	if !ok {
		s.a.conf.Count("card_unfit")
		return s.instead(ctx, r)
	}
	got, err := s.post(ctx, message{kind: "interactive", content: data, part: "card"})
	if asAPI(err).unknownPerson() && len(r.Mention) > 0 {
		quiet := r
		quiet.Mention = nil
		if data, ok = cardJSON(quiet); ok {
			got, err = s.post(ctx, message{kind: "interactive", content: data, part: "card/quiet"})
		}
	}
	if !textHelps(err) {
		return got, err
	}
	s.a.conf.Count("card_refused")
	s.a.conf.Logger.Warn("card refused; it goes out as text", "delivery", s.d.ID, "code", asAPI(err).label(), "log_id", asAPI(err).LogID)
	return s.instead(ctx, r)
}

// instead sends a card as text.
func (s *sending) instead(ctx context.Context, r bot.Reply) (bot.Receipt, error) {
	got, err := s.text(ctx, r, "text")
	got.Message = ""
	return got, err
}

// text sends a text, in halves when it is too long for the platform.
func (s *sending) text(ctx context.Context, r bot.Reply, part string) (bot.Receipt, error) {
	got, err := s.post(ctx, message{kind: "text", content: textJSON(r), part: part})
	whole := bot.Plain(r)
	if asAPI(err).Code != tooLong || len(whole) < leastPiece {
		return got, err
	}
	for i, piece := range halves(r, whole) {
		if err := pause(ctx, pieceTime); err != nil {
			return got, err
		}
		one, err := s.text(ctx, piece, part+"/"+strconv.Itoa(i))
		if err != nil {
			return got, err
		}
		if i == 0 {
			got = one
		}
	}
	return got, nil
}

// halves are the text of r, whole, in pieces of half its size.
func halves(r bot.Reply, whole string) []bot.Reply {
	return bot.Fit(bot.Reply{Text: whole, Mention: r.Mention}, bot.Caps{MaxBytes: len(whole)/2 + 1, Mentions: true})
}

// attach sends a file or an image, or says its name where the platform will not have it. An app that may not upload can
// still speak, so the lack of that scope is no reason to pause the account.
func (s *sending) attach(ctx context.Context, r bot.Reply, file *bot.Attachment) (bot.Receipt, error) {
	m, err := s.a.upload(ctx, file)
	if err == nil {
		var got bot.Receipt
		if got, err = s.post(ctx, m); err == nil {
			return got, nil
		}
	}
	if !errors.Is(err, errUnfit) && !textHelps(err) && !lacksScope(asAPI(err).Code) {
		return bot.Receipt{}, err
	}
	s.a.conf.Count("file_refused")
	s.a.conf.Logger.Warn("file refused; its name goes out as text", "delivery", s.d.ID, "bytes", len(file.Data), "err", err)
	return s.text(ctx, bot.Reply{Text: "[文件] " + file.FileName() + "(没能发到飞书)", Class: r.Class}, "file/name")
}

// post sends one message, at the anchor if there is one and it still holds.
func (s *sending) post(ctx context.Context, m message) (bot.Receipt, error) {
	for {
		got, err := s.once(ctx, m)
		if err == nil || !s.anchor.loosen(err) {
			return got, err
		}
		s.a.conf.Count("ref_gone")
	}
}

// once makes one request. Its uuid is the same wherever the message goes, so that a message which a lost answer hid is not
// sent to a second place.
func (s *sending) once(ctx context.Context, m message) (bot.Receipt, error) {
	body := map[string]any{"msg_type": m.kind, "content": string(m.content)}
	if s.d.Key != "" {
		body["uuid"] = uuid(s.d.Key, m.part)
	}
	path, query := messagesPath, map[string]string(nil)
	switch {
	case s.anchor.message != "":
		path += "/" + url.PathEscape(s.anchor.message) + "/reply"
		if s.anchor.thread {
			body["reply_in_thread"] = true
		}
	case s.d.To.Chat != "":
		query, body["receive_id"] = map[string]string{"receive_id_type": "chat_id"}, string(s.d.To.Chat)
	default:
		query, body["receive_id"] = map[string]string{"receive_id_type": "open_id"}, string(s.d.To.User)
	}
	var sent struct {
		ID string `json:"message_id"`
		At string `json:"create_time"` // milliseconds
	}
	if err := s.a.call(ctx, http.MethodPost, path, query, body, &sent); err != nil {
		return bot.Receipt{}, err
	}
	at := s.a.conf.Now()
	if ms, err := strconv.ParseInt(sent.At, 10, 64); err == nil && ms > 0 {
		at = time.UnixMilli(ms)
	}
	return bot.Receipt{Message: sent.ID, At: at}, nil
}

// update replaces the card of a message that this app has sent (im-v1 message/patch): up to 14 days old, at most 5 times a
// second.
func (a *Adapter) update(ctx context.Context, d bot.Delivery) (bot.Receipt, error) {
	data, ok := cardJSON(d.Body)
	if !ok {
		return bot.Receipt{}, refused("unfit", "the card cannot be shown")
	}
	if err := a.call(ctx, http.MethodPatch, messagesPath+"/"+url.PathEscape(d.Update), nil, map[string]string{"content": string(data)}, nil); err != nil {
		return bot.Receipt{}, verdict(err, d.Attempt)
	}
	return bot.Receipt{Message: d.Update, At: a.conf.Now()}, nil
}

// uuid is the platform's idempotency key of one message of a delivery: 48 characters of the 50 that it takes.
func uuid(key, part string) string {
	sum := sha256.Sum256([]byte(key + "\x00" + part))
	return hex.EncodeToString(sum[:24])
}

// textHelps reports whether text may pass where this was refused: the card or the file was at fault, or may have been.
func textHelps(err error) bool {
	e := asAPI(err)
	r, known := e.rule()
	switch {
	case e.Code == 0:
		return e.Status == http.StatusRequestEntityTooLarge
	case !known:
		return e.Status/100 != 5 && e.Status != http.StatusTooManyRequests
	case r.verdict != bot.Refused:
		return false
	}
	switch e.Code {
	case cardRefused, tooLong, 230001, 230054, 230055:
		return true
	}
	_, ofCards := subRules[e.Code]
	return ofCards
}

// pause waits for d, or for the end of ctx, which is an error.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return &transportError{cause: context.Cause(ctx)}
	}
}
