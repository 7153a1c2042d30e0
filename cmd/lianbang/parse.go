package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"lianbang/understand"
	"lianbang/zhtime"
)

// parseCommands are the coordinators' debugging tool, and the interface by which the understanding is measured.
type parseCommands struct {
	Explain parseExplain `cmd:"" default:"withargs" help:"Explain in Chinese how a sentence is understood, span by span."`
	When    parseWhen    `cmd:"" help:"Read JSON lines {id, text, ref} and answer with the times that the sentences are about."`
	Message parseMessage `cmd:"" help:"Read JSON lines {id, text, ref} and answer with intents and fields."`
}

type parseExplain struct {
	Sentence []string `arg:"" help:"The sentence."`
	Now      string   `help:"The moment of speaking: 2026-12-04T15:30." placeholder:"TIME"`
}

// Run implements the command parse.
func (p *parseExplain) Run(cli *commands, io console) error {
	cfg, err := cli.load()
	if err != nil {
		return err
	}
	now := time.Now
	if fixed, err := fixedClock(p.Now, cfg.zone); err != nil {
		return err
	} else if fixed != nil {
		now = fixed
	}
	fmt.Fprintln(io.out, understand.Explain(strings.Join(p.Sentence, " "), now().In(cfg.zone), nil))
	return nil
}

type parseWhen struct{}

// Run implements the command parse when.
func (*parseWhen) Run(cli *commands, io console) error {
	return eachQuestion(cli, io, func(q question) any { return zhtime.AnswerTo(q.ID, q.Text, q.ref, nil) })
}

type parseMessage struct{}

// Run implements the command parse message.
func (*parseMessage) Run(cli *commands, io console) error {
	return eachQuestion(cli, io, func(q question) any { return understand.Answer(q.ID, q.Text, q.ref) })
}

// question is one line of input: a text, and the moment at which it was said.
type question struct {
	ID   string `json:"id"`
	Text string `json:"text"`
	Ref  string `json:"ref"`
	ref  time.Time
}

// eachQuestion answers JSON lines with JSON lines in the same order.
func eachQuestion(cli *commands, io console, answer func(question) any) error {
	cfg, err := cli.load()
	if err != nil {
		return err
	}
	in := bufio.NewScanner(io.in)
	in.Buffer(make([]byte, 64<<10), maxLine)
	out := bufio.NewWriter(io.out)
	encode := json.NewEncoder(out)
	encode.SetEscapeHTML(false)
	for n := 1; in.Scan(); n++ {
		if strings.TrimSpace(in.Text()) == "" {
			continue
		}
		var q question
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			return errors.Join(fmt.Errorf("第%d行不是 JSON，要写成 {\"id\": \"1\", \"text\": \"…\", \"ref\": \"2026-12-04T15:30:00+08:00\"}：%w", n, err), out.Flush())
		}
		if q.ref, err = time.Parse(time.RFC3339, q.Ref); err != nil {
			return errors.Join(fmt.Errorf("第%d行：ref 要写成 2026-12-04T15:30:00+08:00 这样的时间：%w", n, err), out.Flush())
		}
		q.ref = q.ref.In(cfg.zone)
		if err := encode.Encode(answer(q)); err != nil {
			return err
		}
	}
	return errors.Join(in.Err(), out.Flush())
}
