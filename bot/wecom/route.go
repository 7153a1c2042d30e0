package wecom

import (
	"context"
	"errors"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/bot/wecom/wire"
)

// mendTime is how long a lane waits for somebody to mend the app.
const mendTime = 5 * time.Minute

// ways are the channels that may reach the delivery's place now, the best first:
//
//   - what it answers: the callback that waits, the req_id of the connection, the response_url, the app's conversation;
//   - for a reminder that must ring, what rings in this group: the app's own group chat, the webhook;
//   - the AI bot's connection;
//   - for persons the app, for groups the app's own group chat, then the webhook.
func (s *sending) ways() (out []way) {
	out = s.answers()
	to, c := s.d.To, s.conf
	if to.Chat == "" {
		asked := s.ref.kind == refApp || s.ref.kind == refCode // through the app
		if c.App != nil && asked {
			out = append(out, s.byApp())
		}
		if c.connects() {
			out = append(out, s.byPush(s.people.botID(to.User), wire.Single))
		}
		if c.App != nil && !asked {
			out = append(out, s.byApp())
		}
		return out
	}
	ringing := s.ringing()
	urgent := s.d.Urgency != bot.Answer && len(mentioned(s.d.Body)) > 0
	if urgent {
		out = append(out, ringing...)
	}
	if c.connects() && !ownName(to.Chat) {
		out = append(out, s.byPush(string(to.Chat), wire.Group))
	}
	if !urgent {
		out = append(out, ringing...)
	}
	return out
}

// ownName reports whether a group's key is a name that the operator gave it, because the AI bot is not in it.
func ownName(chat bot.ChatKey) bool { return strings.Contains(string(chat), ":") }

// answers are the ways that the reference opens.
func (s *sending) answers() (out []way) {
	switch r := s.ref; r.kind {
	case refRespond:
		if s.conf.connects() {
			out = append(out, s.byRespond(r.id))
		}
	case refWelcome:
		if s.conf.connects() {
			out = append(out, s.byWelcome(r.id))
		}
	case refCall:
		if k, waits := s.calls.look(r.id); waits && k.kind != callClick {
			out = append(out, s.byCall(r.id, k.kind))
		}
	}
	if checkAddress(s.ref.url, "https", "http") == nil {
		out = append(out, s.byURL(s.ref.url))
	}
	return out
}

// ringing are the ways into a group by which members can be mentioned.
func (s *sending) ringing() (out []way) {
	chat := s.d.To.Chat
	if s.conf.App != nil {
		if id := s.conf.App.Chats[chat]; id != "" {
			out = append(out, s.byAppChat(id))
		}
	}
	for _, g := range s.conf.Groups {
		if g.Chat == chat {
			out = append(out, s.byHook(g.URL))
		}
	}
	return out
}

// answerClick puts the new state of a card in place of the one that was clicked, while that is possible, and gives what is
// still to be said, or instead. WeCom shows nothing in passing, so in a group the reply's text stands on the card. All read
// it there, or the message that comes instead, and none saw the click: it names who clicked. In private the text is a message.
func (s *sending) answerClick(ctx context.Context) (rest bot.Reply, done bool, err error) {
	r := s.d.Body
	if s.d.To.Chat != "" && s.d.To.User != "" && (r.InPlace || r.Card == nil) {
		r.Text = s.named(ctx, r.Text)
	}
	if !r.InPlace || r.Card == nil {
		return r, false, nil
	}
	silent := r
	silent.Text = ""
	looks := []bot.Reply{r, silent}
	if s.d.To.Chat == "" {
		looks = looks[1:]
	}
	for _, on := range looks {
		if on.Text == "" {
			rest = bot.Reply{Text: r.Text, Class: r.Class}
		}
		switch err = outcome(s.replace(ctx, on)); {
		case err == nil:
			return rest, rest.Empty(), nil
		case errors.Is(err, errUnknownOutcome):
			return r, false, err
		case !errors.Is(err, errUnfit):
			s.conf.Count("way_closed")
			s.conf.Logger.Debug("the clicked card is not replaced; it is said instead", "delivery", s.d.ID, "err", err)
			return wordsOf(r), false, nil
		}
	}
	return wordsOf(r), false, nil
}

// named is a text that says whom in the group it is for.
func (s *sending) named(ctx context.Context, text string) string {
	who := s.in.names(ctx, s.d.To.User)
	if text == "" || who == "" || strings.Contains(text, who) {
		return text
	}
	return who + "：" + text
}

// wordsOf is a reply whose card cannot take another's place: it is said without, if that says something.
func wordsOf(r bot.Reply) bot.Reply {
	if r.Text != "" {
		r.Card = nil
	}
	return r
}

// replace puts a card in place of the one that was clicked. errUnfit is a card that cannot stand there.
func (s *sending) replace(ctx context.Context, r bot.Reply) error {
	switch s.ref.kind {
	case refCall:
		return s.replaceClicked(ctx, r)
	case refCode:
		return s.replaceOnApp(ctx, r)
	}
	return errCallGone
}

// replaceClicked answers a click on a card of the AI bot. Without userids the card changes for everybody (101463).
func (s *sending) replaceClicked(ctx context.Context, r bot.Reply) error {
	k, waits := s.calls.look(s.ref.id)
	if !waits || k.kind != callClick {
		return errCallGone
	}
	c, ok := updatedCard(r, botMarkdown, k.task, s.conf.Home)
	if !ok {
		return errUnfit
	}
	return s.calls.answer(ctx, s.ref.id, map[string]any{"response_type": "update_template_card", "template_card": c})
}
