package wecom

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"lianbang/bot"
)

// asks is how replies ask for words: 报名回“报名 H1 人数”.
const asks = "回“"

// called makes the first words of a reply that ask for an answer say whom to mention: 报名 @联帮 回“报名 H1 人数”. In groups an
// AI bot hears nothing else (100719), and who reads a card there has not talked to it yet. A reply that names the bot already
// is left as it is.
func called(r bot.Reply, name string) bot.Reply {
	if name == "" || strings.Contains(bot.Plain(r), "@"+name) {
		return r
	}
	if text, ok := callIn(r.Text, name); ok || r.Card == nil {
		r.Text = text
		return r
	}
	for i, section := range r.Card.Sections {
		for j, line := range section.Lines {
			if line, ok := callIn(line, name); ok {
				card := *r.Card
				card.Sections = slices.Clone(card.Sections)
				card.Sections[i].Lines = slices.Clone(section.Lines)
				card.Sections[i].Lines[j] = line
				r.Card = &card
				return r
			}
		}
	}
	return r
}

// elsewhere adds to a reply that asks for an answer, and goes where nobody hears one, where to say it instead.
func elsewhere(r bot.Reply, name string) bot.Reply {
	if words := bot.Plain(r); !strings.Contains(words, asks) && (r.Card == nil || len(r.Card.Buttons) == 0 && r.Card.Form == nil) {
		return r
	}
	note := "这里收不到回复。"
	if name != "" {
		note = "这里收不到回复，请私聊机器人“" + name + "”。"
	}
	if r.Card == nil {
		r.Text += "\n" + note
		return r
	}
	card := *r.Card
	card.Sections = append(slices.Clip(card.Sections), bot.Section{Lines: []string{note}})
	r.Card = &card
	return r
}

// callIn names the bot where a text asks for an answer.
func callIn(text, name string) (string, bool) {
	before, after, ok := strings.Cut(text, asks)
	if !ok {
		return text, false
	}
	if last, _ := utf8.DecodeLastRuneInString(before); unicode.IsLetter(last) || unicode.IsDigit(last) {
		before += " "
	}
	return before + "@" + name + " " + asks + after, true
}

// calledOut is a reply that goes out in words: the line for its buttons names the bot, where no other does.
func calledOut(r bot.Reply, name string) bot.Reply {
	if name == "" || r.Card == nil || len(r.Card.Buttons) == 0 || strings.Contains(bot.Plain(r), "@"+name) {
		return r
	}
	card := *r.Card
	if commands, ok := strings.CutPrefix(typed(r), "可"); ok {
		card.Sections = append(slices.Clip(card.Sections), bot.Section{Lines: []string{"可 @" + name + " " + commands}})
	}
	card.Buttons = nil
	r.Card = &card
	return r
}
