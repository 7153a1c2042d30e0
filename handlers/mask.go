package handlers

import (
	"strings"

	"lianbang/bot"
	"lianbang/consortium"
)

// What an answer says when numbers were left out.
const (
	hidNumber = "证件号、账号我没有留，请线下给承办人。"
	hidResult = "证件号、账号我没有留，请线下给企业。"
	hidPhone  = "群里的手机号我没有留，要留给承办人请私聊我。"
)

// hide takes out of a text from outside what is never kept. note says so, "" when there was nothing of the kind.
func hide(c *call, text string) (kept, note string) {
	kept, found := consortium.Mask(text)
	if found || c.Masked {
		note = hidNumber
	}
	if !c.Event.Direct {
		var phone bool
		if kept, phone = consortium.MaskPhones(kept); phone {
			note += hidPhone
		}
	}
	return kept, note
}

// also puts a note behind an answer.
func also(text, note string) string {
	if note == "" {
		return text
	}
	return text + "\n" + note
}

// written is the call's text as it was typed, now or before the question that is answered: commands are read with full-width
// signs folded.
func written(c *call) string {
	text := []rune(c.Text)
	for _, typed := range [][]rune{[]rune(c.Event.Text), []rune(c.Line)} {
		if len(text) > len(typed) {
			continue
		}
		if tail := string(typed[len(typed)-len(text):]); bot.Fold(tail) == c.Text {
			return strings.TrimSpace(tail)
		}
	}
	return c.Text
}
