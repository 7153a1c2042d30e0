package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/bot/webchat"
	"lianbang/scheduler"
)

// maxLine bounds a line of a script, in bytes.
const maxLine = 2 << 20

type chatCommand struct {
	As   string `required:"" help:"Who speaks: 林书记." placeholder:"NAME"`
	Room string `default:"private" help:"Where: the title of a group, or private, the chat with the bot." placeholder:"ROOM"`
	JSON bool   `help:"Print one JSON object per message of the bot."`
	Now  string `help:"Fix the clock: 2026-12-04T15:30 or RFC 3339." placeholder:"TIME"`
}

// speaker is a conversation with the bot, in this process or with a running one.
type speaker interface {
	// say returns when the bot has stored what was said.
	say(ctx context.Context, line string, files []enclosed) error
	// settle waits until everything that the bot has to say has been said.
	settle(ctx context.Context) error
	// heard is what the bot said where the speaker can hear it. It is read by one goroutine.
	heard() <-chan heard
}

// heard is a message of the bot, as --json prints it.
type heard struct {
	Room    string    `json:"room"`
	Private bool      `json:"private"`
	At      time.Time `json:"at"`
	Text    string    `json:"text"`
	Reply   bot.Reply `json:"reply"`
}

func hear(room string, private bool, at time.Time, r bot.Reply) heard {
	if private {
		room = webchat.Private
	}
	return heard{room, private, at, bot.Plain(r), r}
}

// Run implements the command chat.
func (c *chatCommand) Run(ctx context.Context, cli *commands, io console) error {
	cfg, err := cli.load()
	if err != nil {
		return err
	}
	if strings.TrimSpace(bot.Clean(c.As)) == "" {
		return errors.New("--as 后面要写说话人的名字，例如 --as 林书记")
	}
	if c.As, err = webchat.CleanName(c.As, cfg.BotName); err != nil {
		return fmt.Errorf("--as：%w", err)
	}
	if c.Room = strings.Join(strings.Fields(c.Room), " "); c.Room == "" {
		c.Room = webchat.Private
	}
	// The terminal is this machine.
	cfg.Listen = "127.0.0.1:0"
	held, address, err := takeLock(cfg.Data)
	if errors.Is(err, errServed) {
		if address == "" || c.Now != "" {
			return busy(cfg.Data, address)
		}
		return c.remote(ctx, address, io)
	}
	if err != nil {
		return err
	}
	defer held.release()
	return c.local(ctx, cfg, io)
}

// busy says why the terminal cannot join the process that works on the data folder.
func busy(data, address string) error {
	if address == "" {
		return fmt.Errorf("数据目录 %s 正由另一个 lianbang 命令使用。等它结束再试", data)
	}
	return fmt.Errorf("数据目录 %s 正由运行中的 lianbang 使用(%s)，--now 要单独用它。先停掉那一个，或去掉 --now", data, address)
}

// local runs the whole bot in this process.
func (c *chatCommand) local(ctx context.Context, cfg Config, io console) error {
	now, err := fixedClock(c.Now, cfg.zone)
	if err != nil {
		return err
	}
	cfg.Log.Level = "error"
	here := &inProcess{who: c.As, room: c.Room, out: make(chan heard, 1000)}
	here.app, err = Open(ctx, cfg, Setup{Now: now, Log: logger(cfg.Log, io.err), Adapters: here.adapters})
	if err != nil {
		return err
	}
	app := here.app
	defer app.Close()
	app.Photos.Quiet = 0 // a line is all that comes
	if err := app.takeOver(ctx); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 2)
	go func() { done <- app.Lanes.Run(ctx) }()
	go func() { done <- app.Web.Run(ctx, app.Dispatcher.Handle) }()
	if err := scheduler.RunAll(ctx, app.Now(), app.sweeps()...); err != nil {
		return err
	}
	err = c.converse(ctx, io, here)
	stop()
	return errors.Join(err, ended(ctx, <-done), ended(ctx, <-done))
}

// fixedClock gives a clock that stands still, or nil for the real one.
func fixedClock(text string, zone *time.Location) (func() time.Time, error) {
	if text == "" {
		return nil, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return func() time.Time { return t }, nil
		}
	}
	return nil, fmt.Errorf("--now 看不懂“%s”，要写成 2026-12-04T15:30 这样的时间", text)
}

// inProcess speaks through the local chat of this process, and hears what goes out through it.
type inProcess struct {
	bot.Adapter
	app       *App
	who, room string
	out       chan heard
}

// adapters puts the speaker's ear between the lanes and the local chat.
func (p *inProcess) adapters(a *App) ([]bot.Adapter, error) {
	all, err := localChat(a)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, errors.New("本机群聊关掉了，终端里说不了话。把配置的 web.enabled 改成 true")
	}
	p.Adapter = all[0]
	return []bot.Adapter{p}, nil
}

// Send implements bot.Adapter.
func (p *inProcess) Send(ctx context.Context, d bot.Delivery) (bot.Receipt, error) {
	r, err := p.Adapter.Send(ctx, d)
	private := d.To.Chat == "" && string(d.To.User) == p.who
	if err == nil && (private || string(d.To.Chat) == p.room) {
		p.out <- hear(p.room, private, r.At, d.Body)
	}
	return r, err
}

// Fetch implements bot.Fetcher.
func (p *inProcess) Fetch(ctx context.Context, f bot.FileRef, most int64) (*bot.Attachment, error) {
	return p.app.Web.Fetch(ctx, f, most)
}

func (p *inProcess) heard() <-chan heard { return p.out }

func (p *inProcess) say(ctx context.Context, line string, files []enclosed) error {
	sent, err := enclose(files, p.app.Web.Enclose)
	if err != nil {
		return err
	}
	return p.app.Web.Say(ctx, p.who, p.room, rand.Text(), line, sent...)
}

func (p *inProcess) settle(ctx context.Context) error {
	if err := p.app.Photos.Work(ctx); err != nil {
		return err
	}
	return p.app.settled(ctx)
}

// settled waits until no delivery of the outbox is on its way or due.
func (a *App) settled(ctx context.Context) error {
	for {
		counts, err := a.DB.OutboxCounts(ctx)
		if err != nil {
			return err
		}
		if counts.Sending == 0 && counts.Oldest.IsZero() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}

// remote joins the bot that already serves the data folder.
func (c *chatCommand) remote(ctx context.Context, address string, io console) error {
	client, err := webchat.Dial(ctx, address, c.As)
	if err != nil {
		return err
	}
	defer client.Close()
	messages, unwatch := client.Watch()
	defer unwatch()
	there := &joined{client: client, room: c.Room, out: make(chan heard, 1000), wait: usualWait}
	go there.listen(messages)
	return c.converse(ctx, io, there)
}

// joined speaks through a running server.
type joined struct {
	client *webchat.Client
	room   string
	out    chan heard
	wait   time.Duration // for what the bot has to say to the last line
}

// listen passes on what the bot says, until the connection ends.
func (j *joined) listen(messages <-chan webchat.Message) {
	for m := range messages {
		if m.FromBot() && (m.Private() || m.Room == j.room) {
			j.out <- hear(m.Room, m.Private(), m.At, *m.Body)
		}
	}
}

func (j *joined) heard() <-chan heard { return j.out }

func (j *joined) say(ctx context.Context, line string, files []enclosed) error {
	sent, err := enclose(files, func(name string, data []byte) (webchat.Enclosed, error) { return j.client.Enclose(ctx, name, data) })
	if err != nil {
		return err
	}
	if j.wait = usualWait; len(sent) > 0 {
		j.wait += scheduler.PhotosQuiet + 3*time.Second
	}
	return j.client.Say(ctx, j.room, rand.Text(), line, sent...)
}

// usualWait is the time that the server's lanes usually need.
const usualWait = 300 * time.Millisecond

// settle gives the server's lanes the time that they usually need, and more for photos, of which people are told a little
// later; what comes after that is still printed.
func (j *joined) settle(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(j.wait):
		return nil
	}
}

// converse reads lines and prints what the bot says, until the input ends. Lines that were not taken make it fail then,
// except those that were refused for a reason that the speaker was told.
func (c *chatCommand) converse(ctx context.Context, io console, s speaker) error {
	interactive := terminal(io.in)
	if interactive {
		fmt.Fprintf(io.out, "您是%s，在%s。直接说事，Ctrl-D 结束。\n", c.As, roomName(c.Room))
	}
	lines, failed := readLines(io)
	prompt := func() {
		if interactive {
			fmt.Fprint(io.out, "› ")
		}
	}
	prompt()
	lost := 0
	for {
		select {
		case <-ctx.Done():
			return nil
		case m := <-s.heard():
			c.print(io, m)
		case line, more := <-lines:
			if !more {
				return errors.Join(<-failed, c.drain(ctx, io, s), missing(lost))
			}
			if strings.TrimSpace(line) != "" {
				if !c.report(io, speakLine(ctx, s, line)) {
					lost++
				}
				if err := c.drain(ctx, io, s); err != nil {
					return err
				}
			}
			prompt()
		}
	}
}

// speakLine says a line, with the files that it names.
func speakLine(ctx context.Context, s speaker, line string) error {
	text, files, err := readEnclosed(line)
	if err != nil {
		return err
	}
	return s.say(ctx, text, files)
}

// missing is the error of a conversation in which so many lines were not taken.
func missing(lines int) error {
	if lines == 0 {
		return nil
	}
	return fmt.Errorf("有 %d 行没有收下，原因见上面；改好以后请把这几行再说一次", lines)
}

// report says why a line was not taken: in the answers when the reason is meant for who spoke, else as an error. It returns
// whether the speaker got an answer.
func (c *chatCommand) report(io console, err error) bool {
	var refusal bot.Refusal
	switch {
	case err == nil:
	case errors.As(err, &refusal):
		c.print(io, hear(c.Room, false, time.Now(), bot.Say(refusal.UserMessage())))
	default:
		complain(io, err)
		return false
	}
	return true
}

func readLines(io console) (<-chan string, <-chan error) {
	lines, failed := make(chan string), make(chan error, 1)
	go func() {
		defer close(lines)
		in := bufio.NewScanner(io.in)
		in.Buffer(make([]byte, 64<<10), maxLine)
		for in.Scan() {
			lines <- in.Text()
		}
		failed <- in.Err()
	}()
	return lines, failed
}

// drain prints everything that the bot has to say now.
func (c *chatCommand) drain(ctx context.Context, io console, s speaker) error {
	if err := s.settle(ctx); err != nil {
		return ended(ctx, err)
	}
	for {
		select {
		case m := <-s.heard():
			c.print(io, m)
		default:
			return nil
		}
	}
}

func (c *chatCommand) print(io console, h heard) {
	switch {
	case c.JSON:
		line, err := json.Marshal(h)
		if err != nil {
			complain(io, err)
			return
		}
		fmt.Fprintf(io.out, "%s\n", line)
	case h.Private && c.Room != webchat.Private:
		fmt.Fprintln(io.out, "(私聊) "+h.Text)
	default:
		fmt.Fprintln(io.out, h.Text)
	}
}

func roomName(room string) string {
	if room == webchat.Private {
		return "与机器人的私聊"
	}
	return room
}
