package wecomtest

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"lianbang/bot/fake"
)

// Options describes a company. The zero value has the default bot, app, members and group, the platform's limits and a
// running clock.
type Options struct {
	Bot     AIBot        // a zero ID = DefaultBot
	App     SelfBuiltApp // a zero CorpID = DefaultApp
	Members []Member     // nil = DefaultMembers
	Groups  []Group      // nil = DefaultGroup alone
	Clock   *fake.Clock  // nil = one that runs

	Unlimited  bool          // no rate limits, and any number of callbacks at once
	KickLag    time.Duration // between disconnected_event and the close; 0 = 2.2 s, the shortest that was measured (field report: up to 313 s)
	StreamLife time.Duration // of a stream, from its first frame; 0 = 10 min (101463 as of 2026-05; 6 min before)
	StreamIdle time.Duration // of a stream without a frame; 0 = 6 min (field report)
	RawControl bool          // control characters in frames are not escaped (SDK source)
	NoPings    bool          // pings are not acknowledged
	Attempts   int           // how often a callback is sent that is not acknowledged; 0 = three times (90238)
}

// Server is the platform. All its methods may be called from any number of goroutines.
type Server struct {
	o      Options
	clock  *fake.Clock
	seed   string
	client *http.Client // of callbacks
	mux    *http.ServeMux
	ctx    context.Context
	stop   context.CancelFunc
	work   sync.WaitGroup
	host   *fake.Host

	violations fake.Violations

	mu         sync.Mutex
	serial     int
	bot        AIBot
	app        SelfBuiltApp
	members    []*Member
	groups     []*Group
	appChats   map[string]*appChat
	calendars  calendars
	distrusted string // the caller's IP, when it is not in the trusted list
	tokens     tokens
	sockets    sockets
	asked      shelf[*question] // what the bot may answer, by req_id and by the code of its response_url
	talked     map[string]bool  // places where somebody spoke to the bot
	streams    shelf[*stream]   // by question and id
	media      shelf[*medium]   // by media_id, and what people sent by name
	uploads    shelf[*upload]
	rates      rates
	once       shelf[appSend]   // by digest of the request, for the duplicate check
	codes      shelf[*cardCode] // by response_code of app cards
	sends      shelf[*appSend]  // by msgid, for the recall
	shown      []*message
	said       []Said
	dropped    []Shown
	lost       int
	faults     []*Fault
	calls      []Call
	busy       map[string]chan struct{} // callbacks in flight by user
}

// Bounds of what a company keeps. Beyond them the oldest is forgotten.
const (
	maxShown   = 100_000
	maxCalls   = 20_000
	maxKeys    = 50_000 // questions, streams, codes, sends
	maxMedia   = 1000
	maxUploads = 100
)

// New makes a company. It serves nothing before Start or Serve.
func New(o Options) *Server {
	if o.Bot.ID == "" {
		callback := o.Bot.Callback
		o.Bot = DefaultBot
		o.Bot.Callback = callback
	}
	if o.App.CorpID == "" {
		callback := o.App.Callback
		o.App = DefaultApp
		o.App.Callback = callback
	}
	if o.Members == nil {
		o.Members = DefaultMembers
	}
	if o.Groups == nil {
		o.Groups = []Group{DefaultGroup}
	}
	if o.Clock == nil {
		o.Clock = fake.NewClock()
	}
	o.Attempts = cmp.Or(o.Attempts, 3)
	o.KickLag = cmp.Or(o.KickLag, 2200*time.Millisecond)
	o.StreamLife = cmp.Or(o.StreamLife, 10*time.Minute)
	o.StreamIdle = cmp.Or(o.StreamIdle, 6*time.Minute)
	s := &Server{
		o: o, clock: o.Clock, bot: o.Bot, app: o.App, seed: seed(),
		client: fake.NewClient(), appChats: map[string]*appChat{}, talked: map[string]bool{}, rates: rates{}, busy: map[string]chan struct{}{},
		asked: newShelf[*question](maxKeys), streams: newShelf[*stream](maxKeys), codes: newShelf[*cardCode](maxKeys),
		once: newShelf[appSend](maxKeys), sends: newShelf[*appSend](maxKeys),
		media: newShelf[*medium](maxMedia), uploads: newShelf[*upload](maxUploads),
	}
	s.host = fake.NewHost(s, &s.violations)
	s.ctx, s.stop = context.WithCancel(context.Background())
	for _, m := range o.Members {
		s.AddMember(m)
	}
	for _, g := range o.Groups {
		s.AddGroup(g)
	}
	s.mux = s.routes()
	return s
}

// seed makes the ids of one Server differ from those of another.
func seed() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// Start serves the company on a free port of 127.0.0.1 and returns its base URL. Close ends it.
func (s *Server) Start() (string, error) { return s.host.Start() }

// Serve serves the company on l until Close, in goroutines of its own, and returns its base URL.
func (s *Server) Serve(l net.Listener) string { return s.host.Serve(l) }

// Close ends every connection and every callback that still waits.
func (s *Server) Close() error {
	s.mu.Lock()
	s.stop()
	s.mu.Unlock()
	s.Cut()
	err := s.host.Close()
	s.work.Wait()
	s.client.CloseIdleConnections()
	return err
}

// background runs what Close waits for, unless the Server is closed. It holds mu.
func (s *Server) background(run func()) {
	if s.ctx.Err() == nil {
		s.work.Go(run)
	}
}

// BaseURL is where the REST interface is served, without a path: what stands for https://qyapi.weixin.qq.com.
func (s *Server) BaseURL() string { return s.host.BaseURL() }

// SocketURL is what stands for wss://openws.work.weixin.qq.com.
func (s *Server) SocketURL() string { return "ws" + strings.TrimPrefix(s.BaseURL(), "http") }

// HookURL is the webhook of a group, by chat id or title.
func (s *Server) HookURL(chat string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.group(chat)
	if g == nil {
		return ""
	}
	return s.BaseURL() + "/cgi-bin/webhook/send?key=" + g.HookKey
}

// Clock is the company's time.
func (s *Server) Clock() *fake.Clock { return s.clock }

// Bot is the AI bot as it is configured now.
func (s *Server) Bot() AIBot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bot
}

// App is the self-built app as it is configured now.
func (s *Server) App() SelfBuiltApp {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.app
}

// SetBotCallback makes the bot's messages go to url from now on and ends its socket; "" = back to the long connection.
func (s *Server) SetBotCallback(url string) {
	s.mu.Lock()
	s.bot.Callback = url
	s.mu.Unlock()
	if url != "" {
		s.Cut()
	}
}

// SetAppCallback makes the app's messages go to url from now on; "" = it receives nothing.
func (s *Server) SetAppCallback(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.app.Callback = url
}

// ServeHTTP implements http.Handler: sockets at any path, the REST interface under /cgi-bin/, people's side under /_fake/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if websocket.IsWebSocketUpgrade(r) {
		s.connect(w, r)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// Violations lists what clients did against the protocol, oldest first.
func (s *Server) Violations() []string { return s.violations.List() }

// newID makes an id that no other Server has made. It holds mu.
func (s *Server) newID(prefix string) string {
	s.serial++
	return prefix + s.seed + strconv.Itoa(s.serial)
}

// digest is 64 hexadecimal digits that depend on the parts alone.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}
