package bottest

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"lianbang/bot"
)

// Heard is one message of the bot, as somebody saw it. Where is the title of a group, or "私聊 " and a person's name.
type Heard struct {
	Where string
	Reply bot.Reply
}

// Stage is an application under a fake clock.
type Stage interface {
	// Setup makes people, consortia and rooms: the lines of the transcript's section of that name.
	Setup(t *testing.T, lines []string)
	// Handle takes an event as an adapter would hand it over.
	Handle(e bot.Event) error
	// SetClock sets the time; Tick lets the clock's work happen that is due.
	SetClock(now time.Time)
	Tick() error
	// Heard waits until everything that the bot has to say has been said, and returns what came since the last call, in the
	// order of each place.
	Heard() ([]Heard, error)
}

// Transcript plays a txtar file. Its section setup goes to the stage; its section talk has lines such as
//
//	at 2026-11-26 10:12          the clock, with the work of the time between done minute by minute
//	at +26h                      the same, relative
//	down +26h                    the clock moves while the program is off
//	林书记@光电信息群: 报名 H1    somebody says something; @私聊 is the chat with the bot
//	林书记@光电信息群 点: 报名 H1 somebody taps a button
//	王工@私聊: [图片 合影.jpg]    somebody sends a photo, with words or without (see Picture)
//	王工@光电信息群: 「H1 光电产业链参观」报名 2人    somebody quotes what was said before
//	again                        the platform delivers the last event once more
//	  ▶ 已报名 …                 what the bot must answer, line by line (▶私聊 王工 … for another place)
//
// With update the file is rewritten with the answers that came. Exact words are compared, and buttons as [报名 -> 报名 H1].
func Transcript(t *testing.T, path string, zone *time.Location, stage Stage, update bool) {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p := player{stage: stage, zone: zone}
	for i, f := range archive.Files {
		switch f.Name {
		case "setup":
			stage.Setup(t, trimmed(string(f.Data)))
		case "talk":
			got := p.play(t, string(f.Data))
			if got == string(f.Data) {
				continue
			}
			if !update {
				t.Errorf("%s: the conversation went otherwise:\n%s", path, difference(string(f.Data), got))
				continue
			}
			archive.Files[i].Data = []byte(got)
			if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatalf("%s: unknown section %q", path, f.Name)
		}
	}
}

func trimmed(text string) (out []string) {
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l != "" && l[0] != '#' {
			out = append(out, l)
		}
	}
	return out
}

// player plays a talk.
type player struct {
	stage Stage
	zone  *time.Location
	now   time.Time
	last  *bot.Event
	n     int
}

var spoken = regexp.MustCompile(`^(\S+?)@(\S+?)( 点)?: (.*)$`)

// quoting is how a message that quotes another begins: 「what was said before」.
var quoting = regexp.MustCompile(`^「([^」]*)」(.*)$`)

// play runs every line and returns the talk with the answers that came.
func (p *player) play(t *testing.T, talk string) string {
	t.Helper()
	var out bytes.Buffer
	for line := range strings.Lines(talk) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "  ") {
			continue
		}
		fmt.Fprintln(&out, line)
		switch verb, rest, _ := strings.Cut(line, " "); {
		case line == "" || line[0] == '#':
		case verb == "at":
			p.move(t, &out, rest, time.Minute)
		case verb == "down":
			p.move(t, &out, rest, 0)
		case verb == "again":
			p.n--
			p.handle(t, &out, *p.last)
		default:
			m := spoken.FindStringSubmatch(line)
			if m == nil {
				t.Fatalf("not a line of a talk: %q", line)
			}
			e := p.event(m[1], m[2], strings.ReplaceAll(m[4], `\n`, "\n"))
			if m[3] != "" {
				e.Kind = bot.Clicked
			}
			p.handle(t, &out, e)
		}
	}
	return out.String()
}

// move sets the clock; step 0 means that the program was off meanwhile.
func (p *player) move(t *testing.T, out *bytes.Buffer, to string, step time.Duration) {
	t.Helper()
	target := p.target(t, to)
	if p.now.IsZero() || step == 0 {
		p.now = target
	}
	for {
		p.stage.SetClock(p.now)
		if err := p.stage.Tick(); err != nil {
			t.Fatalf("tick at %v: %v", p.now, err)
		}
		if !p.now.Before(target) {
			break
		}
		p.now = p.now.Add(max(step, target.Sub(p.now)/2000))
		if p.now.After(target) {
			p.now = target
		}
	}
	p.hear(t, out)
}

func (p *player) target(t *testing.T, to string) time.Time {
	t.Helper()
	if ahead, ok := strings.CutPrefix(to, "+"); ok {
		if days, ok := strings.CutSuffix(ahead, "d"); ok {
			var n int
			if _, err := fmt.Sscan(days, &n); err != nil {
				t.Fatalf("at %s: %v", to, err)
			}
			return p.now.AddDate(0, 0, n)
		}
		d, err := time.ParseDuration(ahead)
		if err != nil {
			t.Fatalf("at %s: %v", to, err)
		}
		return p.now.Add(d)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", to, p.zone)
	if err != nil {
		t.Fatalf("at %s: %v", to, err)
	}
	return at
}

// event is somebody saying something. An @-mention of the bot addresses it in a group.
func (p *player) event(who, room, text string) bot.Event {
	e := bot.Event{
		ID: bot.EventID(fmt.Sprintf("e%d", p.n)), Kind: bot.Said, At: p.now, Name: who,
		From: bot.Address{Platform: "web", Account: "local", Chat: bot.ChatKey(room), User: bot.UserKey(who)},
		Text: text,
	}
	if m := quoting.FindStringSubmatch(e.Text); m != nil {
		e.Quoted, e.Text = m[1], m[2]
	}
	e.Text, e.Files = cutFiles(e.Text)
	if room == "私聊" {
		e.Direct, e.Addressed, e.From.Chat = true, true, bot.ChatKey("direct:"+who)
	}
	if rest, ok := strings.CutPrefix(e.Text, "@联帮"); ok {
		e.Text, e.Addressed = strings.TrimSpace(rest), true
	}
	return e
}

func (p *player) handle(t *testing.T, out *bytes.Buffer, e bot.Event) {
	t.Helper()
	p.n++
	p.last = &e
	if err := p.stage.Handle(e); err != nil {
		t.Fatalf("%s: %v", e.Text, err)
	}
	here := string(e.From.Chat)
	if e.Direct {
		here = "私聊 " + string(e.From.User)
	}
	p.hear(t, out, here)
}

// hear writes what the bot said since; messages to the place where it was spoken to need no name.
func (p *player) hear(t *testing.T, out *bytes.Buffer, here ...string) {
	t.Helper()
	heard, err := p.stage.Heard()
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range heard {
		where := h.Where + " "
		if len(here) > 0 && here[0] == h.Where {
			where = ""
		}
		for i, l := range strings.Split(Words(h.Reply), "\n") {
			if i == 0 {
				fmt.Fprintf(out, "  ▶ %s%s\n", where, l)
			} else {
				fmt.Fprintf(out, "    %s\n", l)
			}
		}
	}
}

// Words writes a reply as transcripts do: its text with buttons as [报名 -> 报名 H1] on a line of their own.
func Words(r bot.Reply) string {
	var buttons []string
	if r.Card != nil {
		card := *r.Card
		for _, b := range card.Buttons {
			buttons = append(buttons, fmt.Sprintf("[%s -> %s]", b.Label, b.Command))
		}
		card.Buttons = nil
		r.Card = &card
	}
	text := bot.Plain(r)
	if len(buttons) > 0 {
		text += "\n" + strings.Join(buttons, " ")
	}
	return text
}

// difference shows the first lines in which two talks differ.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < len(w) && i < len(g) && w[i] == g[i] {
		i++
	}
	from := max(0, i-3)
	return fmt.Sprintf("line %d\nwant:\n%s\ngot:\n%s", i+1, strings.Join(w[from:min(len(w), i+8)], "\n"), strings.Join(g[from:min(len(g), i+8)], "\n"))
}
