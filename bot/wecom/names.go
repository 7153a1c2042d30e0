package wecom

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"lianbang/bot"
	"lianbang/bot/memory"
)

const (
	nameTime    = 700 * time.Millisecond // that an event waits for its name
	plainTime   = 2 * time.Second        // that an event waits for its sender's plain id: a callback has 5 s
	lookupTime  = 5 * time.Second        // of one lookup, which goes on when nobody waits any more
	nameKept    = 6 * time.Hour
	plainKept   = 30 * 24 * time.Hour // an encrypted id always means the same person
	unknownKept = 10 * time.Minute    // before what could not be had is asked for again
	maxPeople   = 20000
	maxLookups  = 8 // at once
)

// people knows members by their ids. The AI bot is given plain or encrypted ids, even side by side (101521, field report);
// where there is an app, the plain one stands for the person everywhere. It is safe for concurrent use.
type people struct {
	nameOf  func(ctx context.Context, plain string) (string, error)
	plainOf func(ctx context.Context, encrypted string) (plain string, err error) // "" = no such id
	now     func() time.Time
	log     *slog.Logger

	lookups *memory.Lookups

	mu    sync.Mutex
	names map[string]known  // by plain id
	plain map[string]known  // by encrypted id; the id itself where it cannot be converted
	bots  map[string]string // plain id → the id by which the bot addresses him
}

// known is a text that was learnt, "" = that could not be had, and how long that holds.
type known struct {
	text string
	end  time.Time
}

func newPeople(a *Adapter) *people {
	return &people{nameOf: a.memberName, plainOf: a.plainID, now: a.conf.Now, log: a.conf.Logger,
		names: map[string]known{}, plain: map[string]known{}, bots: map[string]string{}, lookups: memory.NewLookups(maxLookups, maxLookups, lookupTime)}
}

// encryptedLooks is the shape of an encrypted id (101521). A plain one may have it too, so that only the platform can tell.
var encryptedLooks = regexp.MustCompile(`^wo[0-9A-Za-z_-]{18,}$`)

func looksEncrypted(id string) bool { return encryptedLooks.MatchString(id) }

// errNoPlainID is an event that had better come again.
var errNoPlainID = errors.New("the sender's plain id is not known yet")

// botID is the id by which the AI bot addresses the member whom we know by that id.
func (p *people) botID(u bot.UserKey) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if id, ok := p.bots[string(u)]; ok {
		return id
	}
	return string(u)
}

// identify puts the plain id in place of an encrypted one. The error is a failure that may pass: the event had better come
// again, because under the other id he would be another person. An id that the platform will not convert stays as it is.
func (p *people) identify(ctx context.Context, e *bot.Event) error {
	id := string(e.From.User)
	k, ok := p.resolve(ctx, id)
	if !ok {
		return errNoPlainID
	}
	if k == id {
		return nil
	}
	if e.Direct {
		e.From.Chat = bot.ChatKey(k)
	}
	e.From.User = bot.UserKey(k)
	p.mu.Lock()
	defer p.mu.Unlock()
	memory.Trim(p.bots, maxPeople, func(string) bool { return false })
	p.bots[k] = id
	return nil
}

// resolve gives the plain id of a member, or the id itself where there is no other. ok is false when that could not be learnt
// in time.
func (p *people) resolve(ctx context.Context, id string) (plain string, ok bool) {
	if !looksEncrypted(id) {
		return id, true
	}
	if plain, ok = p.cached(p.plain, id); ok {
		return plain, true
	}
	ctx, cancel := context.WithTimeout(ctx, plainTime)
	defer cancel()
	p.lookups.Once(ctx, "id "+id, func(ctx context.Context) { p.learnPlain(ctx, id) })
	return p.cached(p.plain, id)
}

// learnPlain asks for a plain id. What may pass is not remembered.
func (p *people) learnPlain(ctx context.Context, id string) {
	plain, err := p.plainOf(ctx, id)
	life := plainKept
	switch {
	case err != nil && codeOf(err) == 0:
		p.log.Warn("plain id not read", "err", err)
		return
	case err != nil:
		p.log.Warn("the app may not convert ids; they stay encrypted", "err", err)
		plain, life = id, unknownKept
	case plain == "":
		plain = id
	}
	p.keep(p.plain, id, known{plain, p.now().Add(life)})
}

// name is a member's display name, or what can stand for it: his id where that can be read.
func (p *people) name(ctx context.Context, u bot.UserKey) string {
	id, _ := p.resolve(ctx, string(u))
	if id == "" || looksEncrypted(id) {
		return anonym(string(u))
	}
	name, ok := p.cached(p.names, id)
	if !ok {
		ctx, cancel := context.WithTimeout(ctx, nameTime)
		defer cancel()
		p.lookups.Once(ctx, "name "+id, func(ctx context.Context) { p.learnName(ctx, id) })
		name, _ = p.cached(p.names, id)
	}
	if name == "" {
		return id
	}
	return name
}

// anonym is a short name for somebody of whom only an encrypted id is known.
func anonym(id string) string {
	sum := sha256.Sum256([]byte(id))
	return fmt.Sprintf("成员%X", sum[:2])
}

func (p *people) learnName(ctx context.Context, id string) {
	name, err := p.nameOf(ctx, id)
	life := nameKept
	if err != nil || name == "" {
		p.log.Debug("name of a member not read", "err", err)
		name, life = "", unknownKept
	}
	p.keep(p.names, id, known{name, p.now().Add(life)})
}

func (p *people) cached(in map[string]known, id string) (text string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k, ok := in[id]
	return k.text, ok && p.now().Before(k.end)
}

func (p *people) keep(in map[string]known, id string, k known) {
	p.mu.Lock()
	defer p.mu.Unlock()
	memory.Trim(in, maxPeople, func(k known) bool { return !p.now().Before(k.end) })
	in[id] = k
}

// readName stands in for a name where there is no app to ask.
func readName(_ context.Context, u bot.UserKey) string {
	if looksEncrypted(string(u)) {
		return anonym(string(u))
	}
	return string(u)
}

// memberName asks the app for a member's name (90196). Members outside its visible range have none: 60011.
func (a *Adapter) memberName(ctx context.Context, id string) (string, error) {
	data, err := a.call(ctx, request{method: http.MethodGet, address: "user/get", query: map[string]string{"userid": id}})
	if err != nil {
		return "", err
	}
	var answer struct {
		Name string `json:"name"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return "", errAnswer
	}
	return strings.TrimSpace(answer.Name), nil
}

// plainID asks the app for the plain id of an encrypted one (101521).
func (a *Adapter) plainID(ctx context.Context, encrypted string) (string, error) {
	data, err := a.call(ctx, request{method: http.MethodPost, address: "batch/openuserid_to_userid",
		body: map[string]any{"open_userid_list": []string{encrypted}}})
	if err != nil {
		return "", err
	}
	var answer struct {
		Known []struct {
			Encrypted string `json:"open_userid"`
			Plain     string `json:"userid"`
		} `json:"userid_list"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return "", errAnswer
	}
	for _, k := range answer.Known {
		if k.Encrypted == encrypted {
			return k.Plain, nil
		}
	}
	return "", nil
}
