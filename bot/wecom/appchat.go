package wecom

import (
	"context"
	"net/http"

	"lianbang/bot"
)

// byAppChat sends to a group chat that the app made (90248): no cards, no ids of messages, and nobody hears what is said
// there.
func (s *sending) byAppChat(chatID string) way {
	return way{name: "appchat", words: chatDialect, deaf: !s.hearsGroup(), upload: s.uploadByApp,
		post: func(ctx context.Context, m message, _ string) error {
			_, err := s.call(ctx, request{method: http.MethodPost, address: "appchat/send", body: m.fields(map[string]any{"chatid": chatID})})
			return err
		}}
}

// chatDialect is text where there is nothing to mark up and it fits one message, else markdown.
func chatDialect(r bot.Reply) dialect {
	if r.Card == nil && len(markdown(r, chatText)) <= 1 {
		return chatText
	}
	return chatMarkdown
}
