package wecomtest

import (
	_ "embed" // the page
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

//go:embed rehearse.html
var rehearsal []byte

// maxControl bounds the body of an order: a file as base64.
const maxControl = 30 << 20

// order is the body of a request below /_fake/. Which fields count depends on the path.
type order struct {
	User    string              `json:"user"`    // user id or name
	Chat    string              `json:"chat"`    // chat id or title; "" = one-to-one
	Text    string              `json:"text"`    //
	Quote   string              `json:"quote"`   //
	File    string              `json:"file"`    // its name
	Data    []byte              `json:"data"`    // of a file or photo, base64
	Message int                 `json:"message"` // Shown.ID
	Button  string              `json:"button"`  // its words
	Choices map[string][]string `json:"choices"` // by question
	URL     string              `json:"url"`     // of a callback address
	On      bool                `json:"on"`      //
	Seconds int                 `json:"seconds"` //
	Fault                       // its fields stand beside the others
	Member  *Member             `json:"member"`
	Group   *Group              `json:"group"`
}

// control serves people's side of the company for those who rehearse without Go: a page under /_fake/ on which one may be
// anybody, and what it calls, POST with a JSON order and GET to look.
func (s *Server) control(mux *http.ServeMux) {
	for path, act := range s.acts() {
		mux.HandleFunc("POST /_fake/"+path, func(w http.ResponseWriter, r *http.Request) {
			o, err := readOrder(r)
			if err != nil {
				writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
				return
			}
			writeJSON(w, http.StatusOK, act(o))
		})
	}
	mux.HandleFunc("GET /_fake/{$}", page)
	for path, view := range map[string]func(url.Values) any{
		"shown": s.viewShown,
		"calls": func(q url.Values) any { return s.Calls(q.Get("name")) },
		"state": func(url.Values) any { return s.State() },
		"entries": func(q url.Values) any {
			if user := q.Get("user"); user != "" {
				return s.EntriesOf(user)
			}
			return s.Entries()
		},
	} {
		mux.HandleFunc("GET /_fake/"+path, func(w http.ResponseWriter, r *http.Request) {
			if !near(r) {
				writeJSON(w, http.StatusForbidden, map[string]string{"error": errForeign.Error()})
				return
			}
			writeJSON(w, http.StatusOK, view(r.URL.Query()))
		})
	}
}

// acts are what may be ordered, by path.
func (s *Server) acts() map[string]func(order) any {
	done := func(act func(order)) func(order) any {
		return func(o order) any { act(o); return "ok" }
	}
	return map[string]func(order) any{
		"say": func(o order) any { return s.Deliver(Message{User: o.User, Chat: o.Chat, Text: o.Text, Quote: o.Quote}) },
		"photo": func(o order) any {
			return s.Deliver(Message{User: o.User, Chat: o.Chat, Text: o.Text, Images: [][]byte{o.Data}})
		},
		"file":         func(o order) any { return s.SendFile(o.User, o.File, o.Data) },
		"enter":        func(o order) any { return s.EnterChat(o.User) },
		"click":        func(o order) any { return s.touched(o.User, o.Message, o.Button, o.Choices) },
		"vote":         func(o order) any { return s.Vote(o.User, o.Message, o.Choices) },
		"app/say":      func(o order) any { return s.SayToApp(o.User, o.Text) },
		"app/enter":    func(o order) any { return s.EnterApp(o.User) },
		"verify":       func(order) any { return s.Verify(Bot) },
		"app/verify":   func(order) any { return s.Verify(App) },
		"kick":         func(order) any { return s.Kick() },
		"unsubscribe":  func(order) any { return s.Unsubscribe() },
		"member":       func(o order) any { return s.enrol(o.Member) },
		"group":        func(o order) any { return s.found(o.Group) },
		"cut":          done(func(order) { s.Cut() }),
		"freeze":       done(func(order) { s.Freeze() }),
		"fault":        done(func(o order) { s.Inject(o.Fault) }),
		"heal":         done(func(order) { s.Heal() }),
		"trust":        done(func(o order) { s.TrustIP(o.On) }),
		"calendar":     done(func(o order) { s.AllowCalendar(o.On) }),
		"revoke":       done(func(order) { s.RevokeToken() }),
		"advance":      done(func(o order) { s.clock.Advance(time.Duration(o.Seconds) * time.Second) }),
		"callback":     done(func(o order) { s.SetBotCallback(o.URL) }),
		"app/callback": done(func(o order) { s.SetAppCallback(o.URL) }),
	}
}

// page serves the page on which one may be anybody.
func page(w http.ResponseWriter, r *http.Request) {
	if !near(r) {
		http.Error(w, errForeign.Error(), http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	_, _ = w.Write(rehearsal) // the reader may have gone
}

// viewShown is what is shown to a user or in a chat, or everything; last bounds it.
func (s *Server) viewShown(q url.Values) any {
	shown := s.Shown()
	if user := q.Get("user"); user != "" {
		shown = s.ShownTo(user)
	} else if chat := q.Get("chat"); chat != "" {
		shown = s.ShownIn(chat)
	}
	if last, err := strconv.Atoi(q.Get("last")); err == nil && last > 0 {
		shown = shown[max(len(shown)-last, 0):]
	}
	return shown
}

// State is the company at a glance.
type State struct {
	Time          time.Time      `json:"time"`
	Connections   int            `json:"connections"`
	Subscribed    int            `json:"subscribed"` // number of the subscribed connection; 0 = none
	Subscriptions []Subscription `json:"subscriptions"`
	Shown         int            `json:"shown"`
	Duplicates    int            `json:"duplicates"`
	Dropped       int            `json:"dropped"`
	Lost          int            `json:"lost"`
	Tokens        int            `json:"tokens"`
	Violations    []string       `json:"violations"`
	Members       []Member       `json:"members"`
	Groups        []Group        `json:"groups"`
	Said          []Said         `json:"said"` // the last 300
	Bot           string         `json:"bot"`  // its name
	Callback      bool           `json:"callback"`
	Agenda        []string       `json:"agenda"` // the entries of calendars, in words
}

// State tells how things are.
func (s *Server) State() State {
	return State{
		Time: s.clock.Now(), Connections: s.Connections(), Subscribed: s.Subscribed(), Subscriptions: s.Subscriptions(), Shown: len(s.Shown()),
		Duplicates: len(s.Duplicates()), Dropped: len(s.Dropped()), Lost: s.Lost(), Tokens: s.Tokens(), Violations: s.Violations(),
		Members: s.Members(), Groups: s.Groups(), Said: s.lately(300), Bot: s.Bot().Name, Callback: s.Bot().Callback != "",
		Agenda: s.Agenda(),
	}
}

// lately is what people said last.
func (s *Server) lately(n int) []Said {
	all := s.Said()
	return all[max(len(all)-n, 0):]
}

func (s *Server) enrol(m *Member) any {
	if m == nil || m.UserID == "" || m.Name == "" {
		return map[string]string{"error": "member needs userid and name"}
	}
	s.AddMember(*m)
	return "ok"
}

func (s *Server) found(g *Group) any {
	if g == nil || g.ChatID == "" || g.Title == "" {
		return map[string]string{"error": "group needs chatid and title"}
	}
	s.AddGroup(*g)
	return "ok"
}

var errForeign = errors.New("only programs on this machine may give orders, and no other web page")

// readOrder takes an order of a program on this machine. A page in a browser, which could name any host, is refused.
func readOrder(r *http.Request) (o order, err error) {
	if !near(r) {
		return o, errForeign
	}
	data, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxControl))
	if err != nil {
		return o, err
	}
	if len(data) == 0 {
		return o, nil
	}
	return o, json.Unmarshal(data, &o)
}

// near reports whether a request comes from this machine, was addressed to it, and by no page but our own.
func near(r *http.Request) bool {
	for _, address := range []string{r.RemoteAddr, r.Host} {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			host = address
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return false
		}
	}
	origin := r.Header.Get("Origin")
	page, err := url.Parse(origin)
	return origin == "" || err == nil && strings.EqualFold(page.Host, r.Host)
}
