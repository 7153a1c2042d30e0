package webchat

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"lianbang/bot"
)

const (
	pingTime  = 25 * time.Second
	readTime  = 70 * time.Second
	writeTime = 10 * time.Second
	hardLimit = 16 << 20 // bytes of a frame after which the socket is closed unheard
)

// The answers to frames that are no speech.
const (
	whyRestart = "服务器正在重启，稍后自动重连。"
	whyStore   = "我这边没存上，稍后自动再发。"
	whyLarge   = "这条太大了，没有发出去。一次最多 64 KB，请分几条发。"
	whyBytes   = "这条消息的文字编码不对，没有发出去，请重新输入。"
	whyFrame   = "没看懂这一帧，请刷新页面。"
)

var errTooLarge = errors.New("frame too large")

// socket is one connection. serve is its reader, write its writer; nobody else touches conn except to close it.
type socket struct {
	adapter *Adapter
	conn    *websocket.Conn
	who     string
	heard   *listener
	out     chan frame     // answers, and the welcome
	joined  chan *listener // given once, after the welcome is in out
	gone    chan struct{}  // closed when the writer ended
}

func (a *Adapter) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !a.enter() {
		http.Error(w, whyRestart, http.StatusServiceUnavailable)
		return
	}
	defer a.busy.Done()
	up := websocket.Upgrader{CheckOrigin: sameOrigin, ReadBufferSize: 4 << 10, WriteBufferSize: 4 << 10}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	s := &socket{adapter: a, conn: conn, out: make(chan frame, 16), joined: make(chan *listener, 1), gone: make(chan struct{})}
	go s.write()
	s.serve()
	_ = conn.Close()
	if s.heard != nil {
		a.hub.unlisten(s.heard)
	}
	<-s.gone
}

// serve reads until the connection ends.
func (s *socket) serve() {
	defer close(s.out)
	s.conn.SetReadLimit(hardLimit)
	alive := func(string) error { return s.conn.SetReadDeadline(time.Now().Add(readTime)) }
	s.conn.SetPongHandler(alive)
	for {
		_ = alive("")
		data, err := s.read()
		switch {
		case errors.Is(err, errTooLarge):
			s.answer(refuse(idOf(data), whyLarge))
		case err != nil:
			return
		case !utf8.Valid(data):
			s.answer(refuse(idOf(data), whyBytes))
		default:
			s.handle(data)
		}
	}
}

// read gives one frame; of one that is too large, its beginning.
func (s *socket) read() ([]byte, error) {
	_, r, err := s.conn.NextReader()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, maxFrame+1))
	if err != nil || len(data) <= maxFrame {
		return data, err
	}
	if _, err = io.Copy(io.Discard, r); err != nil {
		return nil, err
	}
	return data, errTooLarge
}

var idPattern = regexp.MustCompile(`"id"\s*:\s*"([A-Za-z0-9_.:/-]{1,100})"`)

// idOf finds the id near the beginning of a frame that cannot be decoded.
func idOf(data []byte) string {
	if m := idPattern.FindSubmatch(data[:min(len(data), 400)]); m != nil {
		return string(m[1])
	}
	return ""
}

func refuse(id, why string) frame {
	if id == "" {
		return frame{Type: typeError, Why: why}
	}
	return frame{Type: typeNack, ID: id, Why: why, Final: true}
}

func (s *socket) answer(f frame) {
	select {
	case s.out <- f:
	case <-s.gone:
	}
}

func (s *socket) handle(data []byte) {
	var q request
	if err := json.Unmarshal(data, &q); err != nil {
		s.answer(refuse(idOf(data), whyFrame))
		return
	}
	switch {
	case q.Type == typeHello && s.heard == nil:
		s.hello(q)
	case s.heard == nil:
		s.answer(refuse(q.ID, "请先说您是谁(hello)。"))
	case q.Type == kindSay:
		s.speak(speech{kind: kindSay, text: q.Text, enclosed: q.Files}, q)
	case q.Type == kindClick:
		s.speak(speech{kind: kindClick, text: q.Command}, q)
	case q.Type == kindSubmit:
		s.speak(speech{kind: kindSubmit, text: q.Command, form: q.Form}, q)
	case q.Type == typeEarlier:
		if visible(q.Room, s.who) {
			p := s.adapter.hub.earlier(q.Room, q.Before)
			s.answer(frame{Type: typePage, Room: q.Room, Page: &p})
		}
	default:
		s.answer(refuse(q.ID, whyFrame))
	}
}

func (s *socket) hello(q request) {
	who, err := CleanName(q.Who, s.adapter.conf.BotName)
	if err != nil {
		s.answer(refuse("", err.Error()))
		return
	}
	a := s.adapter
	a.refresh(a.life)
	s.who = who
	var pages map[string]page
	s.heard, pages = a.hub.listen(who, q.Cursors, q.Tail, func() { _ = s.conn.Close() })
	rooms, people := a.lists(who)
	s.answer(frame{Type: typeWelcome, Who: who, Bot: a.conf.BotName, Zone: a.zone(), Rooms: rooms, People: people, Pages: pages})
	s.joined <- s.heard
}

// zone is the IANA name of the location of Now.
func (a *Adapter) zone() string {
	if name := a.conf.Now().Location().String(); name != "Local" {
		return name
	}
	return ""
}

func (s *socket) speak(sp speech, q request) {
	sp.who, sp.room, sp.id, sp.label, sp.message = s.who, q.Room, q.ID, q.Label, q.Message
	err := s.adapter.speak(s.adapter.life, sp)
	var no bot.Refusal
	switch {
	case err == nil:
		s.answer(frame{Type: typeAck, ID: q.ID})
	case errors.As(err, &no):
		s.answer(refuse(q.ID, no.UserMessage()))
	default:
		s.answer(frame{Type: typeNack, ID: q.ID, Why: whyStore})
	}
}

// write sends answers, then what the listener hears, until the reader or the adapter ends.
func (s *socket) write() {
	defer close(s.gone)
	defer s.conn.Close()
	ping := time.NewTicker(pingTime)
	defer ping.Stop()
	var updates chan update
	joined := s.joined
	for {
		err := error(nil)
		select {
		case f, open := <-s.out:
			if !open {
				return
			}
			err = s.put(f)
		case l := <-joined:
			if err = s.flush(); err == nil {
				updates, joined = l.queue, nil
			}
		case u := <-updates:
			err = s.put(s.news(u))
		case <-ping.C:
			err = s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTime))
		case <-s.adapter.stop:
			s.bye()
			return
		}
		if err != nil {
			return
		}
	}
}

// flush sends the answers that wait, the welcome among them.
func (s *socket) flush() error {
	for {
		select {
		case f, open := <-s.out:
			if !open {
				return io.EOF
			}
			if err := s.put(f); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

func (s *socket) news(u update) frame {
	if u.message != nil {
		return frame{Type: typeMessage, Message: u.message}
	}
	rooms, people := s.adapter.lists(s.who)
	return frame{Type: typeRooms, Rooms: rooms, People: people}
}

func (s *socket) put(f frame) error {
	if err := s.conn.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	return s.conn.WriteJSON(f)
}

func (s *socket) bye() {
	_ = s.flush()
	_ = s.put(frame{Type: typeBye, Why: whyRestart})
	_ = s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseServiceRestart, ""), time.Now().Add(writeTime))
}
