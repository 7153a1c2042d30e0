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
	Name    string              `json:"name"`    // of a file
	Data    []byte              `json:"data"`    // of a file or photo, base64
	Message int                 `json:"message"` // Shown.ID
	Button  string              `json:"button"`  // its words
	Choices map[string][]string `json:"choices"` // by question
	URL     string              `json:"url"`     // of a callback address
	On      bool                `json:"on"`      //
	Seconds int                 `json:"seconds"` //
	Fault
	Member *Member `json:"member"`
	Group  *Group  `json:"group"`
}

// control serves people's side of the company for those who rehearse without Go: a page under /_fake/ on which one may be
// anybody, and what it calls, POST with a JSON order and GET to look.
func (s *Server) control(mux *http.ServeMux) {
	acts := map[string]func(order) any{
		"say": func(o order) any { return s.Deliver(Message{User: o.User, Chat: o.Chat, Text: o.Text, Quote: o.Quote}) },
		"photo": func(o order) any {
			return s.Deliver(Message{User: o.User, Chat: o.Chat, Text: o.Text, Images: [][]byte{o.Data}})
		},
		"file":        func(o order) any { return s.SendFile(o.User, o.Name, o.Data) },
		"enter":       func(o order) any { return s.EnterChat(o.User) },
		"click":       func(o order) any { return s.touched(o.User, o.Message, o.Button, o.Choices) },
		"vote":        func(o order) any { return s.Vote(o.User, o.Message, o.Choices) },
		"app/say":     func(o order) any { return s.SayToApp(o.User, o.Text) },
		"app/enter":   func(o order) any { return s.EnterApp(o.User) },
		"cut":         func(order) any { s.Cut(); return "ok" },
		"freeze":      func(order) any { s.Freeze(); return "ok" },
		"kick":        func(order) any { return s.Kick() },
		"unsubscribe": func(order) any { return s.Unsubscribe() },
		"fault":       func(o order) any { s.Inject(o.Fault); return "ok" },
		"heal":        func(order) any { s.Heal(); return "ok" },
		"trust":       func(o order) any { s.TrustIP(o.On); return "ok" },
		"revoke":      func(order) any { s.RevokeToken(); return "ok" },
		"advance":     func(o order) any { s.clock.Advance(time.Duration(o.Seconds) * time.Second); return "ok" },
		"callback":    func(o order) any { s.SetBotCallback(o.URL); return "ok" },
		"app/callback": func(o order) any {
			s.SetAppCallback(o.URL)
			return "ok"
		},
		"verify":     func(order) any { return s.Verify(Bot) },
		"app/verify": func(order) any { return s.Verify(App) },
		"member":     func(o order) any { return s.enrol(o.Member) },
		"group":      func(o order) any { return s.found(o.Group) },
	}
	for path, act := range acts {
		mux.HandleFunc("POST /_fake/"+path, func(w http.ResponseWriter, r *http.Request) {
			o, err := readOrder(r)
			if err != nil {
				writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
				return
			}
			writeJSON(w, http.StatusOK, act(o))
		})
	}
	mux.HandleFunc("GET /_fake/{$}", func(w http.ResponseWriter, r *http.Request) {
		if !near(r) {
			look(w, r, nil)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		_, _ = w.Write(rehearsal) // the reader may have gone
	})
	mux.HandleFunc("GET /_fake/shown", func(w http.ResponseWriter, r *http.Request) {
		shown := s.Shown()
		if user := r.URL.Query().Get("user"); user != "" {
			shown = s.ShownTo(user)
		} else if chat := r.URL.Query().Get("chat"); chat != "" {
			shown = s.ShownIn(chat)
		}
		if last, err := strconv.Atoi(r.URL.Query().Get("last")); err == nil && last > 0 {
			shown = shown[max(len(shown)-last, 0):]
		}
		look(w, r, shown)
	})
	mux.HandleFunc("GET /_fake/calls", func(w http.ResponseWriter, r *http.Request) { look(w, r, s.Calls(r.URL.Query().Get("name"))) })
	mux.HandleFunc("GET /_fake/state", func(w http.ResponseWriter, r *http.Request) { look(w, r, s.State()) })
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
}

// State tells how things are.
func (s *Server) State() State {
	return State{
		Time: s.clock.Now(), Connections: s.Connections(), Subscribed: s.Subscribed(), Subscriptions: s.Subscriptions(), Shown: len(s.Shown()),
		Duplicates: len(s.Duplicates()), Dropped: len(s.Dropped()), Lost: s.Lost(), Tokens: s.Tokens(), Violations: s.Violations(),
		Members: s.Members(), Groups: s.Groups(), Said: s.lately(300), Bot: s.Bot().Name, Callback: s.Bot().Callback != "",
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

func look(w http.ResponseWriter, r *http.Request, at any) {
	if !near(r) {
		writeJSON(w, http.StatusForbidden, map[string]string{"error": errForeign.Error()})
		return
	}
	writeJSON(w, http.StatusOK, at)
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
	origin, err := url.Parse(r.Header.Get("Origin"))
	return err == nil && (origin.Host == "" && r.Header.Get("Origin") == "" || strings.EqualFold(origin.Host, r.Host))
}
