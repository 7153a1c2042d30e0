package handlers

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/zhtime"
)

// digest is 周报 on demand: the same figures as the weekly one, up to now.
func (d *Desk) digest(s Store, c *call) (bot.Reply, error) {
	into, asked, err := d.home(s, c, c.Draft)
	if asked != nil || err != nil {
		return reply(asked), err
	}
	from := d.Period(c.Now)
	last, err := s.LastDigest(into.ID)
	switch {
	case err == nil && last.Cut.To.After(from):
		from = last.Cut.To
	case err != nil && !errors.Is(err, consortium.ErrNotFound):
		return bot.Reply{}, fmt.Errorf("load last digest: %w", err)
	}
	// What happened at this very moment counts, too.
	to := c.Now.Add(time.Microsecond)
	cut, err := consortium.BuildCut(s, into, from, to, to)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("build cut: %w", err)
	}
	return d.Digest(cut), nil
}

// Digest is the reading of a cut for a group: no names of people, no amounts.
func (d *Desk) Digest(cut consortium.Cut) bot.Reply {
	card := bot.Card{Title: digestTitle(cut.Consortium), Tone: bot.Info}
	_, week := cut.To.ISOWeek()
	now := cut.To
	card.Sections = append(card.Sections, bot.Section{Lines: []string{
		fmt.Sprintf("第%d周 %s – %s", week, zhtime.Format(cut.From, now, d.Calendar), zhtime.Format(cut.To, now, d.Calendar)),
	}})
	add := func(heading string, lines ...string) {
		if len(lines) > 0 {
			card.Sections = append(card.Sections, bot.Section{Heading: heading, Lines: lines})
		}
	}
	add("本周办了", d.heldLines(cut)...)
	add("诉求", needCountLines(cut)...)
	add("接下来", d.comingLines(cut)...)
	hint := comingHint(cut)
	if len(card.Sections) == 1 {
		add("", "本周没有活动和诉求，接下来七天也还没有安排。")
		hint = "要办活动直接说“登记活动 …”。"
	}
	add("", "统计截止 "+zhtime.Format(cut.To, now, d.Calendar)+"；诉求按受理和企业确认的时间计。")
	return bot.Reply{Card: &card, Hint: hint}
}

func digestTitle(name string) string {
	if strings.HasSuffix(name, "联合体") {
		return name + " 周报"
	}
	return name + "党建联合体 周报"
}

func (d *Desk) heldLines(cut consortium.Cut) (lines []string) {
	if len(cut.Held) == 0 && cut.PreviousHeld == 0 {
		return nil
	}
	total := fmt.Sprintf("活动 %d 场(上期 %d)，报名 %d 人次", len(cut.Held), cut.PreviousHeld, cut.People)
	if cut.Photos > 0 {
		total += fmt.Sprintf("，照片 %d 张", cut.Photos)
	}
	lines = append(lines, total)
	for i, a := range cut.Held {
		if i == 5 {
			lines = append(lines, fmt.Sprintf("…另 %d 场", len(cut.Held)-i))
			break
		}
		lines = append(lines, fmt.Sprintf("%s %s %s", code(a.ID), a.Title, zhtime.FormatDay(a.Start.In(cut.To.Location()), d.Calendar)))
	}
	return lines
}

func needCountLines(cut consortium.Cut) (lines []string) {
	received, closed := 0, 0
	var in, out []string
	for _, n := range cut.Needs {
		received, closed = received+n.Received, closed+n.Closed
		if n.Received > 0 {
			in = append(in, fmt.Sprintf("%s %d", n.Category, n.Received))
		}
		if n.Closed > 0 {
			out = append(out, fmt.Sprintf("%s %d", n.Category, n.Closed))
		}
	}
	if received+closed+cut.Open == 0 {
		return nil
	}
	lines = append(lines, fmt.Sprintf("新增 %d 件，办结 %d 件，在办 %d 件", received, closed, cut.Open))
	if len(in) > 0 {
		lines = append(lines, "新增："+strings.Join(in, "、"))
	}
	if len(out) > 0 {
		lines = append(lines, "办结："+strings.Join(out, "、"))
	}
	return lines
}

// mostComing is how many coming activities a digest names.
const mostComing = 5

func (d *Desk) comingLines(cut consortium.Cut) (lines []string) {
	for i, a := range cut.Coming {
		if i == mostComing {
			return append(lines, fmt.Sprintf("…另 %d 场", len(cut.Coming)-i))
		}
		line := fmt.Sprintf("%s %s %s %s", code(a.ID), a.Title, zhtime.Format(a.Start.In(cut.To.Location()), cut.To, d.Calendar), placeSaid(a.Place))
		if free := a.Capacity - a.Seats; a.Capacity > 0 && free > 0 {
			line += fmt.Sprintf("，余 %d 位", free)
		}
		lines = append(lines, line)
	}
	return lines
}

// comingHint says how to sign up for the activities with free places that a digest names, and how to see those that it
// doesn't.
func comingHint(cut consortium.Cut) string {
	var hints, free []string
	for _, a := range cut.Coming[:min(len(cut.Coming), mostComing)] {
		if a.Capacity > a.Seats {
			free = append(free, code(a.ID))
		}
	}
	switch len(free) {
	case 0:
	case 1:
		hints = append(hints, "报名回“报名 "+free[0]+" 人数”")
	default:
		hints = append(hints, "报名回“报名 编号 人数”")
	}
	if len(cut.Coming) > mostComing {
		hints = append(hints, "看全部回“活动”")
	}
	return strings.Join(hints, " · ")
}
