package webchat

import (
	"context"
	"errors"
	"slices"
	"testing"

	"lianbang/bot"
	"lianbang/bot/bottest"
)

// TestConformance passes the suite of every adapter. The web chat is its own platform, so there is no fake.
func TestConformance(t *testing.T) {
	bottest.Adapter(t, func(t *testing.T) bottest.Subject {
		a := newAdapter(t, t.TempDir())
		return bottest.Subject{
			Adapter: a, Group: bot.Address{Platform: Platform, Account: "local", Chat: "光电信息群"}, User: "王工",
			Push: func(ctx context.Context, id string, direct bool, text string) (bool, error) {
				room := "光电信息群"
				if direct {
					room = Private
				}
				err := a.Say(ctx, "王工", room, id, text)
				if errors.Is(err, errStopping) {
					return false, err
				}
				return err == nil, nil
			},
			Shown: func() []bottest.Shown { return shown(a) },
		}
	})
}

// shown lists what the bot sent, as 王工 would read it in any room he can see.
func shown(a *Adapter) (out []bottest.Shown) {
	_, pages := a.hub.listen("王工", nil, false, nil)
	for room, p := range pages {
		where := room
		if owner := directOwner(room); owner != "" {
			where = "私聊 " + owner
		}
		for _, m := range p.Messages {
			if m.FromBot() {
				out = append(out, bottest.Shown{Where: where, Text: bot.Plain(*m.Body)})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b bottest.Shown) int { return len(a.Where) - len(b.Where) })
	return out
}
