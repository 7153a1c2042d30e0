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
	say(ctx context.Context, line string) error
	// settle waits until everything that the bot has to say has been said.
	settle(ctx context.Context) error
}

// Run implements the command chat.
func (c *chatCommand) Run(ctx context.Context, cli *commands, io console) error {
	cfg, err := cli.load()
	if err != nil {
		return err
	}
	// The terminal is this machine.
	cfg.Listen = "127.0.0.1:0"
	held, address, err := takeLock(cfg.Data)
	if errors.Is(err, errServed) {
		if address == "" || c.Now != "" {
			return fmt.Errorf("the data folder %s is in use, and --now needs it alone", cfg.Data)
		}
		return c.remote(ctx, address, io)
	}
	if err != nil {
		return err
	}
	defer held.release()
	return c.local(ctx, cfg, io)
}

// local runs the whole bot in this process.
func (c *chatCommand) local(ctx context.Context, cfg Config, io console) error {
	now, err := fixedClock(c.Now, cfg.zone)
	if err != nil {
		return err
	}
	cfg.Log.Level = "error"
	app, err := Open(ctx, cfg, Setup{Now: now, Log: logger(cfg.Log, io.err), Adapters: localChat})
	if err != nil {
		return err
	}
	defer app.Close()
	if app.Web == nil {
		return errors.New("the local chat is switched off (web.enabled)")
	}
	if err := app.learnOrganisations(ctx); err != nil {
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
	messages, unwatch := app.Web.Watch(c.As)
	defer unwatch()
	err = c.converse(ctx, io, &inProcess{app, c.As, c.Room}, messages)
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
	return nil, fmt.Errorf("--now %q is not a time such as 2026-12-04T15:30", text)
}

// inProcess speaks through the adapter of this process.
type inProcess struct {
	app       *App
	who, room string
}

func (p *inProcess) say(ctx context.Context, line string) error {
	return p.app.Web.Say(ctx, p.who, p.room, rand.Text(), line)
}

func (p *inProcess) settle(ctx context.Context) error { return p.app.settled(ctx) }

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
	return c.converse(ctx, io, &joined{client, c.Room}, messages)
}

// joined speaks through a running server.
type joined struct {
	client *webchat.Client
	room   string
}

func (j *joined) say(ctx context.Context, line string) error {
	return j.client.Say(ctx, j.room, rand.Text(), line)
}

// settle gives the server's lanes the time that they usually need; what comes later is still printed.
func (j *joined) settle(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(300 * time.Millisecond):
		return nil
	}
}

// converse reads lines and prints what the bot says, until the input ends.
func (c *chatCommand) converse(ctx context.Context, io console, s speaker, messages <-chan webchat.Message) error {
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
	for {
		select {
		case <-ctx.Done():
			return nil
		case m := <-messages:
			c.print(io, m)
		case line, more := <-lines:
			if !more {
				return errors.Join(<-failed, c.drain(ctx, io, s, messages))
			}
			if strings.TrimSpace(line) != "" {
				if err := s.say(ctx, line); err != nil {
					fmt.Fprintln(io.err, "lianbang:", err)
				}
				if err := c.drain(ctx, io, s, messages); err != nil {
					return err
				}
			}
			prompt()
		}
	}
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
func (c *chatCommand) drain(ctx context.Context, io console, s speaker, messages <-chan webchat.Message) error {
	if err := s.settle(ctx); err != nil {
		return ended(ctx, err)
	}
	for {
		select {
		case m := <-messages:
			c.print(io, m)
		default:
			return nil
		}
	}
}

// heard is a message of the bot as --json prints it.
type heard struct {
	Room    string     `json:"room"`
	Private bool       `json:"private"`
	At      time.Time  `json:"at"`
	Text    string     `json:"text"`
	Reply   *bot.Reply `json:"reply"`
}

func (c *chatCommand) print(io console, m webchat.Message) {
	private := m.Private()
	if !m.FromBot() || !private && m.Room != c.Room {
		return
	}
	text := bot.Plain(*m.Body)
	if c.JSON {
		room := m.Room
		if private {
			room = webchat.Private
		}
		line, err := json.Marshal(heard{room, private, m.At, text, m.Body})
		if err != nil {
			fmt.Fprintln(io.err, "lianbang:", err)
			return
		}
		fmt.Fprintf(io.out, "%s\n", line)
		return
	}
	if private && c.Room != webchat.Private {
		text = "(私聊) " + text
	}
	fmt.Fprintln(io.out, text)
}

func roomName(room string) string {
	if room == webchat.Private {
		return "与机器人的私聊"
	}
	return room
}
