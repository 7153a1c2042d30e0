package feishutest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"lianbang/bot/fake"
	"lianbang/bot/feishu/wire"
)

// What an app is called when the options leave it open. The vendor's SDK wants app ids of just this shape.
const (
	DefaultAppID     = "cli_0123456789abcdef"
	DefaultAppSecret = "fake-secret-of-a-fake-app"
	DefaultBotName   = "联帮"
)

// Options describes a tenant. The zero value is one with a long connection, the platform's limits and a running clock.
type Options struct {
	AppID, AppSecret  string
	BotName           string
	EncryptKey        string // of webhooks; "" = they are neither encrypted nor signed
	VerificationToken string
	Webhook           string // where events are pushed; "" = to the long connection
	OldEnvelope       bool   // webhooks have the envelope of version 1
	Clock             *fake.Clock
	Unlimited         bool            // no rate limits
	ConnectionConfig  Config          // of long connections; zero = DefaultConfig
	Redelivery        []time.Duration // after which an unacknowledged event comes again; nil = the platform's 15 s, 5 min, 1 h, 6 h
	Seed              uint64          // of what is random: which connection, which order; and of the ids of what happens
}

// Server is the platform. All its methods may be called from any number of goroutines.
type Server struct {
	o      Options
	clock  *fake.Clock
	key    *wire.Key // nil without an Encrypt Key
	mux    *http.ServeMux
	client *http.Client // pushes to the webhook
	ctx    context.Context
	stop   context.CancelFunc
	work   sync.WaitGroup // pushes that nobody waits for
	host   *fake.Host

	violations fake.Violations

	mu       sync.Mutex
	random   *rand.Rand
	serial   int
	webhook  string
	tokens   tokens
	scopes   map[string]bool
	deaf     map[string]bool // event types that are not subscribed
	people   []*Person
	botID    string // the bot's open_id
	groups   []*Group
	chats    map[string]*chat
	messages []*message
	byID     map[string]*message
	uuids    map[string]sent
	limits   limits
	uploads  map[string]upload
	uploaded []string // keys, oldest first
	hooks    map[string]*Hook
	entries  []*Entry // of the bot's calendar
	events   []*event
	toasts   []Toast
	faults   []*Fault
	calls    []Call
	counts   Counts
	sockets  sockets
	network  Network
}

// Bounds of what a tenant keeps. The oldest of calls, events and uploads are dropped; a message beyond them is refused.
const (
	maxMessages = 100_000
	maxEvents   = 100_000
	maxCalls    = 20_000
	maxUploads  = 1_000
)

// New makes a tenant without people and groups.
func New(o Options) *Server {
	o.AppID = cmp.Or(o.AppID, DefaultAppID)
	o.AppSecret = cmp.Or(o.AppSecret, DefaultAppSecret)
	o.BotName = cmp.Or(o.BotName, DefaultBotName)
	if o.Clock == nil {
		o.Clock = fake.NewClock()
	}
	if o.ConnectionConfig == (Config{}) {
		o.ConnectionConfig = DefaultConfig
	}
	if o.Redelivery == nil {
		o.Redelivery = []time.Duration{15 * time.Second, 5 * time.Minute, time.Hour, 6 * time.Hour}
	}
	s := &Server{
		o: o, clock: o.Clock, webhook: o.Webhook,
		random: rand.New(rand.NewPCG(o.Seed, 1)),
		scopes: map[string]bool{}, deaf: map[string]bool{}, chats: map[string]*chat{}, byID: map[string]*message{},
		uuids: map[string]sent{}, uploads: map[string]upload{}, hooks: map[string]*Hook{},
		client: fake.NewClient(),
	}
	s.host = fake.NewHost(s, &s.violations)
	s.ctx, s.stop = context.WithCancel(context.Background())
	for _, scope := range defaultScopes {
		s.scopes[scope] = true
	}
	if o.EncryptKey != "" {
		s.key = wire.NewKey(o.EncryptKey)
	}
	s.botID = s.lastingID("ou_")
	s.limits.init()
	s.sockets.init()
	s.mux = s.routes()
	return s
}

// Start serves the tenant on a free port of 127.0.0.1 and returns its base URL. Close ends it.
func (s *Server) Start() (string, error) { return s.host.Start() }

// Serve serves the tenant on l until Close, in goroutines of its own, and returns its base URL.
func (s *Server) Serve(l net.Listener) string { return s.host.Serve(l) }

// Close ends every connection and every push that still waits.
func (s *Server) Close() error {
	s.stop()
	s.Cut()
	err := s.host.Close()
	s.work.Wait()
	s.client.CloseIdleConnections()
	return err
}

// BaseURL is where Start serves, "" before.
func (s *Server) BaseURL() string { return s.host.BaseURL() }

// Clock is the tenant's time.
func (s *Server) Clock() *fake.Clock { return s.clock }

// AppID is the app's id.
func (s *Server) AppID() string { return s.o.AppID }

// AppSecret is the app's secret.
func (s *Server) AppSecret() string { return s.o.AppSecret }

// BotOpenID is the open_id under which the app is mentioned.
func (s *Server) BotOpenID() string { return s.botID }

// SetWebhook makes events go to url from now on; "" = to the long connection.
func (s *Server) SetWebhook(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.webhook = url
}

// Call is one request that came in.
type Call struct {
	At     time.Time
	Method string
	Path   string
	Query  string
	Status int // 0 = no answer was given
	Code   int
}

// Calls lists the newest calls to the API, oldest first.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Counts are figures of what happened so far.
type Counts struct {
	Sent         int // messages that the app made, hooks included
	Deduplicated int // sends that made none, because their uuid had made one within the hour
	Patched      int // cards and texts changed by the app, by PATCH and PUT
	Answered     int // cards replaced by the answer to a click
	Throttled    int // calls refused by a limit
	Refused      int // all other calls refused
	Tokens       int // tokens given out, the same one again included
	Connections  int // long connections opened
	Pings        int
	Events       int // events made
	Pushes       int // attempts to push one
	Acked        int // attempts that were acknowledged
}

// Counts returns the figures.
func (s *Server) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}

// Violations lists what clients did against the protocol, oldest first.
func (s *Server) Violations() []string { return s.violations.List() }

// newID makes an id as the platform's look: the prefix and 32 hex digits. The same calls make the same ids, with one seed.
func (s *Server) newID(prefix string) string {
	return s.nextID(prefix, strconv.FormatUint(s.o.Seed, 10))
}

// lastingID makes an id that is the same with another seed.
func (s *Server) lastingID(prefix string) string { return s.nextID(prefix, "") }

func (s *Server) nextID(prefix, salt string) string {
	s.serial++
	sum := sha256.Sum256([]byte(prefix + strconv.Itoa(s.serial) + "/" + salt))
	return fmt.Sprintf("%s%x", prefix, sum[:16])
}

// millis is a time as most of the API writes it.
func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
