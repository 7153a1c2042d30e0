package feishutest

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

//go:embed rehearse.html
var rehearsePage []byte

// pagePolicy lets the page load nothing but itself.
const pagePolicy = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// controls reports whether a request is for the people's side of the tenant, which the platform doesn't have.
func controls(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/_fake/") }

// rehearse serves a page under /_fake/ on which one may be anybody of the tenant, and what the page calls:
//
//	GET  /_fake/state            people, groups, messages, toasts, counts
//	POST /_fake/do  {"what":…}   an order; answers how it was taken
//
// It serves loopback names only, and no page of another origin.
func (s *Server) rehearse(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", pagePolicy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	if !local(r.Host) || !sameOrigin(r) {
		http.Error(w, "本页只在本机打开。", http.StatusForbidden)
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /_fake/":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(rehearsePage) // the reader may have gone
	case "GET /_fake/state":
		answerJSON(w, http.StatusOK, s.state())
	case "POST /_fake/do":
		s.obey(w, r)
	default:
		http.NotFound(w, r)
	}
}

func local(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func sameOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && strings.EqualFold(u.Host, r.Host)
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, compact(v)) // the reader may have gone
}

// stateMessages is how many messages the page shows.
const stateMessages = 500

// state is what the page shows.
func (s *Server) state() map[string]any {
	type room struct {
		ID, Title string
		Members   []string
		Bot       bool
	}
	messages := s.Messages("")
	messages = messages[max(len(messages)-stateMessages, 0):]
	toasts, agenda := s.Toasts(), s.Agenda()
	s.mu.Lock()
	defer s.mu.Unlock()
	var rooms []room
	for _, g := range s.groups {
		t := g.chat()
		one := room{ID: g.ID, Title: t.title, Bot: t.bot && !t.dissolved}
		for _, p := range t.members {
			one.Members = append(one.Members, p.Name)
		}
		rooms = append(rooms, one)
	}
	people := []string{}
	for _, p := range s.people {
		people = append(people, p.Name)
	}
	type field struct {
		Name, Label, Preset string
		Choices             []string
	}
	forms := map[string][]field{}
	for _, m := range messages {
		if m.Type != "interactive" {
			continue
		}
		for _, b := range buttons(m.Content) {
			for _, f := range b.fields {
				forms[m.ID] = append(forms[m.ID], field{f.name, cmp.Or(f.label, f.name), f.preset, f.choices})
			}
		}
	}
	return map[string]any{
		"bot": s.o.BotName, "people": people, "groups": rooms, "messages": messages, "forms": forms, "toasts": toasts[max(len(toasts)-20, 0):],
		"counts": s.counts, "connections": len(s.sockets.open), "webhook": s.webhook != "", "violations": s.violations.List(), "agenda": agenda,
	}
}

// order is what somebody of the tenant is to do: say, send, click, recall, enter, menu, join, leave, add_bot, remove_bot, rename or
// dissolve; or what happens to the tenant: person (Text is a new one's name), cut, freeze or challenge.
type order struct {
	What    string            `json:"what"`
	Who     string            `json:"who"`   // name
	Group   string            `json:"group"` // title or chat_id; "" = the private chat
	Text    string            `json:"text"`  // words, label, menu key, title
	Message string            `json:"message"`
	Name    string            `json:"name"` // of a file to send; "" = a picture
	Data    []byte            `json:"data"` // of a file or picture, base64
	Form    map[string]string `json:"form"`
}

// maxOrder bounds the body of an order: a file as base64.
const maxOrder = maxFile*4/3 + maxJSON

var errOrder = errors.New("no such order, person or group")

func (s *Server) obey(w http.ResponseWriter, r *http.Request) {
	var o order
	if err := json.NewDecoder(io.LimitReader(r.Body, maxOrder)).Decode(&o); err != nil {
		answerJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	out, err := s.carryOut(r.Context(), o)
	if err != nil {
		answerJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	reason := ""
	if out.Err != nil {
		reason = inWords(out.Err)
	}
	answerJSON(w, http.StatusOK, map[string]any{
		"event": out.Event, "message": out.Message, "acked": out.Acked, "code": out.Code, "ms": float64(out.After.Microseconds()) / 1000,
		"error": reason, "answer": out.Answer, "failure": out.Failure,
	})
}

// inWords is why something did not reach the app, for the page.
func inWords(err error) string {
	for _, known := range []struct {
		is    error
		words string
	}{
		{ErrNoScope, "机器人听不到：在群里要 @ 它，或者应用没有这个权限"},
		{ErrNotInChat, "机器人或这个人不在群里"},
		{ErrNoConnection, "机器人没连上"},
		{ErrTimeout, "机器人 3 秒内没有回答"},
		{ErrCut, "连接断了"},
		{ErrNoButton, "这个人看不到这个按钮，或按钮已经不能点"},
		{errForm, "表单没填全，或填得不对"},
	} {
		if errors.Is(err, known.is) {
			return known.words
		}
	}
	return err.Error()
}

// carryOut does what an order says.
func (s *Server) carryOut(ctx context.Context, o order) (Outcome, error) {
	switch o.What {
	case "cut":
		s.Cut()
		return Outcome{}, nil
	case "freeze":
		s.Freeze()
		return Outcome{}, nil
	case "challenge":
		return Outcome{}, s.Challenge(ctx)
	case "person":
		if o.Text == "" || s.Person(o.Text) != nil {
			return Outcome{}, fmt.Errorf("%w: a new name is needed", errOrder)
		}
		s.AddPerson(o.Text)
		return Outcome{}, nil
	}
	p := s.Person(o.Who)
	if p == nil {
		return Outcome{}, errOrder
	}
	g := s.Group(o.Group)
	if o.Group != "" && g == nil {
		return Outcome{}, errOrder
	}
	switch o.What {
	case "say":
		return p.Say(ctx, g, o.Text), nil
	case "send":
		d := Draft{Image: o.Data}
		if o.Name != "" {
			d = Draft{File: o.Data, FileName: o.Name}
		}
		return p.Write(ctx, g, d), nil
	case "click":
		return p.Click(ctx, Tap{Message: o.Message, In: g, Label: o.Text, Form: o.Form}), nil
	case "recall":
		return p.Recall(ctx, o.Message), nil
	case "enter":
		return p.Enter(ctx), nil
	case "menu":
		return p.Menu(ctx, o.Text), nil
	}
	if g == nil {
		return Outcome{}, errOrder
	}
	return s.carryOutIn(ctx, g, p, o)
}

// carryOutIn does what happens to a group.
func (s *Server) carryOutIn(ctx context.Context, g *Group, p *Person, o order) (Outcome, error) {
	switch o.What {
	case "join":
		return g.Join(ctx, p, p), nil
	case "leave":
		return g.Leave(ctx, p), nil
	case "add_bot":
		return g.AddBot(ctx, p), nil
	case "remove_bot":
		return g.RemoveBot(ctx, p), nil
	case "rename":
		return g.Rename(ctx, p, o.Text), nil
	case "dissolve":
		return g.Dissolve(ctx, p), nil
	}
	return Outcome{}, errOrder
}
