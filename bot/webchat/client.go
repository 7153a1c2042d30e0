package webchat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// ErrClosed means that the connection ended before the server answered: dial again and say it again under the same id.
var ErrClosed = errors.New("webchat: connection closed")

// Client is a terminal's connection to a running server, as one person. It is safe for concurrent use. When the connection
// ends, Done is closed and Say returns ErrClosed; it does not reconnect.
type Client struct {
	Bot   string // the bot's name
	Rooms []Room // when it connected

	base  url.URL
	conn  *websocket.Conn
	write sync.Mutex
	done  chan struct{}

	mu      sync.Mutex
	bye     string
	waiting map[string]chan frame
	watches map[chan Message]struct{}
	lastSeq map[string]int64
}

// Dial joins the server at baseURL (http://127.0.0.1:8080) as who. It sees what is said from now on.
func Dial(ctx context.Context, baseURL, who string) (*Client, error) {
	u, err := url.Parse(baseURL)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("dial webchat: not an address: %q", baseURL)
	}
	at := url.URL{Scheme: map[bool]string{true: "wss", false: "ws"}[u.Scheme == "https"], Host: u.Host, Path: "/ws"}
	conn, answer, err := websocket.DefaultDialer.DialContext(ctx, at.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("dial webchat: %w", err)
	}
	_ = answer.Body.Close()
	c := &Client{base: *u, conn: conn, done: make(chan struct{}), waiting: map[string]chan frame{}, watches: map[chan Message]struct{}{},
		lastSeq: map[string]int64{}}
	if err := c.hello(ctx, who); err != nil {
		_ = conn.Close()
		return nil, err
	}
	go c.read()
	return c, nil
}

func (c *Client) hello(ctx context.Context, who string) error {
	limit, ok := ctx.Deadline()
	if !ok {
		limit = time.Now().Add(writeTime)
	}
	if err := c.conn.SetReadDeadline(limit); err != nil {
		return err
	}
	if err := c.conn.WriteJSON(request{Type: typeHello, Who: who, Tail: true}); err != nil {
		return fmt.Errorf("say hello: %w", err)
	}
	var f frame
	if err := c.conn.ReadJSON(&f); err != nil {
		return fmt.Errorf("read welcome: %w", err)
	}
	if f.Type != typeWelcome {
		return refusal(f.Why)
	}
	c.Bot, c.Rooms = f.Bot, f.Rooms
	return c.conn.SetReadDeadline(time.Time{})
}

func (c *Client) read() {
	defer c.end()
	for {
		var f frame
		if err := c.conn.ReadJSON(&f); err != nil {
			return
		}
		c.take(f)
	}
}

func (c *Client) take(f frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch f.Type {
	case typeAck, typeNack:
		if w := c.waiting[f.ID]; w != nil {
			w <- f
			delete(c.waiting, f.ID)
		}
	case typeMessage:
		m := *f.Message
		if m.Seq <= c.lastSeq[m.Room] {
			return
		}
		c.lastSeq[m.Room] = m.Seq
		for w := range c.watches {
			select {
			case w <- m:
			default:
				delete(c.watches, w)
				close(w)
			}
		}
	case typeBye:
		c.bye = f.Why
	}
}

func (c *Client) end() {
	_ = c.conn.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.done)
	for w := range c.watches {
		delete(c.watches, w)
		close(w)
	}
}

// Enclose gives the server a file for a message that will name it. A bot.Refusal says why it was not taken.
func (c *Client) Enclose(ctx context.Context, name string, data []byte) (Enclosed, error) {
	to := c.base.JoinPath(assetPath, "files")
	to.RawQuery = url.Values{"name": {name}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(data))
	if err != nil {
		return Enclosed{}, fmt.Errorf("send a file: %w", err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return Enclosed{}, fmt.Errorf("send a file: %w", err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxFrame))
	var e Enclosed
	switch {
	case err != nil:
		return e, fmt.Errorf("send a file: %w", err)
	case answer.StatusCode == http.StatusUnprocessableEntity:
		return e, refusal(strings.TrimSpace(string(body)))
	case answer.StatusCode != http.StatusOK:
		return e, fmt.Errorf("send a file: %s", answer.Status)
	}
	return e, json.Unmarshal(body, &e)
}

// Say speaks, and waits until the server has handled it. An empty room or Private is the private chat with the bot. After
// any error except a bot.Refusal it may be said again under the same id.
func (c *Client) Say(ctx context.Context, room, id, text string, files ...Enclosed) error {
	w := make(chan frame, 1)
	c.mu.Lock()
	c.waiting[id] = w
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.waiting, id)
		c.mu.Unlock()
	}()
	if err := c.send(request{Type: kindSay, ID: id, Room: room, Text: text, Files: files}); err != nil {
		return err
	}
	select {
	case f := <-w:
		switch {
		case f.Type == typeAck:
			return nil
		case f.Final:
			return refusal(f.Why)
		}
		return errors.New(f.Why)
	case <-c.done:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Client) send(q request) error {
	c.write.Lock()
	defer c.write.Unlock()
	if err := c.conn.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return ErrClosed
	}
	if err := c.conn.WriteJSON(q); err != nil {
		return ErrClosed
	}
	return nil
}

// Watch gives the messages of all groups and of the private chat as they arrive, each once. The channel is closed when the
// connection ends, when its reader falls far behind, or by the function.
func (c *Client) Watch() (<-chan Message, func()) {
	w := make(chan Message, listenerQueue)
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.done:
		close(w)
	default:
		c.watches[w] = struct{}{}
	}
	return w, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if _, open := c.watches[w]; open {
			delete(c.watches, w)
			close(w)
		}
	}
}

// Done is closed when the connection has ended.
func (c *Client) Done() <-chan struct{} { return c.done }

// Farewell is what the server said before it went away, "" when it said nothing.
func (c *Client) Farewell() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bye
}

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }
